"""A recording as a file to give away: what was said, and what hi made of it, without secrets and without whose home it
is. `hi.testing.cassette` plays it back."""

import base64
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from hi.entity.enums import ControlType, EntityStateType, EntityType, Quality
from hi.integration.core.settings import SettingSpec
from hi.integration.core.shared_parts import share_parts
from hi.integration.core.specs import StateSpec, Structure
from hi.integration.core.values import StateValue
from hi.integration.take import Take
from hi.integration.taping import Message, Tape
from hi.integration.tls import TLS_SETTINGS
from hi.utils.disguise import Clues, Disguise
from hi.utils.redact import list_secrets

FORMAT = 1
# Words that mean something to hi, whatever else is called so.
VOCABULARY = (EntityType, EntityStateType, ControlType, Quality)

Document = dict[str, Any]
Settings = Sequence[SettingSpec]


def build_cassette(
    take: Take, kind: str, specs: Settings, config: Mapping[str, str], people: Sequence[str]
) -> tuple[Document, Disguise]:
    """`people`: names that are known here. Returns how it was disguised, too, for what is said of that."""
    said = [_write_tape(tape) for tape in take.recorder.tapes]
    made = _write_made(take)
    clues = Clues()
    clues.words |= {word.value for words in VOCABULARY for word in words}
    clues.words |= {one.partition(".")[0].lower() for one in _list_ids(take)}
    clues.take([said, {spec.key: config.get(spec.key, "") for spec in specs}])
    secrets = [config[spec.key] for spec in specs if spec.is_secret and config.get(spec.key)]
    disguise = Disguise(
        secrets=[*secrets, *list_secrets()],
        names=[*people, *_list_persons(take.structure)],
        hosts=[*_list_hosts(config), socket.gethostname()],
        ids=_list_ids(take),
        clues=clues,
    )
    document = {
        "cassette": FORMAT,
        "integration": kind,
        "recorded_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "is_cut": take.recorder.is_cut,
        "settings": _clean_settings(specs, config, disguise),
        "steps": [[name, disguise.clean_text(told)] for name, told in take.steps],
        "troubles": [disguise.clean_text(told) for told in take.troubles],
        "made": _clean_made(made, disguise),
    }
    document["said"], document["parts"] = share_parts([_clean_entry(entry, disguise) for entry in said])
    return document, disguise


def write_cassette(path: Path, document: Document) -> int:
    """For its owner's eyes only, one line for each exchange and message. A file of that name is never replaced, and
    half of one, where the disk is full, is taken away. Returns the size."""
    text = b"\n".join(_lines(document)) + b"\n"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        try:
            file.write(text)
            file.flush()
        except OSError:
            path.unlink()
            raise
    return len(text)


def _lines(document: Document) -> Iterator[bytes]:
    yield b"{"
    for number, (key, value) in enumerate(document.items(), 1):
        end = b"," if number < len(document) else b""
        if isinstance(value, list) and value:
            yield orjson.dumps(key) + b": ["
            yield from _items(value)
            yield b"]" + end
        else:
            yield orjson.dumps(key) + b": " + orjson.dumps(value) + end
    yield b"}"


def _items(values: list[Any]) -> Iterator[bytes]:
    for number, value in enumerate(values, 1):
        end = b"," if number < len(values) else b""
        messages = value.get("messages") if isinstance(value, dict) else None
        if messages:
            head = {key: one for key, one in value.items() if key != "messages"}
            yield orjson.dumps(head)[:-1] + b',"messages":['
            yield from _items(messages)
            yield b"]}" + end
        else:
            yield orjson.dumps(value) + end


