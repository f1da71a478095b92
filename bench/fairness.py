"""`make bench-fairness`: whether the well suffer from the sick, and a person's click from a long queue.

One hub of real processes mirrors 20 healthy homes, one that drips for ever, one that answers 500, and one that has
fallen silent; each has a schedule of 60 s. First: how late each slot of the healthy began. Then 2,000 syncs wait in the
queue, and a person tests connections: how long from the request until the job runs. Prints one JSON line; exit code 1
if a limit does not hold.
"""

import argparse
import json
import math
import secrets
import signal
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.home import run_inside, simulated_street
from bench.report import Limit, broken, percentile, tell
from hi.integration.core.slots import slot_at
from tests.chaos.house import as_seconds
from tests.e2e.hub import Hub, running_hub, wait_until

INTERVAL_SECONDS = 60
LATEST_SECONDS = 0.1 * INTERVAL_SECONDS
LIMITS = (
    Limit("slots", 1, "the number of slots seen", at_least=True),
    Limit("missed", 0, "the number of slots of healthy homes that were missed"),
    Limit("worst_delay_seconds", LATEST_SECONDS, "the longest delay from a healthy home's slot to its sync (in s)"),
    Limit("control_start_p95_ms", 500, "the time from a click to RUNNING behind a long queue (p95, in ms)"),
)
SLOTS = """
    SELECT instance_id, slot_at, started_at FROM integration_job WHERE slot_at IS NOT NULL AND started_at IS NOT NULL
"""
QUEUED = "SELECT COUNT(*) FROM integration_job WHERE kind = 'sync' AND status = 'QUEUED'"
SETTLED_SECONDS = 120


def main() -> int:
    options = _options()
    # So that what it started ends with it, however it is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    token = secrets.token_urlsafe(32)
    with (
        tempfile.TemporaryDirectory(prefix="hi-fair-") as name,
        simulated_street(options.healthy, token) as (urls, process),
        running_hub(Path(name)) as hub,
    ):
        ids = json.loads(run_inside(hub, "connect", str(INTERVAL_SECONDS), told=urls, HI_DEMO_TOKEN=token))
        for instance_id in ids.values():
            hub.wait_for_status(instance_id, "ACTIVE", SETTLED_SECONDS)
        process.send_signal(signal.SIGUSR1)
        healthy = [pk for name, pk in ids.items() if name.startswith("healthy")]
        figures: dict[str, object] = {"healthy": len(healthy), **_measure_slots(hub, healthy, options.seconds)}
        figures["sick"] = {name: _count_failures(hub, pk) for name, pk in ids.items() if pk not in healthy}
        crowd = urls["silent" if options.crowd == "silent" else "nameless"]
        figures |= _measure_clicks(hub, healthy, options.clicks, options.queued, crowd)
    tell({**figures, "seconds": options.seconds, "clicks": options.clicks, "crowd": options.crowd})
    return int(broken(figures, LIMITS, "fairness"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.fairness", description="Measure who waits for whom.")
    parser.add_argument("--seconds", type=float, default=240, help="how long to watch the schedules (default 240)")
    parser.add_argument("--healthy", type=int, default=20, help="how many healthy homes (default 20)")
    parser.add_argument("--queued", type=int, default=2000, help="how many syncs wait (default 2000)")
    parser.add_argument("--clicks", type=int, default=40, help="how many (default 40)")
    parser.add_argument(
        "--crowd",
        choices=["silent", "healthy"],
        default="healthy",
        help="whose syncs wait: of a home that never answers, or of one that does at once (default healthy)",
    )
    return parser.parse_args()


def _measure_slots(hub: Hub, healthy: list[int], seconds: float) -> dict[str, object]:
    """How many seconds after its slot each scheduled sync of the healthy began. One that joined a sync still waiting
    when the next came is missed."""
    began = time.time()
    time.sleep(seconds)
    ended = time.time()
    time.sleep(LATEST_SECONDS + 1)  # what lies near the end may be as late as that
    rows = hub.query(SLOTS)
    started = {(pk, round(as_seconds(slot))): as_seconds(at) for pk, slot, at in rows if pk in healthy}
    wanted = [(pk, slot) for pk in healthy for slot in _slots_between(began, ended, pk)]
    delays = [started[slot] - slot[1] for slot in wanted if slot in started]
    return {
        "slots": len(wanted),
        "missed": len(wanted) - len(delays),
        "worst_delay_seconds": round(max(delays, default=0.0), 2),
        "delay_p50_seconds": round(percentile(delays, 50), 2) if delays else None,
    }


def _slots_between(began: float, ended: float, instance_id: int) -> range:
    """When they are, by hi's own rule."""
    last = slot_at(datetime.fromtimestamp(began, UTC), INTERVAL_SECONDS, instance_id)
    return range(round(last.timestamp()) + INTERVAL_SECONDS, math.floor(ended) + 1, INTERVAL_SECONDS)


def _count_failures(hub: Hub, instance_id: int) -> dict[str, float]:
    """Its syncs that failed, and how long the longest of them kept a thread: that it was as sick as it should be."""
    failed = """
        SELECT started_at, ended_at FROM integration_job WHERE kind = 'sync' AND status = 'FAILED' AND instance_id = ?
    """
    took = [as_seconds(ended) - as_seconds(began) for began, ended in hub.query(failed, instance_id)]
    return {"failed": len(took), "longest_seconds": round(max(took, default=0.0), 1)}


def _measure_clicks(hub: Hub, healthy: list[int], clicks: int, queued: int, url: str) -> dict[str, object]:
    """Milliseconds from each request until its job ran, one after another, while the others wait."""
    run_inside(hub, "queue", str(queued), url, str(hub.pid("worker")))
    before = hub.query(QUEUED)[0][0]
    starts = [_click(hub, healthy[number % len(healthy)]) for number in range(clicks)]
    return {
        "control_start_p50_ms": round(percentile(starts, 50), 1),
        "control_start_p95_ms": round(percentile(starts, 95), 1),
        "queued_syncs": before,
        "queued_syncs_after": hub.query(QUEUED)[0][0],
    }


def _click(hub: Hub, instance_id: int) -> float:
    clicked_at = time.time()
    job = hub.post(f"integrations/{instance_id}/test")
    key = str(job["id"]).replace("-", "")

    def ended() -> object:
        row = "SELECT started_at FROM integration_job WHERE id = ? AND ended_at IS NOT NULL"
        return hub.query(row, key)

    # Its row tells when it began: however late we look, the figure is the same.
    found = wait_until(ended, "the connection test ends", 30)
    return (as_seconds(found[0][0]) - clicked_at) * 1000


if __name__ == "__main__":
    sys.exit(main())
