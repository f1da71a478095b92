"""A request that sends too much is answered before anything gathers it."""

import asyncio
from typing import Any

import pytest

from hi.utils.body_limit import MAX_BODY_BYTES, count_body, refuse_large

pytestmark = pytest.mark.pure


class Far:
    """The far end: so many pieces of a megabyte, and what it was answered."""

    def __init__(self, pieces: int) -> None:
        self.left = pieces
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        self.left -= 1
        return {"type": "http.request", "body": b"x" * 1024 * 1024, "more_body": self.left > 0}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)


def refuse(far: Far, length: bytes) -> bool:
    return asyncio.run(refuse_large({"headers": [(b"content-length", length)]}, far.receive, far.send))


def test_what_announces_too_much_is_heard_to_its_end_and_told() -> None:
    far = Far(3)
    assert refuse(far, str(MAX_BODY_BYTES + 1).encode())
    assert far.left == 0
    assert far.sent[0]["status"] == 413
    assert b"larger than 32 MB" in far.sent[1]["body"]


def test_what_announces_without_measure_is_told_and_not_heard_for_ever() -> None:
    far = Far(1_000)
    assert refuse(far, str(10**13).encode())
    assert 1_000 - far.left == 2 * MAX_BODY_BYTES // 1024**2
    assert far.sent[0]["status"] == 413


@pytest.mark.parametrize("length", [b"", b"0", str(MAX_BODY_BYTES).encode(), b"many"])
def test_what_announces_less_or_nothing_goes_on_untouched(length: bytes) -> None:
    far = Far(3)
    assert not refuse(far, length)
    assert (far.left, far.sent) == (3, [])


def test_what_announces_nothing_and_sends_too_much_is_cut_off() -> None:
    async def read_all() -> list[str]:
        receive = count_body(Far(MAX_BODY_BYTES // 1024**2 + 5).receive)
        kinds = []
        while not kinds or kinds[-1] == "http.request":
            kinds.append((await receive())["type"])
        return kinds

    kinds = asyncio.run(read_all())
    assert len(kinds) == MAX_BODY_BYTES // 1024**2 + 1
    assert kinds[-1] == "http.disconnect"
