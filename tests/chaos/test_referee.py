"""The referee sees what it is there to see. Expected verdicts are by hand."""

from dataclasses import replace

import pytest

from tests.chaos.referee import Evidence, JobRow, LeaseRow, RunRow, Shown, find_dark, judge

pytestmark = pytest.mark.pure

SHOWN = Shown("Lamp", "Power", "20.0", "W", "good")


def slot(name: str, at: float, slots: int = 1, missed: int = 0) -> JobRow:
    return JobRow(name, "sync", "SUCCEEDED", "schedule", 1, at, at + 1, at, slots, missed)


def run(number: int, job: str, at: float, epoch: int) -> RunRow:
    return RunRow(number, job, 1, "applied", at + 0.5, epoch)


@pytest.fixture
def good() -> Evidence:
    """An instance with slots at 100, 110 and 120, each run once."""
    return Evidence(
        jobs=[slot("a", 100), slot("b", 110), slot("c", 120)],
        runs=[run(1, "a", 100, 1), run(2, "b", 110, 3), run(3, "c", 120, 4)],
        leases=[LeaseRow(1, "listen", "listener@here", 2)],
        instances={1: "ACTIVE"},
        intervals={1: 10.0},
        stopped_at=125.0,
        alive=frozenset({"listener@here"}),
        source={1: {"sensor.power": SHOWN}},
        mirror={1: {"sensor.power": SHOWN}},
        queues={"sync": 1},
    )


def verdicts(evidence: Evidence) -> list[str]:
    return [finding.verdict for finding in judge(evidence)]


def test_a_good_run_is_found_good(good: Evidence) -> None:
    assert judge(good) == []


@pytest.mark.parametrize("status", ["QUEUED", "RUNNING"])
def test_a_job_that_has_not_ended_is_stuck(good: Evidence, status: str) -> None:
    good.jobs = [*good.jobs, JobRow("d", "deactivate", status, "user", 1, 101)]
    assert verdicts(good) == ["stuck"]


def test_a_camera_that_cannot_be_seen_is_lost(good: Evidence) -> None:
    good.unseen = ["camera 7: 503"]
    assert verdicts(good) == ["lost"]


def test_a_job_applied_twice_is_duplicated(good: Evidence) -> None:
    good.runs = [*good.runs, run(4, "c", 121, 5)]
    assert verdicts(good) == ["duplicated"]


def test_a_failed_try_before_the_run_is_no_duplicate(good: Evidence) -> None:
    good.runs = [*good.runs, replace(run(4, "c", 119, 4), outcome="failed")]
    assert verdicts(good) == []


def test_a_job_that_claims_success_without_a_run_is_lost(good: Evidence) -> None:
    good.runs = good.runs[:2]
    assert verdicts(good) == ["lost"]


def test_a_run_after_that_of_a_later_epoch_is_duplicated(good: Evidence) -> None:
    good.runs = [run(1, "a", 100, 1), run(2, "b", 110, 4), run(3, "c", 120, 3)]
    assert verdicts(good) == ["duplicated"]


def test_a_run_while_a_later_epoch_is_held_is_duplicated(good: Evidence) -> None:
    good.seen = {("sync lease of 1", 4): 115.0, ("sync lease of 1", 5): 118.0}
    assert verdicts(good) == ["duplicated"]


def test_a_slot_nobody_accounts_for_is_lost(good: Evidence) -> None:
    good.jobs = [slot("a", 100), slot("c", 120)]
    good.runs = [run(1, "a", 100, 1), run(3, "c", 120, 4)]
    assert verdicts(good) == ["lost"]


def test_a_slot_that_joined_a_waiting_job_is_accounted_for(good: Evidence) -> None:
    good.jobs = [slot("a", 100), slot("c", 120, slots=2)]
    good.runs = [run(1, "a", 100, 1), run(3, "c", 120, 4)]
    assert verdicts(good) == []


