"""A recording of `manage.py record`, played back by a real server on 127.0.0.1.

::

    cassette = Cassette.load(path)
    with cassette.replaying() as server:
        instance = operations.create_draft(cassette.integration_type, "Replayed", server.settings)

HTTP is answered by method, path and query (in any order, without secrets): the recorded answers in their order, the
last one for ever. Over a WebSocket each message of the client is answered as the same one was, with the client's ids;
what came without being asked for comes after the same messages as it did. `pace` is how much longer than recorded it
takes: 0 for as fast as it is taken, 1 for as it was. What was never asked for while it was recorded is answered with
404, or ends the conversation, and is in `server.unheard_of`.
"""

import base64
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from hi.integration.core.shared_parts import restore_parts
from hi.testing.replay import Exchange, Opening, Reel, ReplayServer, Reply, Told, key_of, key_of_message

FORMAT = 1


@dataclass(frozen=True)
class Cassette:
    """`made` is what hi made of it when it was recorded."""

    integration_type: str
    settings: Mapping[str, str]
    made: Mapping[str, Any]
    reel: Reel

    @classmethod
    def load(cls, path: Path | str) -> "Cassette":
        """Raises ValueError for what is none, or of another format."""
        document = orjson.loads(Path(path).read_bytes())
        if not isinstance(document, dict) or document.get("cassette") != FORMAT:
            raise ValueError(f"{path} is no cassette that can be played here")
        said = restore_parts(document["said"], document["parts"])
        return cls(document["integration"], document["settings"], document["made"], read_reel(said))

    @contextmanager
    def replaying(self, pace: float = 0.0) -> Iterator[ReplayServer]:
        with ReplayServer.running(reel=self.reel, pace=pace) as server:
            server.settings = self.settings_at(f"http://127.0.0.1:{server.port}")
            yield server

    def settings_at(self, address: str) -> dict[str, str]:
        """What a person enters who reaches it there."""
        return {key: _move(value, address) if "://" in value else value for key, value in self.settings.items()}

    @property
    def last_values(self) -> dict[str, list[Any]]:
        return {**self.made["values"], **self.made["later"]}


def _move(url: str, address: str) -> str:
    parts, there = urlsplit(url), urlsplit(address)
    return parts._replace(scheme=there.scheme, netloc=there.netloc).geturl()


def read_reel(said: Sequence[Mapping[str, Any]]) -> Reel:
    reel, order = Reel(), count()
    for entry in said:
        if "method" in entry:
            key = key_of(entry["method"], entry["path"], entry.get("query", {}))
            reel.exchanges.setdefault(key, []).append(_read_exchange(entry))
        else:
            opening, *replies = _read_conversation(entry, order)
            refusal = _read_exchange(entry) if "status" in entry else None
            reel.openings.setdefault(entry["path"], []).append(Opening(opening, refusal))
            for reply in replies:
                reel.replies.setdefault(reply.key, []).append(reply)
    return reel


def _read_exchange(entry: Mapping[str, Any]) -> Exchange:
    return Exchange(
        entry.get("status", 0),
        entry.get("type"),
        _read_content(entry),
        entry.get("retry_after", 0.0),
        entry.get("seconds", 0.0),
    )


def _read_conversation(entry: Mapping[str, Any], order: Iterator[int]) -> list[Reply]:
    """To the opening, and to each message of hi's: what has its id, or comes right after it. What a reply begins with
    is waited for; what follows was told after whatever hi had said by then."""
    replies, asked = [Reply("", 0.0)], {}
    for message in entry.get("messages", []):
        at = message["at"]
        if "out" in message:
            replies.append(Reply(key_of_message(message["out"]), at))
            asked[_id_of(message["out"])] = len(replies) - 1
            continue
        for content in _read_messages(message):
            number = _id_of(content)
            place = len(replies) - 1 if number is None else asked.get(number, len(replies) - 1)
            reply = replies[place]
            after = Counter(one.key for one in replies[place + 1 :]) if reply.told else Counter[str]()
            reply.told.append(Told(content, at - reply.at, after, next(order)))
    return replies


def _read_messages(message: Mapping[str, Any]) -> list[Any]:
    """Of a frame: JSON as such, anything else as bytes, None for its end."""
    if "end" in message:
        return [None]
    if "json" not in message:
        return [_read_content(message)]
    content = message["json"]
    return content if isinstance(content, list) else [content]


def _id_of(message: Any) -> Any:
    return message.get("id") if isinstance(message, dict) else None


def _read_content(entry: Mapping[str, Any]) -> bytes:
    if "json" in entry:
        return orjson.dumps(entry["json"])
    return entry["text"].encode() if "text" in entry else base64.b64decode(entry.get("base64", ""))
