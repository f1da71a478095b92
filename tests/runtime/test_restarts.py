import pytest

from hi.runtime.restarts import RestartPolicy

pytestmark = pytest.mark.pure


def test_delays_double_up_to_the_cap() -> None:
    policy = RestartPolicy(max_crashes=100)
    assert [policy.next_delay(0, 1) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]


def test_the_fifth_crash_within_a_minute_is_the_last() -> None:
    policy = RestartPolicy()
    assert [policy.next_delay(at, at + 1) for at in (0, 2, 5, 10, 19)] == [1, 2, 4, 8, None]


def test_five_crashes_spread_over_more_than_a_minute_go_on() -> None:
    policy = RestartPolicy()
    assert [policy.next_delay(at, at + 1) for at in (0, 20, 40, 60, 80)] == [1, 2, 4, 8, 16]


def test_a_child_that_worked_for_more_than_a_minute_starts_over_with_short_delays() -> None:
    policy = RestartPolicy()
    for at in (0, 2, 5):
        policy.next_delay(at, at + 1)
    assert policy.next_delay(10, 71) == 1
