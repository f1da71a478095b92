"""`make bench-control`: how long from a person's wish until the state that follows confirms it.

One hub of real processes mirrors a healthy home, while 2,000 syncs of others wait in the queue and run. A light there
is turned on and off through the API, one command after the other. Times count from before the request; its row tells
when a command was sent, acknowledged and confirmed. With `--real` that home is a real Home Assistant, as in
`make test-real`. Prints one JSON line; exit code 1 if a limit does not hold.
"""

import argparse
import json
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.home import run_inside, simulated_home, simulated_street
from bench.report import Limit, broken, percentile, tell
from tests.chaos.house import as_seconds
from tests.e2e.hub import RARELY, Hub, running_hub, wait_until
from tests.real.server import running_server

LIMITS = (
    Limit("confirmed_p95_ms", 500, "the time from a command's request until it was confirmed (p95, in ms)"),
    Limit("not_confirmed", 0, "the number of commands that were not confirmed"),
)
QUEUED = "SELECT COUNT(*) FROM integration_job WHERE kind = 'sync' AND status = 'QUEUED'"
STEPS = ("sent_at", "acknowledged_at", "ended_at")
TIMES = f"SELECT {', '.join(STEPS)} FROM integration_command WHERE id = ? AND status = 'CONFIRMED'"
SETTLED_SECONDS = 120


def main() -> int:
    options = _options()
    # So that what it started ends with it, however it is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    token = secrets.token_urlsafe(32)
    with (
        tempfile.TemporaryDirectory(prefix="hi-control-") as name,
        simulated_street(0, token) as (urls, process),
        _measured_home(options, token) as (url, its_token),
        running_hub(Path(name)) as hub,
    ):
        crowds = _connect(hub, {name: urls[name] for name in ("nameless", "silent")}, token)
        home_id = _connect(hub, {"home": url}, its_token)["home"]
        for instance_id in (*crowds.values(), home_id):
            hub.wait_for_status(instance_id, "ACTIVE", SETTLED_SECONDS)
        process.send_signal(signal.SIGUSR1)
        crowd = urls["silent" if options.crowd == "silent" else "nameless"]
        run_inside(hub, "queue", str(options.queued), crowd, str(hub.pid("worker")))
        figures: dict[str, object] = {"queued_syncs": hub.query(QUEUED)[0][0]}
        # Whoever is not heard takes no commands; the crowd's arrival may have cost a listener its line.
        wait_until(lambda: hub.instance(home_id)["is_live"], "the home is live", SETTLED_SECONDS)
        light, first = _find_light(hub, home_id)
        words = (first, "off" if first == "on" else "on")
        took = [_set(hub, light, words[number % 2]) for number in range(options.commands)]
        figures |= {"not_confirmed": sum(not each for each in took), **_tell_times([each for each in took if each])}
        figures["queued_syncs_after"] = hub.query(QUEUED)[0][0]
    tell({**figures, "commands": options.commands, "crowd": options.crowd, "real": options.real})
    if options.queued and not figures["queued_syncs_after"]:
        raise SystemExit("bench: the queue was empty before the last command; let more syncs wait, or set less often.")
    return int(broken(figures, LIMITS, "control"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.control", description="Measure how soon a light is on.")
    parser.add_argument("--queued", type=int, default=2000, help="how many syncs wait (default 2000)")
    parser.add_argument("--commands", type=int, default=100, help="how many (default 100)")
    parser.add_argument(
        "--crowd",
        choices=["silent", "healthy"],
        default="healthy",
        help="whose syncs wait: of a home that never answers, or of one that does at once (default healthy)",
    )
    parser.add_argument("--real", action="store_true", help="set the light of a real Home Assistant")
    return parser.parse_args()


@contextmanager
def _measured_home(options: argparse.Namespace, token: str) -> Iterator[tuple[str, str]]:
    """The address and the token of the home whose light is set, in a process of its own."""
    if options.real:
        with running_server() as server:
            yield server.url, server.token
        return
    with simulated_home(token, "--home", "small", "--rate", "0.5") as port:
        yield f"http://127.0.0.1:{port}", token


def _connect(hub: Hub, homes: dict[str, str], token: str) -> dict[str, int]:
    """Their ids, by name."""
    ids: dict[str, int] = json.loads(run_inside(hub, "connect", str(RARELY), told=homes, HI_DEMO_TOKEN=token))
    return ids


def _find_light(hub: Hub, instance_id: int) -> tuple[int, str]:
    """The state of a light there, and the word that it does not say now."""
    for entity in hub.get(f"entities?integration={instance_id}&limit=500")["items"]:
        for state in entity["states"]:
            if str(state["address"]).startswith("light.") and state["is_primary"] and state["quality"] == "good":
                return int(state["id"]), "on" if state["value"] == "off" else "off"
    raise SystemExit("bench: the home has no light to turn on.")


def _set(hub: Hub, state_id: int, value: str) -> list[float]:
    """Milliseconds until it was answered and until each of its steps; nothing if it was not confirmed."""
    begin = time.time()
    command = hub.post("commands", {"state": state_id, "value": value})
    answered = time.time()
    address = f"commands/{command['id']}"
    wait_until(lambda: hub.get(address)["ended_at"], "the command ends", 60)
    # Its row tells when it ended: however late we look, the figure is the same.
    rows = hub.query(TIMES, str(command["id"]).replace("-", ""))
    return [(moment - begin) * 1000 for row in rows for moment in (answered, *map(as_seconds, row))]


def _tell_times(took: list[list[float]]) -> dict[str, object]:
    return {
        f"{what}_p{percent}_ms": round(percentile(times, percent), 1)
        for what, times in zip(("answered", "sent", "acknowledged", "confirmed"), zip(*took, strict=True), strict=False)
        for percent in (50, 95)
    }


if __name__ == "__main__":
    sys.exit(main())
