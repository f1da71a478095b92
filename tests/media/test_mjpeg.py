"""Pictures cut out of what cameras send."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from hi.integration import exceptions
from hi.integration.mjpeg import MAX_BETWEEN_BYTES, MAX_PICTURE_BYTES, check_picture, frames
from hi.testing.pictures import picture

pytestmark = pytest.mark.pure
FIRST, SECOND = (picture("Garden", datetime(2026, 11, 26, hour), 64, 48) for hour in (12, 23))
# A smaller picture of itself within a segment, a second scan, a pixel that looks like a marker, filling.
ODD = (
    b"\xff\xd8\xff\xe1\x00\x10ab\xff\xd8\xff\xdb\x00\x04cd\xff\xd9ef"
    b"\xff\xda\x00\x04xxPIX\xff\x00EL\xff\xd3MORE\xff\xff\xc4\x00\x04yy\xff\xda\x00\x02LAST\xff\xd9"
)


def part(jpeg: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join((b"--some boundary", b"Content-Type: image/jpeg", *headers, b"", jpeg, b""))


def with_length(jpeg: bytes) -> bytes:
    return part(jpeg, b"CONTENT-length:   %d" % len(jpeg), b"X-Secret: canary")


def in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[place : place + size] for place in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize("wrap", [bytes, part, with_length], ids=["in a row", "no lengths", "lengths"])
def test_pictures_come_whole_however_they_arrive(wrap: object, size: int) -> None:
    sent = [FIRST, ODD, SECOND, FIRST]
    stream = b"".join(map(wrap, sent)) + b"--some boundary--"  # type: ignore[arg-type]
    assert list(frames(in_pieces(stream, size))) == sent


def test_what_is_not_whole_does_not_come() -> None:
    assert list(frames([with_length(FIRST), with_length(SECOND)[:-300]])) == [FIRST]
    assert list(frames([FIRST, SECOND[:-300]])) == [FIRST]


@pytest.mark.parametrize(
    "chunks",
    [
        [b"<html>" * MAX_BETWEEN_BYTES],
        [b"Content-Length: 999999999\r\n\r\n", FIRST],
        [FIRST[:-2], *[b"x" * MAX_PICTURE_BYTES] * 2],
        [FIRST[:2], b"\xff\xe0\x00\x02" * 9, b"damaged"],
    ],
    ids=["a page", "announced too large", "too large", "damaged"],
)
def test_what_is_no_picture_or_a_huge_one_is_an_error(chunks: list[bytes]) -> None:
    with pytest.raises(exceptions.ProtocolError):
        list(frames(chunks))


def test_a_single_picture_is_checked_too() -> None:
    assert check_picture(FIRST) == FIRST
    for wrong in (b"", b"<html>", FIRST + b"x" * MAX_PICTURE_BYTES):
        with pytest.raises(exceptions.ProtocolError):
            check_picture(wrong)
