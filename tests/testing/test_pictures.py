"""The pictures of simulated cameras are whole JPEGs, and cheap."""

import time
from datetime import datetime, timedelta
from struct import unpack

import pytest

from hi.testing.pictures import picture

NOON = datetime(2026, 6, 1, 12, 0)


def segments(jpeg: bytes) -> dict[int, bytes]:
    """What stands before the picture's own bits, by its marker; the bits are under 0."""
    assert jpeg[:2] == b"\xff\xd8"
    assert jpeg[-2:] == b"\xff\xd9"
    at, found = 2, {}
    while 0xDA not in found:
        mark, kind, length = unpack(">BBH", jpeg[at : at + 4])
        assert mark == 0xFF
        found[kind] = jpeg[at + 4 : at + 2 + length]
        at += 2 + length
    return {**found, 0: jpeg[at:-2]}


@pytest.mark.parametrize(("width", "height"), [(320, 240), (333, 187), (8, 8)])
@pytest.mark.parametrize("name", ["Front door", "Driveway", "Garden", "Garage", "Küche 🚪"])
def test_a_picture_is_a_baseline_jpeg_of_the_size_asked_for(name: str, width: int, height: int) -> None:
    parts = segments(picture(name, NOON, width, height, text=f"{name} 12:00", motion=True))

    assert unpack(">BHHB", parts[0xC0][:6]) == (8, height, width, 3)
    bits = parts[0].replace(b"\xff\x00", b"")
    lines = -(-height // 8)
    assert [mark[0] for mark in bits.split(b"\xff")[1:]] == [0xD0 + number % 8 for number in range(lines - 1)]


def test_the_picture_tells_the_camera_the_time_of_day_and_whether_somebody_moves() -> None:
    still = picture("Garden", NOON, 320, 240)

    assert picture("Garden", NOON + timedelta(seconds=3), 320, 240) == still
    seen = {
        still,
        picture("Driveway", NOON, 320, 240),
        picture("Garden", NOON - timedelta(hours=11), 320, 240),
        picture("Garden", NOON, 320, 240, text="12:00"),
        *(picture("Garden", NOON + timedelta(seconds=second), 320, 240, motion=True) for second in range(2, 10)),
    }
    assert len(seen) == 12


def test_a_picture_that_was_drawn_costs_nothing_again() -> None:
    picture("Garden", NOON, motion=True)
    began = time.process_time()

    for number in range(1000):
        picture("Garden", NOON + timedelta(microseconds=number), motion=True)

    assert time.process_time() - began < 0.2
