from itertools import islice

import pytest

from hi.integration.core.backoff import delays

pytestmark = pytest.mark.pure


def test_waits_double_up_to_the_cap() -> None:
    longest = delays(lambda _low, high: high, first_seconds=1, cap_seconds=20)
    assert list(islice(longest, 7)) == [1, 2, 4, 8, 16, 20, 20]


def test_waits_are_drawn_between_half_and_whole() -> None:
    shortest = delays(lambda low, _high: low, first_seconds=1, cap_seconds=20)
    assert list(islice(shortest, 3)) == [0.5, 1, 2]