def _write_tape(tape: Tape) -> Document:
    path, _, query = tape.path.partition("?")
    entry = {
        "at": round(tape.at, 3),
        "seconds": round(tape.seconds, 3),
        "method": tape.method,
        "path": unquote(path),
        "query": dict(parse_qsl(query, keep_blank_values=True)),
        "form": dict(tape.form or {}),
        "status": tape.status,
        "type": tape.content_type,
        "retry_after": tape.retry_after,
        "left_out": tape.left_out,
        **(_write_content(tape.body) if tape.body else {}),
        "error": tape.error,
        "messages": [_write_message(message) for message in tape.messages],
    }
    return {key: value for key, value in entry.items() if value not in ("", 0, {}, [])} | {"at": entry["at"]}


def _write_message(message: Message) -> Document:
    at = round(message.at, 3)
    if message.is_ours:
        return {"at": at, "out": message.content}
    if message.content is None:
        return {"at": at, "end": True}
    content = message.content.encode() if isinstance(message.content, str) else message.content
    return {"at": at, **_write_content(content)}


def _write_content(content: bytes) -> Document:
    with suppress(orjson.JSONDecodeError):
        return {"json": orjson.loads(content)}
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def _clean_entry(entry: Document, disguise: Disguise) -> Document:
    """What is not text may hold anything, so it goes where a known secret is in it."""
    cleaned: Document = {}
    for key, value in entry.items():
        if key == "messages":
            cleaned[key] = [_clean_entry(one, disguise) for one in value]
        elif key == "base64":
            plain = base64.b64decode(value).decode("latin-1")
            cleaned[key] = value if disguise.hide_secrets(plain) == plain else ""
        elif key == "type":
            cleaned[key] = value[:100]
        else:
            cleaned[key] = disguise.clean_data(value)
    return cleaned


def _clean_settings(specs: Settings, config: Mapping[str, str], disguise: Disguise) -> dict[str, str]:
    """What a person would enter to reach the one that plays it back; there is no TLS there."""
    of_tls = {spec.key for spec in TLS_SETTINGS}
    return {
        spec.key: disguise.hide("secret", value) if spec.is_secret else disguise.clean_data(value, spec.key)
        for spec in specs
        if spec.key not in of_tls and (value := config.get(spec.key, ""))
    }


def _write_made(take: Take) -> Document:
    structure = take.structure
    return {
        "complete": bool(structure and structure.complete),
        "things": [
            [thing.key, thing.name, thing.entity_type, [_write_state(state) for state in thing.states]]
            for thing in (structure.entities if structure else ())
        ],
        "values": {value.address: _write_value(value) for value in take.snapshot},
        "later": {value.address: _write_value(value) for value in take.later.values()},
    }


def _write_state(state: StateSpec) -> list[Any]:
    return [state.key, state.address, state.name, state.state_type]


def _write_value(value: StateValue) -> list[Any]:
    """Of what has no time of its own none is told."""
    has_time = value.is_dated and value.quality is not Quality.UNAVAILABLE
    return [value.value, value.unit, value.quality, value.source_changed_at.isoformat() if has_time else None]


def _clean_made(made: Document, disguise: Disguise) -> Document:
    """Not the words that are hi's own."""
    clean = disguise.clean_text
    return {
        "complete": made["complete"],
        "things": [
            [clean(key), clean(name), kind, [[*map(clean, told), what] for *told, what in states]]
            for key, name, kind, states in made["things"]
        ],
        **{
            part: {clean(address): [value and clean(value), *rest] for address, (value, *rest) in made[part].items()}
            for part in ("values", "later")
        },
    }


def _list_persons(structure: Structure | None) -> list[str]:
    return [thing.name for thing in (structure.entities if structure else ()) if thing.entity_type is EntityType.PERSON]


def _list_hosts(config: Mapping[str, str]) -> list[str]:
    return [urlsplit(value).hostname or "" for value in config.values() if "://" in value[:10]]


def _list_ids(take: Take) -> Iterator[str]:
    for thing in take.structure.entities if take.structure else ():
        yield thing.key
        for state in thing.states:
            yield from (state.key, state.address, state.address.partition("#")[0])