def test_a_slot_that_ran_twice_is_duplicated(good: Evidence) -> None:
    good.jobs = [slot("a", 100), slot("b", 110), slot("c", 110), slot("d", 120)]
    good.runs = [*good.runs, run(4, "d", 120, 5)]
    assert verdicts(good) == ["duplicated"]


def test_a_missed_slot_needs_a_time_without_a_leader(good: Evidence) -> None:
    good.jobs = [slot("a", 100), slot("c", 120, slots=1, missed=1)]
    good.runs = [run(1, "a", 100, 1), run(3, "c", 120, 4)]
    assert verdicts(good) == ["lost"]
    good.dark = [(108.0, 112.0)]
    assert verdicts(good) == []


def test_a_breaker_that_holds_calls_back_is_a_reason_too(good: Evidence) -> None:
    good.jobs = [slot("a", 100), slot("c", 120, slots=1, missed=1)]
    good.runs = [run(1, "a", 100, 1), run(3, "c", 120, 4)]
    good.held = {1: [(109.0, 119.0)]}
    assert verdicts(good) == []
    good.held = {2: [(109.0, 119.0)]}
    assert verdicts(good) == ["lost"]


def test_what_a_wrong_clock_touched_is_not_held_against_anybody(good: Evidence) -> None:
    ahead, behind = slot("ahead", 3710, missed=350), slot("behind", 20, missed=0)
    good.jobs = [slot("a", 100), ahead, behind, slot("c", 120)]
    good.runs = [run(1, "a", 100, 1), run(3, "c", 120, 4), run(4, "ahead", 110, 5), run(5, "behind", 111, 6)]
    good.steps = [(108.0, 112.0), (3708.0, 3712.0), (18.0, 22.0)]
    assert verdicts(good) == []


def test_slots_end_and_begin_again_with_their_instance(good: Evidence) -> None:
    good.jobs = [slot("a", 100), slot("c", 123)]
    good.runs = [run(1, "a", 100, 1), run(3, "c", 123, 4)]
    good.off = {1: [(105.0, 113.0)]}
    assert verdicts(good) == []


def test_a_schedule_that_has_fallen_silent_is_lost(good: Evidence) -> None:
    good.stopped_at = 150.0
    assert verdicts(good) == ["lost"]


@pytest.mark.parametrize("mirror", [{}, {"sensor.power": replace(SHOWN, value="21.0")}, {"sensor.old": SHOWN}])
def test_a_mirror_that_shows_something_else_has_lost(good: Evidence, mirror: dict[str, Shown]) -> None:
    good.mirror = {1: mirror}
    assert set(verdicts(good)) == {"lost"}


def test_a_lease_of_the_dead_is_stuck(good: Evidence) -> None:
    good.alive = frozenset({"listener2@here"})
    assert verdicts(good) == ["stuck"]


def test_a_sync_lease_that_nobody_needs_is_stuck(good: Evidence) -> None:
    good.leases = [*good.leases, LeaseRow(1, "sync", "worker@here", 9)]
    assert verdicts(good) == ["stuck"]


def test_an_instance_nobody_listens_to_is_lost(good: Evidence) -> None:
    good.leases = []
    assert verdicts(good) == ["lost"]


def test_a_queue_without_bounds_and_a_process_left_behind_are_stuck(good: Evidence) -> None:
    good.queues, good.leftovers = {"sync": 400}, ["celery worker"]
    assert verdicts(good) == ["stuck", "stuck"]


def test_only_a_full_disk_excuses_a_process_that_ends_by_itself(good: Evidence) -> None:
    good.deaths = [("worker", 111.0)]
    assert verdicts(good) == ["lost"]
    good.disk_full = [(110.0, 115.0)]
    assert verdicts(good) == []


def test_it_is_dark_while_a_lease_runs_out_and_while_all_beats_are_down() -> None:
    assert find_dark({"beat": [(10.0, 60.0)], "beat2": []}, 15) == [(10.0, 25.0)]
    dark = find_dark({"beat": [(10.0, 60.0)], "beat2": [(40.0, 50.0)]}, 15)
    assert (40.0, 65.0) in dark
