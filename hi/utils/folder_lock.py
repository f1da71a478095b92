"""The lock on a data folder: whoever runs hi from it, or puts another database in place, holds it."""

import fcntl
import os
from pathlib import Path
from typing import IO


class FolderTakenError(Exception):
    """Another process holds it; its number, where it is known."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


def take_lock(folder: Path) -> IO[str]:
    """Hold the folder for this process until the returned file is closed; the system frees it should we be killed."""
    file = open(folder / "run" / "lock", "a+", encoding="ascii")  # noqa: SIM115 - held open for the life of the process
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip()
        file.close()
        raise FolderTakenError(holder) from None
    file.seek(0)
    file.truncate()
    file.write(str(os.getpid()))
    file.flush()
    return file
