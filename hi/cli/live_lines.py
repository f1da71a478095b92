"""Lines at the end of a terminal that are written over as what they tell of goes on."""

import shutil
from collections.abc import Sequence
from types import TracebackType

from hi.cli.terminal import Terminal

HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


class LiveLines:
    """Use it with `with`: however it ends, the cursor is there again. Where nothing can be written over, it writes
    nothing: whoever uses it says what has come to an end instead."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._shown: list[str] = []

    def __enter__(self) -> "LiveLines":
        self._write(HIDE_CURSOR)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._write(SHOW_CURSOR)

    def show(self, lines: Sequence[str]) -> None:
        """In place of what stands there. Of more than the terminal is high the last ones: it cannot go further up."""
        fitting = list(lines)[-max(1, shutil.get_terminal_size().lines - 1) :]
        if fitting == self._shown:
            return
        up = f"\x1b[{len(self._shown)}F" if self._shown else ""
        self._write(f"{up}\x1b[J" + "".join(f"{line}\n" for line in fitting))
        self._shown = fitting

    def _write(self, text: str) -> None:
        if self._terminal.lives:
            self._terminal.out.write(text)
            self._terminal.out.flush()
