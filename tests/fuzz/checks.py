"""What schemathesis loads into a caller's run: our own check, what is kept from the caller, and the tally."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

from tests.fuzz.caller import Caller
from tests.fuzz.reach import read_beyond

CALLER = Caller.from_environment()
BEFORE = read_beyond(CALLER.reach, CALLER.database_file)
TALLY: dict[str, Counter[str]] = {}
# Of these, what `before_call` tells.
KEEP_FROM = {
    "change_person",
    "deactivate_integration",
    "delete_integration",
    "ignore_entity",
    "revoke_person_token",
    "set_selection",
}
# Of a lock, and what else asks first, more is needed than of a light: that shows once the state is known.
NEEDS_MORE_FOR_SOME = {"create_command"}


@schemathesis.check
def nothing_beyond_the_role(ctx: CheckContext, response: Response, case: Case) -> None:
    """Whatever is sent: who may not do it is told so before anything else, and nothing changes."""
    if response.request.method != case.operation.method.upper():
        return  # of no operation at all
    described = case.operation.definition.raw
    status = response.status_code
    if not CALLER.token or not _is_own(response):
        expected = {401}
    elif CALLER.may(described["x-role"]):
        assert status not in (401, 403) or described["operationId"] in NEEDS_MORE_FOR_SOME, f"may, and got {status}"
        return
    else:
        expected = {403}
    assert status in expected or _has_no_route(response), f"{status} instead of {expected}"
    _compare()


def _is_own(response: Response) -> bool:
    """Asked as the caller, not with a token that was made up or left out to see what happens."""
    return response.request.headers.get("Authorization") == (f"Bearer {CALLER.token}" if CALLER.token else None)


def _has_no_route(response: Response) -> bool:
    """What was put into the path made it one of no operation: that is told to everybody, and tells nothing."""
    return response.status_code == 404 and response.json()["detail"].startswith("There is nothing at ")


def _compare() -> None:
    now = read_beyond(CALLER.reach, CALLER.database_file)
    changed = [sql for sql, rows in BEFORE.items() if now[sql] != rows]
    assert not changed, f"changed: {changed}"


@schemathesis.check
class NothingChangedInTheEnd:
    """Nor did what the caller may do change anything beyond."""

    def after_run(self, ctx: CheckContext) -> None:
        Path(CALLER.tally).write_text(json.dumps(TALLY))
        _compare()


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Whoever ends their own token, or deletes the home, finds nothing out any more: such a wish goes to what is not
    there."""
    if case.operation.definition.raw["operationId"] not in KEEP_FROM:
        return
    for name, kept in CALLER.keep.items():
        if str((case.path_parameters or {}).get(name)) in map(str, kept):
            case.path_parameters[name] = 2**31


@schemathesis.hook
def after_call(context: HookContext, case: Case, response: Response) -> None:
    if response.request.method == case.operation.method.upper() and _is_own(response):
        found = TALLY.setdefault(case.operation.definition.raw["operationId"], Counter())
        found[str(response.status_code)] += 1
