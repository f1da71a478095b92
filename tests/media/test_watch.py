"""A stream that ceases, and what goes on in its place."""

from collections.abc import Iterator

import pytest

from hi.integration import exceptions
from hi.integration.camera import CameraSource
from hi.media import pictures

pytestmark = pytest.mark.pure


class Scripted(CameraSource):
    """`streams`: the pictures of each connection, one after the other; `ends` how each ends. Then nothing answers."""

    def __init__(self, *streams: list[bytes], ends: type[Exception] | None = exceptions.ConnectionError) -> None:
        super().__init__({})
        self._streams = iter(streams)
        self._ends = ends
        self.is_away = False

    def close(self) -> None:
        pass

    def snapshot(self, address: str, width: int) -> bytes:
        if self.is_away:
            raise exceptions.ConnectionError("It is away.")
        return b"still"

    def stream(self, address: str, width: int) -> Iterator[bytes]:
        found = next(self._streams, None)
        self.is_away |= found is None
        yield from found or []
        if self._ends is not None:
            raise self._ends("It ended.")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "AGAIN_SECONDS", 0.0)


def watch(source: CameraSource) -> tuple[list[bytes], str]:
    """What was seen, and why nothing more was."""
    seen: list[bytes] = []
    try:
        seen.extend(pictures._watch(source, "front", 640))
    except exceptions.ConnectionError as err:
        return seen, str(err)
    return seen, ""


def test_one_that_sends_nothing_new_is_shown_as_it_stands_as_long_as_it_answers() -> None:
    assert watch(Scripted([b"first"], [], [])) == ([b"first", b"still", b"still", b"still"], "It is away.")


def test_one_that_breaks_goes_on() -> None:
    assert watch(Scripted([b"one"], [b"two"])) == ([b"one", b"still", b"two", b"still"], "It is away.")


def test_one_that_never_brought_a_picture_is_not_begun_anew() -> None:
    assert watch(Scripted([])) == ([], "It ended.")
    assert watch(Scripted([], [b"late"], ends=None)) == ([], "")


def test_what_refuses_is_not_asked_again() -> None:
    with pytest.raises(exceptions.AuthenticationError):
        list(pictures._watch(Scripted([b"one"], ends=exceptions.AuthenticationError), "front", 640))
