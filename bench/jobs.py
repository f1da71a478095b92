"""`make bench-jobs`: what a job costs above an empty Celery task, and how soon a person sees it begin.

One JSON line for each database; exit code 1 if a limit does not hold. Everything is as `make run` has it: the
processes' own commands, an embedded Redis server, files in a folder of their own.
"""

import argparse
import json
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.clicks import click_times
from bench.home import simulated_home
from bench.report import Limit, broken, percentile, tell
from hi.testing.postgres import Postgres
from tests.e2e.hub import Hub, running_hub
from tests.e2e.process import ROOT

LIMITS = (
    Limit("ratio", 0.30, "jobs per second against empty tasks per second", at_least=True),
    Limit("start_ratio", 20, "the time from enqueueing to RUNNING (p95) against that of an empty task"),
    Limit("click_p95_ms", 300, "the time from a click to visible progress (p95, in ms)"),
)


def main() -> int:
    options = _options()
    failed = False
    for database in options.database or ["sqlite", "postgresql"]:
        figures = {"database": database, **_measure(database, options.jobs, options.clicks)}
        tell(figures)
        failed |= broken(figures, LIMITS, database)
    return int(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.jobs", description="Measure what jobs cost.")
    parser.add_argument("--database", action="append", choices=["sqlite", "postgresql"], help="only this one")
    parser.add_argument("--jobs", type=int, default=1000, help="how many in a round (default 1000)")
    parser.add_argument("--clicks", type=int, default=20, help="how many (default 20)")
    return parser.parse_args()


def _measure(database: str, jobs: int, clicks: int) -> dict[str, object]:
    with _place(database) as (folder, settings), _worker_alone(folder, settings) as (hub, pid):
        figures = json.loads(_run_inside(hub, "bench.job_times", str(pid), str(jobs)))
    token = secrets.token_urlsafe(32)
    with (
        _place(database) as (folder, settings),
        simulated_home(token, "--home", "demo", "--rate", "0") as port,
        running_hub(folder, **settings) as hub,
    ):
        hub.manage("demo_home", HI_DEMO_TOKEN=token, HI_DEMO_PORT=str(port))
        instance_id = hub.get("integrations")["items"][0]["id"]
        hub.wait_for_status(instance_id, "ACTIVE", seconds=60)
        answers, shown = click_times(hub, instance_id, clicks)
    return {
        **figures,
        "click_answer_p95_ms": round(percentile(answers, 95), 1),
        "click_p50_ms": round(percentile(shown, 50), 1),
        "click_p95_ms": round(percentile(shown, 95), 1),
        "jobs": jobs,
        "clicks": clicks,
    }


@contextmanager
def _worker_alone(folder: Path, settings: dict[str, str]) -> Iterator[tuple[Hub, int]]:
    """A hub of which nothing runs but Redis and the worker that takes syncs, with its own flags; and its process id."""
    hub = Hub(folder, **settings)
    try:
        hub.prepare()
        spec = next(spec for spec in hub.specs() if "sync" in _queues(spec.argv))
        hub.start_process(spec, "--include", "bench.tasks")
        node = hub.nodes[spec.name]
        node.ready()
        yield hub, node.container.pid
    finally:
        hub.stop()


def _queues(argv: object) -> list[str]:
    words = list(argv) if isinstance(argv, list | tuple) else []
    return words[words.index("-Q") + 1].split(",") if "-Q" in words else []


def _run_inside(hub: Hub, module: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        env=hub.process_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"bench: {module} ended with {done.returncode}.")
    return done.stdout.splitlines()[-1]


@contextmanager
def _place(database: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """An empty folder and an empty database, for one hub."""
    with tempfile.TemporaryDirectory(prefix="hi-bench-") as name, ExitStack() as stack:
        settings = {}
        if database == "postgresql":
            server = Postgres()
            stack.callback(server.stop)
            settings["HI_DATABASE_URL"] = server.start()
        yield Path(name), settings


if __name__ == "__main__":
    sys.exit(main())
