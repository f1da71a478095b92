"""`python -m tests.fuzz`: schemathesis against a running hub, as nobody and as somebody of each role and scope.

MAX_EXAMPLES (10) requests of each operation and kind, drawn from SEED; CALLERS=viewer,admin for some. Ends with 1 when
something was found.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from hi.accounts.roles import SCOPE_ROLES, Role, Scope
from hi.testing.hass import SimulatedHass, home
from tests.e2e.hub import running_hub
from tests.fuzz.caller import KINDS, Caller
from tests.fuzz.configuration import build_configuration
from tests.fuzz.home import World

Tally = dict[str, Counter[str]]
# A line of the log with what comes below it, up to the next that begins with a date.
ERROR = r"^\S+ \S+ ERROR .*?(?=^\d{4}-|\Z)"
CLASSES = {
    "2xx": ("200", "201", "202", "204"),
    "304": ("304",),
    "401/403": ("401", "403"),
    "404": ("404",),
    "409/412": ("409", "412"),
    "400/422": ("400", "422"),
    "5xx": ("500", "502", "503", "504"),
}


def main() -> int:
    names = (os.environ.get("CALLERS") or ",".join(KINDS)).split(",")
    with (
        tempfile.TemporaryDirectory(prefix="hi-fuzz-") as folder,
        SimulatedHass.running(token="a-token-for-tests", home=home.small()) as source,
        running_hub(Path(folder)) as hub,
    ):
        world = World(hub, source)
        results = {name: run(world, name) for name in names}
        for error in re.findall(ERROR, hub.nodes["web"].container.logs(), re.MULTILINE | re.DOTALL):
            print(f"\nThe hub's log says: {error}")
    print_table(results)
    return int(any(code for code, _tally in results.values()))


def run(world: World, name: str) -> tuple[int, Tally]:
    """Ask as one caller; returns how schemathesis ended, and what was answered."""
    caller = _make_caller(world, name)
    print(f"\n### As {name}", flush=True)
    with world.spare(name) as ids:
        configuration = build_configuration(
            ids,
            token=caller.token,
            seed=int(os.environ.get("SEED") or 1),
            max_examples=int(os.environ.get("MAX_EXAMPLES") or 10),
        )
        path = world.hub.folder / f"{name}.toml"
        path.write_text(configuration)
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(path), "run"]
        done = subprocess.run(
            [*command, f"{world.hub.url}/api/v1/openapi.json"],
            env={**os.environ, **caller.to_environment(), "NO_PROXY": "*"},
        )
    tally = Path(caller.tally)
    return done.returncode, json.loads(tally.read_text()) if tally.exists() else {}


def _make_caller(world: World, name: str) -> Caller:
    role, scope = KINDS[name]
    files = {"database": str(world.hub.folder / "db.sqlite3"), "tally": str(world.hub.folder / f"{name}.json")}
    if not role:
        return Caller(name, "", **files)
    person, token_id, token = world.make_token(name, str(role), str(scope))
    roles = list(Role)
    reach = min(Role(role), SCOPE_ROLES[Scope(scope)], key=roles.index)
    keep = {"integration_id": [world.main], "entity_id": [world.lamp], "person_id": [person], "token_id": [token_id]}
    return Caller(name, reach, **files, token=token, keep=keep)


def print_table(results: dict[str, tuple[int, Tally]]) -> None:
    """How much of it was real: what was done, what was wrong in itself, what was not there, what was not allowed."""
    print(f"\n{'caller':<16}{'operations':>11}{'done':>6}{'calls':>7}" + "".join(f"{name:>9}" for name in CLASSES))
    for name, (code, tally) in results.items():
        answers = Counter[str]()
        for found in tally.values():
            answers.update(found)
        counts = "".join(f"{sum(answers[status] for status in statuses):>9}" for statuses in CLASSES.values())
        done = sum(any(status < "300" for status in found) for found in tally.values())
        print(f"{name:<16}{len(tally):>11}{done:>6}{answers.total():>7}{counts}{'  FOUND SOMETHING' if code else ''}")
    for name, (_code, tally) in results.items():
        missed = [each for each, found in tally.items() if min(found) >= "300" and not {"401", "403"} & set(found)]
        if missed:
            print(f"{name} was allowed to, but never did: {', '.join(missed)}")


if __name__ == "__main__":
    sys.exit(main())
