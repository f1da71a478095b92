"""Pictures for simulated cameras: small scenes as JPEG, drawn and encoded without any other library."""

import math
import zlib
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from hi.testing.jpeg import CELL, Cell, Colour, Letter, Pixels, encode

_WALK_SECONDS = 12
_STEPS_PER_SECOND = 2
_INSET = 0.5


class Shape(NamedTuple):
    """Coordinates are parts of the picture: 0 is left or top, 1 right or bottom."""

    kind: Literal["box", "oval", "roof"]
    left: float
    top: float
    right: float
    bottom: float
    colour: Colour

    def covers(self, x: float, y: float) -> bool:
        if not (self.left <= x < self.right and self.top <= y < self.bottom):
            return False
        if self.kind == "box":
            return True
        across = abs(2 * (x - self.left) / (self.right - self.left) - 1)
        down = (y - self.top) / (self.bottom - self.top)
        return across <= down if self.kind == "roof" else across**2 + (2 * down - 1) ** 2 <= 1


def picture(
    name: str, moment: datetime, width: int = 640, height: int = 480, text: str = "", motion: bool = False
) -> bytes:
    """What the camera of that name sees at that moment; with motion somebody walks through.

    Pictures are remembered and the figure takes a step twice a second, so asking more often costs nothing.
    """
    seconds = moment.minute * 60 + moment.second + moment.microsecond / 1e6
    step = int(seconds % _WALK_SECONDS * _STEPS_PER_SECOND) if motion else -1
    return _drawn(name, _light(moment), width, height, text, step)


@lru_cache(maxsize=512)
def _drawn(name: str, light: int, width: int, height: int, text: str, step: int) -> bytes:
    rows = list(_view(name, light, width, height, step))
    if text and len(rows) > 3:
        for line in (1, 2):
            letters = [Letter(character, line == 1) for character in text[: len(rows[line]) - 2]]
            rows[line] = (rows[line][0], *letters, *rows[line][len(letters) + 1 :])
    return encode(rows, width, height)


@lru_cache(maxsize=512)
def _view(name: str, light: int, width: int, height: int, step: int) -> tuple[tuple[Cell, ...], ...]:
    """The scene, and the figure at a step of its walk; -1 is nobody."""
    if step < 0:
        columns, lines = math.ceil(width / CELL), math.ceil(height / CELL)
        rows: list[list[Cell]] = [[(0, 0, 0)] * columns for _ in range(lines)]
        shapes = _scene(name)
    else:
        rows = [list(row) for row in _view(name, light, width, height, -1)]
        shapes = _figure(step / (_WALK_SECONDS * _STEPS_PER_SECOND), CELL / width)
    for shape in shapes:
        _paint(rows, _lit(shape, light), width, height)
    return tuple(tuple(row) for row in rows)


