"""docs/zoneminder.md says what the integration does."""

import pytest

from scripts.tables import fill
from scripts.zoneminder_page import PAGE, build_tables

pytestmark = pytest.mark.pure


def test_the_tables_are_those_of_the_integration() -> None:
    assert fill(PAGE.read_text(), build_tables()) == PAGE.read_text(), (
        "write them anew: python -m scripts.zoneminder_page"
    )
