"""`make bench-pages`: how long the server takes over every page and poll of a home of 20,000 entities.

One JSON line for each, slowest first, then one for the database; exit code 1 if a limit does not hold. Measured with
Django's test client in one process: all of hi's middleware, views, templates and statements, no network. The time is
the processor's that the request takes and what it waits for the database: how busy the machine is with other things is
not the page's doing. Nor is how fast it is just then: a fixed piece of work beside each request tells that, and times
are told as they would be at the run's best pace. `raw_p95_ms` is without the pace, `wall_ms` what the clock says. A
first round is not counted: what a process remembers it finds out once.
"""

import argparse
import os
import subprocess
import sys
import time
from collections import defaultdict
from typing import Any

from bench.cost import DATABASES, Cost, pace, watch
from bench.report import Limit, broken, percentile, tell

os.environ["DJANGO_SETTINGS_MODULE"] = "hi.settings.test"
BUDGET = 15
LIMITS = (
    Limit("p95_ms", 150, "the server's time (p95, in ms)"),
    Limit("wall_ms", 300, "what the clock said (p50, in ms)"),  # so that no page waits for anything else
    Limit("statements", BUDGET, "the number of statements"),
)


def main() -> int:
    options = _options()
    if not options.inside:
        return max(_measure_apart(database, sys.argv[1:]) for database in options.database or DATABASES)
    import django

    django.setup()
    return _measure(options.entities, options.rounds, options.only)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description="Measure every page of a big home.")
    parser.add_argument("--database", action="append", choices=list(DATABASES), help="only this one")
    parser.add_argument("--entities", type=int, default=20_000, help="of the home (default 20000)")
    parser.add_argument("--rounds", type=int, default=40, help="times that each page is asked for (default 40)")
    parser.add_argument("--only", default="", help="addresses whose name has this in it")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure_apart(database: str, words: list[str]) -> int:
    command = [sys.executable, "-m", "bench.pages", *words, "--inside"]
    return subprocess.run(command, env={**os.environ, **DATABASES[database]}, check=False).returncode


def _measure(entities: int, rounds: int, only: str) -> int:
    from django.conf import settings
    from django.db import connection, connections
    from django.test import Client
    from django.test.utils import setup_databases, teardown_databases

    from hi.console.preload import preload
    from tests.console.addresses import find_addresses
    from tests.console.big_world import build_world
    from tests.factories import UserFactory

    databases = setup_databases(verbosity=0, interactive=False)
    try:
        user = UserFactory()
        begin = time.perf_counter()
        samples = build_world(user, "hass", entities)
        building = time.perf_counter() - begin
        browser = Client()
        browser.force_login(user)
        preload()  # as the web process does
        addresses = [address for address in find_addresses(samples, browser) if only in address.name]
        costs: dict[str, list[tuple[Cost, float]]] = defaultdict(list)
        for number in range(rounds + 1):
            for address in addresses:
                before = pace()
                with watch() as cost:
                    assert address.get(browser).status_code < 400, address
                if number:
                    costs[address.name].append((cost, (before + pace()) / 2))
        best = percentile([its_pace for each in costs.values() for _cost, its_pace in each], 5)
        figures = sorted((_figures(name, each, best) for name, each in costs.items()), key=lambda one: -one["p95_ms"])
        for one in figures:
            tell(one)
        tell(
            {
                "database": connection.vendor,
                "entities": entities,
                "pages": len(figures),
                "rounds": rounds,
                "slowest": figures[0]["page"],
                "p95_ms": figures[0]["p95_ms"],
                "build_seconds": round(building, 1),
                "load": round(os.getloadavg()[0], 1),
                "separate_history": settings.HISTORY_IS_SEPARATE,
            }
        )
        return max(int(broken(one, LIMITS, f"{connection.vendor}, {one['page']}")) for one in figures)
    finally:
        connections.close_all()  # that of the history keeps PostgreSQL from dropping the database
        teardown_databases(databases, verbosity=0)


def _figures(name: str, costs: list[tuple[Cost, float]], best: float) -> dict[str, Any]:
    raw = [cost.seconds for cost, _pace in costs]
    seconds = [cost.seconds * min(1.0, best / its_pace) for cost, its_pace in costs]
    return {
        "page": name,
        "p50_ms": round(percentile(seconds, 50) * 1000, 1),
        "p95_ms": round(percentile(seconds, 95) * 1000, 1),
        "raw_p95_ms": round(percentile(raw, 95) * 1000, 1),
        "wall_ms": round(percentile([cost.wall_seconds for cost, _pace in costs], 50) * 1000, 1),
        "database_ms": round(percentile([cost.database_seconds for cost, _pace in costs], 50) * 1000, 1),
        "statements": max(cost.statements for cost, _pace in costs),
    }


if __name__ == "__main__":
    sys.exit(main())