def _paint(rows: list[list[Cell]], shape: Shape, width: int, height: int) -> None:
    lines = range(max(0, int(shape.top * height) // CELL), min(len(rows), math.ceil(shape.bottom * height / CELL)))
    columns = range(max(0, int(shape.left * width) // CELL), min(len(rows[0]), math.ceil(shape.right * width / CELL)))
    for line in lines:
        for column in columns:
            rows[line][column] = _painted(rows[line][column], shape, column * CELL, line * CELL, width, height)


def _painted(cell: Cell, shape: Shape, left: int, top: int, width: int, height: int) -> Cell:
    """The cell with the shape over it; what covers all four corners covers it."""
    ends = (_INSET, CELL - _INSET)
    corners = [shape.covers((left + x) / width, (top + y) / height) for x in ends for y in ends]
    if all(corners):
        return shape.colour
    if not any(corners):
        return cell
    assert not isinstance(cell, Letter), "letters are put over everything, at last"
    below = cell.colours if isinstance(cell, Pixels) else (cell,) * CELL**2
    middles = [number + _INSET for number in range(CELL)]
    covered = [shape.covers((left + x) / width, (top + y) / height) for y in middles for x in middles]
    return Pixels(tuple(shape.colour if is_on else under for under, is_on in zip(below, covered, strict=True)))


def _light(moment: datetime) -> int:
    """0 at night to 8 by day, by the clock alone."""
    hour = moment.hour + moment.minute / 60
    return round(8 * max(0.0, min(1.0, (7.5 - abs(hour - 13.0)) / 1.5)))


def _lit(shape: Shape, light: int) -> Shape:
    """Night falls grey, as through an infrared camera."""
    red, green, blue = shape.colour
    grey, share = 0.45 * (0.4 * red + 0.5 * green + 0.1 * blue), light / 8
    lit = tuple(round(part * share + grey * (1 - share)) for part in (red, green, blue))
    return shape._replace(colour=(lit[0], lit[1], lit[2]))


def _scene(name: str) -> list[Shape]:
    kind = next((kind for kind in _PLACES if kind in name.casefold()), "")
    return list(_PLACES.get(kind, _room)(zlib.crc32(name.encode())))


def _sky() -> Iterator[Shape]:
    for band in range(11):
        yield Shape("box", 0, band * 0.05, 1, band * 0.05 + 0.05, (120 + 8 * band, 170 + 5 * band, 225 + 2 * band))


def _front(seed: int) -> Iterator[Shape]:
    """A house and its door."""
    yield from _sky()
    yield Shape("box", 0, 0.14, 1, 0.8, _tone(seed, 205, 180, 150))
    yield Shape("box", 0, 0.8, 1, 1, (150, 148, 142))
    yield Shape("box", 0.33, 0.24, 0.67, 0.8, (236, 232, 222))
    yield Shape("box", 0.36, 0.28, 0.64, 0.8, _tone(seed >> 8, 120, 60, 50))
    yield Shape("box", 0.41, 0.33, 0.59, 0.48, (160, 190, 205))
    yield Shape("oval", 0.59, 0.56, 0.62, 0.6, (225, 190, 90))
    yield Shape("box", 0.75, 0.34, 0.93, 0.58, (236, 232, 222))
    yield Shape("box", 0.77, 0.37, 0.91, 0.55, (120, 150, 170))
    yield Shape("oval", 0.08, 0.56, 0.26, 0.84, (70, 115, 60))
    yield Shape("box", 0.11, 0.76, 0.23, 0.9, (160, 90, 60))
    yield Shape("box", 0.3, 0.86, 0.7, 0.94, (110, 85, 65))


def _drive(seed: int) -> Iterator[Shape]:
    """A drive between lawns, a car, and a house behind."""
    car = _tone(seed >> 4, 70, 90, 150)
    yield Shape("box", 0, 0.46, 1, 1, (95, 140, 70))
    yield Shape("roof", 0.05, -0.4, 0.95, 1, (125, 125, 128))
    yield from (shape for shape in _sky() if shape.top < 0.45)
    yield Shape("box", 0, 0.36, 1, 0.47, (80, 110, 75))
    yield Shape("roof", 0.58, 0.1, 0.98, 0.26, (140, 70, 55))
    yield Shape("box", 0.62, 0.26, 0.94, 0.47, _tone(seed, 215, 200, 175))
    yield Shape("box", 0.68, 0.31, 0.76, 0.39, (120, 150, 170))
    yield Shape("box", 0.36, 0.52, 0.62, 0.65, car)
    yield Shape("oval", 0.39, 0.43, 0.59, 0.62, car)
    yield Shape("box", 0.44, 0.46, 0.54, 0.52, (165, 195, 210))
    yield Shape("oval", 0.38, 0.61, 0.44, 0.69, (35, 35, 38))
    yield Shape("oval", 0.54, 0.61, 0.6, 0.69, (35, 35, 38))


def _garden(seed: int) -> Iterator[Shape]:
    """A lawn, a fence and a tree."""
    yield from _sky()
    for board in range(20):
        yield Shape("box", board * 0.05 + 0.004, 0.32, board * 0.05 + 0.046, 0.56, (165, 125, 85))
    yield Shape("box", 0, 0.54, 1, 1, _tone(seed, 90, 150, 65))
    yield Shape("box", 0.2, 0.34, 0.25, 0.66, (95, 65, 45))
    yield Shape("oval", 0.06, 0.05, 0.39, 0.46, (60, 120, 55))
    yield Shape("oval", 0.15, 0.02, 0.33, 0.24, (80, 140, 65))
    yield Shape("oval", 0.6, 0.66, 0.92, 0.8, (120, 170, 190))
    for flower in range(6):
        left = 0.48 + flower * 0.08
        yield Shape("oval", left, 0.5, left + 0.04, 0.56, _tone(seed >> flower, 210, 90, 110))


def _garage(seed: int) -> Iterator[Shape]:
    """A wide door, a bench and shelves."""
    yield Shape("box", 0, 0, 1, 0.72, (190, 188, 182))
    yield Shape("box", 0, 0.72, 1, 1, (120, 120, 122))
    for panel in range(5):
        yield Shape("box", 0.3, 0.14 + panel * 0.116, 0.96, 0.25 + panel * 0.116, _tone(seed, 220, 218, 210))
    for shelf in range(3):
        top = 0.24 + shelf * 0.15
        yield Shape("box", 0.03, top, 0.24, top + 0.02, (110, 80, 55))
        for box in range(3):
            colour = _tone(seed >> (shelf + box), 150, 120, 100)
            yield Shape("box", 0.04 + box * 0.065, top - 0.08, 0.09 + box * 0.065, top, colour)
    yield Shape("box", 0.02, 0.66, 0.26, 0.9, (130, 95, 65))


def _room(seed: int) -> Iterator[Shape]:
    """Wherever else a camera hangs: a wall, a window, a table."""
    yield Shape("box", 0, 0, 1, 0.68, _tone(seed, 215, 205, 190))
    yield Shape("box", 0, 0.68, 1, 1, _tone(seed >> 6, 155, 120, 90))
    yield Shape("box", 0.58, 0.14, 0.88, 0.5, (240, 240, 236))
    yield Shape("box", 0.6, 0.17, 0.725, 0.47, (150, 195, 225))
    yield Shape("box", 0.735, 0.17, 0.86, 0.47, (150, 195, 225))
    yield Shape("box", 0.12, 0.2, 0.34, 0.4, _tone(seed >> 3, 90, 110, 130))
    yield Shape("oval", 0.18, 0.64, 0.62, 0.76, (140, 95, 60))
    yield Shape("box", 0.38, 0.7, 0.42, 0.92, (110, 75, 50))


_PLACES = {"door": _front, "drive": _drive, "garden": _garden, "yard": _garden, "garage": _garage}


def _figure(progress: float, grid: float) -> list[Shape]:
    """Somebody who walks from the left to the right, by whole cells, so that most of them have been drawn before."""
    middle = round((progress * 1.2 - 0.1) / grid) * grid
    stride = 0.02 * (round(progress * _WALK_SECONDS * _STEPS_PER_SECOND) % 3 - 1)
    coat, trousers = (190, 50, 45), (45, 50, 80)
    return [
        Shape("box", middle - 0.03 + stride, 0.7, middle - 0.002 + stride, 0.92, trousers),
        Shape("box", middle + 0.002 - stride, 0.7, middle + 0.03 - stride, 0.92, trousers),
        Shape("oval", middle - 0.05, 0.44, middle + 0.05, 0.76, coat),
        Shape("oval", middle - 0.026, 0.35, middle + 0.026, 0.46, (225, 180, 150)),
    ]


def _tone(seed: int, red: int, green: int, blue: int) -> Colour:
    """A colour near the one given, different from camera to camera."""
    return (red + seed % 32 - 16, green + (seed >> 5) % 32 - 16, blue + (seed >> 10) % 32 - 16)
