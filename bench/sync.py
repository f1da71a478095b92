"""`make bench-sync`: what a sync costs once the service has answered: the plan and the writing of it.

One JSON line for each database and size: a first sync, one that finds nothing changed, one after 500 renames. As
ratios: the first against Django's `bulk_create` of the same rows, the others against the first; all in one process and
one run, so that a slow machine is slow for each. Exit code 1 if a limit does not hold.
"""

import argparse
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bench.cost import DATABASES, Cost, watch
from bench.report import Limit, broken, tell

if TYPE_CHECKING:
    from hi.integration.core.specs import EntitySpec, Structure
    from hi.integration.models import IntegrationInstance

os.environ["DJANGO_SETTINGS_MODULE"] = "hi.settings.test"
RENAMES = 500
LIMITS = (
    Limit("first_ratio", 1.0, "a first sync against bulk_create of its rows"),
    Limit("unchanged_ratio", 0.4, "a sync that finds nothing changed against a first one"),
    Limit("renames_ratio", 0.5, "a sync of 500 renames against a first one"),
)


def main() -> int:
    options = _options()
    if not options.inside:
        sizes = options.entities or [5_000, 20_000]
        return max(_measure_apart(database, size) for database in options.database or DATABASES for size in sizes)
    import django

    django.setup()
    return _measure(options.entities[0])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.sync", description="Measure what syncs cost.")
    parser.add_argument("--database", action="append", choices=list(DATABASES), help="only this one")
    parser.add_argument("--entities", action="append", type=int, help="of the home (default 5000, then 20000)")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure_apart(database: str, size: int) -> int:
    command = [sys.executable, "-m", "bench.sync", "--entities", str(size), "--inside"]
    return subprocess.run(command, env={**os.environ, **DATABASES[database]}, check=False).returncode


def _measure(size: int) -> int:
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    from tests.integration.home import make_instance

    databases = setup_databases(verbosity=0, interactive=False)
    try:
        structure = _describe(size)
        _sync(make_instance(label="Warm-up"), _describe(100))
        instance = make_instance()
        first = _sync(instance, structure)
        unchanged = _sync(instance, structure)
        renames = _sync(instance, _rename(structure))
        plain = _copy_plainly(instance)
        figures: dict[str, Any] = {"database": connection.vendor, "entities": size}
        for name, cost in (("first", first), ("unchanged", unchanged), ("renames", renames), ("bulk_create", plain)):
            figures[f"{name}_seconds"] = round(cost.seconds, 3)
            figures[f"{name}_statements"] = cost.statements
        figures["first_ratio"] = round(first.seconds / plain.seconds, 2)
        figures["unchanged_ratio"] = round(unchanged.seconds / first.seconds, 2)
        figures["renames_ratio"] = round(renames.seconds / first.seconds, 2)
        figures["load"] = round(os.getloadavg()[0], 1)
        tell(figures)
        return int(broken(figures, LIMITS, f"{connection.vendor}, {size}"))
    finally:
        teardown_databases(databases, verbosity=0)


def _sync(instance: "IntegrationInstance", structure: "Structure") -> Cost:
    from tests.integration.home import sync

    with watch() as cost:
        sync(instance, structure)
    return cost


def _describe(states: int) -> "Structure":
    """Things of four states in rooms of 25 things; every other state is set as well as read."""
    from hi.entity.enums import ControlType, EntityStateType, EntityType
    from hi.integration.core.specs import ControllerSpec, EntitySpec, LocationSpec, SensorSpec, StateSpec, Structure

    def thing(number: int) -> "EntitySpec":
        return EntitySpec(
            key=f"device-{number}",
            name=f"Thing {number}",
            entity_type=EntityType.LIGHT,
            location_key=f"area-{number // 25}",
            details={"Maker": "Lumen", "Model": f"L{number % 7}"},
            states=tuple(
                StateSpec(
                    key=f"device-{number}-{aspect}",
                    address=f"light.thing_{number}_{aspect}",
                    aspect=f"aspect-{aspect}",
                    name=f"Thing {number} aspect {aspect}",
                    state_type=EntityStateType.POWER if aspect % 2 else EntityStateType.ON_OFF,
                    is_primary=not aspect,
                    family="light",
                    sensor=SensorSpec("power", "measurement", 1) if aspect % 2 else None,
                    controller=None if aspect % 2 else ControllerSpec(ControlType.TOGGLE),
                )
                for aspect in range(4)
            ),
        )

    things = tuple(thing(number) for number in range(states // 4))
    rooms = tuple(LocationSpec(f"area-{number}", f"Room {number}") for number in range(len(things) // 25 + 1))
    return Structure(entities=things, locations=rooms)


def _rename(structure: "Structure") -> "Structure":
    """The same home after somebody renamed every so manieth state there: its name and its address, not its key."""
    every = max(1, len(structure.entities) // RENAMES)

    def renamed(thing: "EntitySpec") -> "EntitySpec":
        first, *others = thing.states
        return replace(thing, states=(replace(first, name="Renamed", address=f"{first.address}_x"), *others))

    chosen = {thing.key for thing in structure.entities[::every][:RENAMES]}
    things = tuple(renamed(thing) if thing.key in chosen else thing for thing in structure.entities)
    return replace(structure, entities=things)


def _copy_plainly(instance: "IntegrationInstance") -> Cost:
    """As many rows of the same content once more, as Django writes them by itself."""
    from django.db import transaction

    from hi.entity.models import Controller, Entity, EntityState, Location, Sensor
    from hi.integration.models import IntegrationLink

    models: tuple[Any, ...] = (Location, Entity, EntityState, Sensor, Controller, IntegrationLink)
    rows: dict[Any, list[Any]] = {model: list(model.objects.all()) for model in models}
    states = {state.pk: state for state in rows[EntityState]}
    for of_one in rows.values():
        for row in of_one:
            row.pk = None
    for link in rows[IntegrationLink]:
        link.integration_key = f"copy of {link.instance_id} {link.integration_key}"
        link.instance = instance
    with watch() as cost, transaction.atomic():
        for model, of_one in rows.items():
            if model in (Sensor, Controller):
                for row in of_one:
                    row.state = states[row.state_id]
            model.objects.bulk_create(of_one)
    return cost


if __name__ == "__main__":
    sys.exit(main())
