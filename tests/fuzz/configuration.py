"""What one run of schemathesis is told, as the TOML that it reads."""

import json
from collections.abc import Iterable, Iterator

from tests.fuzz.home import Ids

# Why some of its checks are off, and some answers are taken that it would not take:
# - `/stream` never ends, so that whoever may follow it would wait for ever; `tests/api/test_stream.py` follows it.
#   The run as nobody asks for it, too.
# - positive_data_acceptance: what a value may be depends on the home (a state's options, a kind's settings, a place
#   that is there), on what is noted already, and on which page a cursor is from: 400 and 422 say so, and are no fault.
# - object_level_authorization compares two accounts: in a home, what one may see, all may see.
BASE = """
seed = {seed}
hooks = "tests.fuzz.checks"
continue-on-failure = true
warnings = false
workers = 1
request-timeout = 30
suppress-health-check = ["all"]
cache.enabled = false

[generation]
max-examples = {max_examples}
database = "none"
no-shrink = true

[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "412", "422"]
object_level_authorization.enabled = false
"""
STREAM = """
[[operations]]
include-operation-id = "follow_changes"
enabled = false
"""
AUTH = """
[auth.openapi.BearerToken]
bearer = {token}
"""
# What is sent besides the ids of the path, of what is there: parameter -> which ids.
BESIDES = {
    "query.integration": "integration_id",
    "query.entity": "entity_id",
    "query.user": "person_id",
    "query.state": "settable",
    "body.state": "settable",
    "body.value": "value",
    "body.location_id": "location_id",
    "body.parent_id": "location_id",
    "body.ids[*]": "item",
    "body.integration_type": "kind",
    "body.settings.url": "url",
    "body.settings.token": "token",
    "body.name": "called",
    "body.seen_at": "seen_at",
}
VALUES: Ids = {
    "value": ["on", "off", "press", "locked", "50", "21.5"],
    "kind": ["hass"],
    "called": ["Loft", "Greenhouse"],
}


def build_configuration(ids: Ids, *, token: str, seed: int, max_examples: int) -> str:
    parts = [BASE.format(seed=seed, max_examples=max_examples)]
    if token:
        parts += [AUTH.format(token=json.dumps(token)), STREAM]
    return "".join([*parts, *_list_dictionaries(ids | VALUES)])


def _list_dictionaries(ids: Ids) -> Iterator[str]:
    for name, values in ids.items():
        if values:
            yield f"\n[dictionaries.{name}]\nvalues = {json.dumps(values)}\n"
    yield "\n[parameters]\n"
    yield from _bind(((f"path.{name}", name) for name in ids), ids)
    yield from _bind(BESIDES.items(), ids)


def _bind(pairs: Iterable[tuple[str, str]], ids: Ids) -> Iterator[str]:
    for parameter, name in pairs:
        if ids.get(name):
            yield f'"{parameter}" = {{ dictionary = "{name}", probability = 0.8 }}\n'
