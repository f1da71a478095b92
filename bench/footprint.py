"""`make bench-footprint`: what the whole of hi takes of the machine while a home of 2,000 entities lives.

Everything that `make run` starts is counted, supervisor and Redis server included; the simulated home is not.
Prints one JSON line; exit code 1 if a limit does not hold.
"""

import argparse
import secrets
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.home import simulated_home
from bench.proc import Use, differences, look
from bench.report import Limit, broken, tell
from tests.runtime.whole import Hi

LIMITS = (
    Limit("pss_mb", 600, "the memory (PSS in sum, in MB)"),
    Limit("cpu_percent", 5, "the mean CPU (in percent of one core)"),
)
ACTIVE_SECONDS = 120


def main() -> int:
    options = _options()
    # So that what it started ends with it, however it is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    token = secrets.token_urlsafe(32)
    home = ("--entities", str(options.entities), "--rate", f"{options.rate:g}")
    with (
        tempfile.TemporaryDirectory(prefix="hi-foot-") as name,
        simulated_home(token, *home) as port,
        _whole_hi(Path(name) / "data") as hi,
    ):
        done = hi.run("-m", "manage", "demo_home", HI_DEMO_TOKEN=token, HI_DEMO_PORT=str(port), **_production())
        assert done.returncode == 0, done.stderr
        mirrored = _wait_until_live(hi)
        time.sleep(options.warm_up)
        figures = _measure(hi, options.seconds) | mirrored
    tell(figures)
    return int(broken(figures, LIMITS, "footprint"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.footprint", description="Measure what hi takes.")
    parser.add_argument("--seconds", type=float, default=300, help="how long to measure (default 300)")
    parser.add_argument("--warm-up", type=float, default=30, help="how long to wait before, in seconds (default 30)")
    parser.add_argument("--entities", type=int, default=2000, help="how big the home is (default 2000)")
    parser.add_argument("--rate", type=float, default=1, help="changes a second in sum (default 1)")
    return parser.parse_args()


def _production() -> dict[str, str]:
    return {"DJANGO_SETTINGS_MODULE": "hi.settings.production"}


@contextmanager
def _whole_hi(folder: Path) -> Iterator[Hi]:
    hi = Hi(folder)
    try:
        hi.start_and_wait()
        yield hi
    finally:
        hi.kill()


def _wait_until_live(hi: Hi) -> dict[str, int]:
    """What is mirrored, once its values flow. A source's entity is a state here; things are what has several."""
    hi.wait_for(
        lambda: _read(hi, "SELECT 1 FROM integration_integrationinstance WHERE status = 'ACTIVE'"), ACTIVE_SECONDS
    )
    tables = {"entities": "entity_entitystate", "things": "entity_entity"}
    return {name: _read(hi, f"SELECT count(*) FROM {table}")[0][0] for name, table in tables.items()}


def _measure(hi: Hi, seconds: float) -> dict[str, object]:
    newest = "SELECT coalesce(max(id), 0) FROM entity_statehistory"
    rows, before, began = _read(hi, newest, "history")[0][0], look(hi.processes()), time.monotonic()
    time.sleep(seconds)
    passed, after = time.monotonic() - began, look(hi.processes())
    changes = _read(hi, newest, "history")[0][0] - rows
    spent = differences(before, after)
    per_hour = 3600 / passed
    by_process = {name: _figures(use, passed, per_hour) for name, use in sorted(spent.items())}
    total = sum(spent.values(), Use())
    return {
        **_figures(total, passed, per_hour),
        "by_process": by_process,
        "seconds": round(passed, 1),
        "changes_per_second": round(changes / passed, 2),
    }


def _figures(use: Use, seconds: float, per_hour: float) -> dict[str, float]:
    return {
        "pss_mb": round(use.pss_bytes / 1e6, 1),
        "cpu_percent": round(100 * use.cpu_seconds / seconds, 2),
        "writes_mb_per_hour": round(use.written_bytes / 1e6 * per_hour, 1),
    }


def _read(hi: Hi, sql: str, name: str = "db") -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(f"file:{hi.data_dir / name}.sqlite3?mode=ro", uri=True, timeout=20)) as database:
        return database.execute(sql).fetchall()


if __name__ == "__main__":
    sys.exit(main())
