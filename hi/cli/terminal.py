"""What is written, and where to: as wide as the terminal is, in colours only where somebody looks at them."""

import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TextIO

# Red, green and the rest as every terminal has them, light or dark.
STYLES = {
    "ok": "32",
    "busy": "36",
    "warn": "33",
    "bad": "31",
    "idle": "2",
    "muted": "2",
    "strong": "1",
    "on": "33",
}
MARKS = {"ok": "✓", "busy": "●", "warn": "!", "bad": "✗", "idle": "○"}
NARROWEST = 40
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Terminal:
    """`width` is None where lines may be as long as they are: in a file or a pipe. `lives`: what is written can be
    written over; `asks`: a person can be asked."""

    out: TextIO
    err: TextIO
    width: int | None = None
    colours: bool = False
    lives: bool = False
    asks: bool = False

    @classmethod
    def find(cls, out: TextIO, err: TextIO) -> "Terminal":
        for stream in (out, err):  # a terminal that has no ✓ gets a question mark, not a traceback
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="replace")
        is_terminal = _is_terminal(out)
        dumb = os.environ.get("TERM", "") in ("", "dumb")
        told = os.environ.get("COLUMNS", "")
        width = shutil.get_terminal_size().columns if is_terminal or told.isdigit() else None
        return cls(
            out,
            err,
            width=max(NARROWEST, width) if width else None,
            colours=is_terminal and not dumb and not os.environ.get("NO_COLOR"),
            lives=is_terminal and not dumb,
            asks=_is_terminal(sys.stdin) and _is_terminal(err),
        )

    @property
    def columns(self) -> int:
        """For what must have some width."""
        return self.width or 100

    def narrower(self, by: int) -> "Terminal":
        """The same, for lines that begin further to the right."""
        return replace(self, width=self.width - by) if self.width else self

    def style(self, text: str, style: str) -> str:
        code = STYLES.get(style)
        return f"\x1b[{code}m{text}\x1b[0m" if self.colours and code and text else text

    def mark(self, tone: str) -> str:
        return self.style(MARKS.get(tone, " "), tone)

    def write(self, text: str = "") -> None:
        print(text, file=self.out, flush=True)

    def write_lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def tell(self, text: str) -> None:
        """Beside the answer: on standard error, so that a program's answer stays clean."""
        print(text, file=self.err, flush=True)

    def warn(self, text: str, hint: str = "") -> None:
        self.tell(f"{self.mark('warn')} {text}")
        if hint:
            self.tell(f"  {hint}")

    def refuse(self, text: str, hint: str = "") -> None:
        first, *others = text.splitlines() or [""]
        self.tell(f"{self.mark('bad')} {first}")
        for line in (*others, *([hint] if hint else [])):
            self.tell(f"  {line}")

    def confirm(self, question: str) -> bool:
        """Nothing but a yes is one."""
        print(f"{question} [y/N] ", end="", file=self.err, flush=True)
        return sys.stdin.readline().strip().lower() in ("y", "yes")


def plain(text: object) -> str:
    """One line that cannot steer the terminal, whatever a source calls its things."""
    told = str(text)
    if told.isprintable():
        return told
    return "".join(" " if unicodedata.category(one) in ("Cc", "Zl", "Zp") else one for one in told if _shows(one))


def plain_lines(text: str) -> list[str]:
    return [plain(line) for line in text.replace("\r\n", "\n").split("\n")]


def _shows(character: str) -> bool:
    """Not so what turns the direction of writing, or halves of characters."""
    return unicodedata.category(character) not in ("Cf", "Cs", "Co", "Cn") or character == "\u200d"


def width_of(text: str) -> int:
    """How many columns it takes: some characters take two, some none."""
    if text.isascii():
        return len(text)
    return sum(_width(one) for one in text)


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int) -> str:
    """So much of it as fits, with a sign that there is more."""
    if width_of(text) <= width:
        return text
    kept, taken = [], 1
    for character in text:
        taken += _width(character)
        if taken > width:
            break
        kept.append(character)
    return "".join(kept).rstrip() + ELLIPSIS if width > 0 else ""


def fill(text: str, width: int, *, right: bool = False) -> str:
    space = " " * max(0, width - width_of(text))
    return space + text if right else text + space


def wrap(text: str, width: int) -> list[str]:
    """Broken between words; a word that is longer than a line keeps its own."""
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(lines[-1]) + 1 + width_of(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False
