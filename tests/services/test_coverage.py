"""How much of each integration its tests run: `make coverage` measures it, and says so."""

from pathlib import Path

import pytest

from hi.testing.coverage import ENOUGH_PERCENT, measure

TESTS = Path(__file__).parent
INTEGRATIONS = sorted(path.parent.name for path in TESTS.glob("*/test_conformance.py"))


@pytest.mark.coverage
@pytest.mark.parametrize("name", INTEGRATIONS)
def test_the_tests_of_an_integration_run_more_than_95_percent_of_its_lines(name: str) -> None:
    print(f"\n{name}: running its tests …", flush=True)
    found = measure(f"hi.services.{name}", TESTS / name)
    print(f"{name}: its tests run {found}.")
    assert found.percent > ENOUGH_PERCENT
