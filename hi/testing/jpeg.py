"""A baseline JPEG encoder for drawings: most cells are of one colour, and a line of cells that was drawn is kept."""

import math
import unicodedata
from functools import lru_cache
from itertools import chain
from operator import mul
from struct import pack
from typing import NamedTuple

CELL = 8
Colour = tuple[int, int, int]


class Pixels(NamedTuple):
    """The colours of 64 of them, line by line."""

    colours: tuple[Colour, ...]


class Letter(NamedTuple):
    """Letters are two cells high."""

    character: str
    is_upper_half: bool


Cell = Colour | Pixels | Letter

_DC_STEP, _AC_STEP = 8, 16
_ZIGZAG = sorted(((y, x) for y in range(CELL) for x in range(CELL)), key=lambda at: (sum(at), at[sum(at) % 2 == 0]))
_WAVES = [
    [math.sqrt((1 if wave == 0 else 2) / CELL) * math.cos((2 * x + 1) * wave * math.pi / 16) for x in range(CELL)]
    for wave in range(CELL)
]
# Codes are as long as is simplest: four bits for any DC size, one bit for the end of a block and nine for the rest.
_END_OF_BLOCK, _SIXTEEN_ZEROS = 0x00, 0xF0
_AC_SYMBOLS = [_END_OF_BLOCK, _SIXTEEN_ZEROS, *(run << 4 | size for run in range(16) for size in range(1, 11))]
_AC_CODES = {symbol: f"{255 + number:09b}" if number else "0" for number, symbol in enumerate(_AC_SYMBOLS)}
_DC_SIZES = range(12)


def encode(rows: list[tuple[Cell, ...]], width: int, height: int) -> bytes:
    """The rows of cells as a JPEG; each row ends with a restart marker, so that it stands for itself."""
    lines = b"".join(_line(row) + b"\xff" + bytes([0xD0 + number % 8]) for number, row in enumerate(rows))
    return _head(width, height, len(rows[0])) + lines[:-2] + b"\xff\xd9"


@lru_cache(maxsize=64)
def _head(width: int, height: int, columns: int) -> bytes:
    steps = bytes([_DC_STEP] + [_AC_STEP] * 63)
    dc_lengths = bytes(len(_DC_SIZES) if length == 4 else 0 for length in range(1, 17))
    ac_lengths = bytes({1: 1, 9: len(_AC_SYMBOLS) - 1}.get(length, 0) for length in range(1, 17))
    segments = (
        (0xE0, b"JFIF\x00" + pack(">HBHHBB", 0x0101, 0, 1, 1, 0, 0)),
        (0xDB, b"\x00" + steps),
        (0xC0, pack(">BHHB", 8, height, width, 3) + bytes((1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0))),
        (0xC4, b"\x00" + dc_lengths + bytes(_DC_SIZES)),
        (0xC4, b"\x10" + ac_lengths + bytes(_AC_SYMBOLS)),
        (0xDD, pack(">H", columns)),
        (0xDA, bytes((3, 1, 0, 2, 0, 3, 0, 0, 63, 0))),
    )
    return b"\xff\xd8" + b"".join(pack(">BBH", 0xFF, kind, len(body) + 2) + body for kind, body in segments)


@lru_cache(maxsize=4096)
def _line(cells: tuple[Cell, ...]) -> bytes:
    bits: list[str] = []
    before = [0, 0, 0]
    for cell in cells:
        for part, (level, rest) in enumerate(_blocks(cell)):
            difference, before[part] = level - before[part], level
            bits += (_level_code(difference), rest)
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    return int("1" + text, 2).to_bytes(len(text) // 8 + 1)[1:].replace(b"\xff", b"\xff\x00")


@lru_cache(maxsize=4096)
def _level_code(difference: int) -> str:
    return f"{abs(difference).bit_length():04b}{_amplitude(difference)}"


@lru_cache(maxsize=32768)
def _blocks(cell: Cell) -> tuple[tuple[int, str], ...]:
    """Brightness and the two colour parts: each its level, and the bits of its pattern."""
    if isinstance(cell, Letter):
        colours = _letter(cell)
    elif isinstance(cell, Pixels):
        colours = cell.colours
    else:
        return tuple((round(value), _AC_CODES[_END_OF_BLOCK]) for value in _parts(cell))
    return tuple(_block(values) for values in zip(*map(_parts, colours), strict=True))


def _parts(colour: Colour) -> tuple[float, float, float]:
    red, green, blue = colour
    bright = 0.299 * red + 0.587 * green + 0.114 * blue
    return bright - 128, (blue - bright) * 0.564, (red - bright) * 0.713


def _block(values: tuple[float, ...]) -> tuple[int, str]:
    lines = [values[start : start + CELL] for start in range(0, CELL * CELL, CELL)]
    across = [[sum(map(mul, wave, line)) for line in lines] for wave in _WAVES]
    waves = {(y, x): sum(map(mul, _WAVES[y], across[x])) for y in range(CELL) for x in range(CELL)}
    bits, zeros = [], 0
    for at in _ZIGZAG[1:]:
        value = round(waves[at] / _AC_STEP)
        if value == 0:
            zeros += 1
            continue
        bits += [_AC_CODES[_SIXTEEN_ZEROS]] * (zeros // 16)
        bits += [_AC_CODES[zeros % 16 << 4 | abs(value).bit_length()], _amplitude(value)]
        zeros = 0
    if zeros:
        bits.append(_AC_CODES[_END_OF_BLOCK])
    return round(waves[0, 0] / _DC_STEP), "".join(bits)


def _amplitude(value: int) -> str:
    """A number in as many bits as it has; a negative one counts up from nothing."""
    size = abs(value).bit_length()
    return f"{value if value > 0 else value + (1 << size) - 1:0{size}b}" if size else ""


_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-:./,+"
# Five lines of three dots for each sign; an octal digit is a line.
_DOTS = (
    "755572622771747717175571174717747577124475757757172575565656344436555674647746443455355755"
    "722271115255655444475775565555255526564425573656553421672222555575555255775552555522271247"
    "007000202000002112440002402720"
)
_LIGHT, _DARK = (250, 250, 245), (28, 30, 34)


def _letter(letter: Letter) -> tuple[Colour, ...]:
    """Accents are left off, and what is no letter is a gap."""
    at = 5 * _SIGNS.find(unicodedata.normalize("NFKD", letter.character)[0].upper())
    lines = [f"{int(digit):03b}" for digit in (_DOTS[at : at + 5] if at >= 0 else "00000")]
    tall = ["0" * CELL, *chain.from_iterable([f"0{line[0] * 2}{line[1] * 2}{line[2] * 2}0"] * 3 for line in lines)]
    shown = tall[:CELL] if letter.is_upper_half else tall[CELL:]
    return tuple(_LIGHT if dot == "1" else _DARK for line in shown for dot in line)
