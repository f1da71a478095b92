"""What must hold before anything starts; each failure is one sentence that says what to do."""

import contextlib
import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from hi.runtime.refusal import Refusal
from hi.settings.places import in_url
from hi.utils import folder_lock

FOLDERS = ("keys", "logs", "run", "redis")


def prepare_data_dir(folder: Path) -> None:
    """Make the data folder and those in it, and prove that they can be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FOLDERS:
            # Keys, logs and sockets are nobody else's business, whatever the umask.
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        probe = folder / "run" / f"probe.{os.getpid()}"
        probe.write_text("probe", encoding="ascii")
        probe.unlink()
    except OSError as err:
        # What the system calls "no such file" is a place that takes no new ones.
        why = "no folder can be made there" if isinstance(err, FileNotFoundError) else err.strerror
        raise Refusal(
            f"The data folder {folder} can't be written to ({why}): set HI_DATA_DIR to a folder that you may write to."
        ) from err


def take_lock(folder: Path) -> IO[str]:
    """Hold the folder for this process until the returned file is closed; the system frees it should we be killed."""
    try:
        return folder_lock.take_lock(folder)
    except folder_lock.FolderTakenError as err:
        who = f" (process {err.holder})" if err.holder else ""
        raise Refusal(
            f"hi is already running from {folder}{who}: stop that one first, or set HI_DATA_DIR to another folder."
        ) from None


def check_ports(wanted: Sequence[tuple[str, str, int]], patience_seconds: float = 1.0) -> None:
    """Each (variable, host, port) must be free and different.

    Patience is for a hi that was killed a moment ago: the system needs a little to take its children down.
    """
    seen: dict[int, str] = {}
    for variable, _, port in wanted:
        if port in seen:
            raise Refusal(f"{seen[port]} and {variable} are both {port}: set one of them to another port.")
        seen[port] = variable
    deadline = time.monotonic() + patience_seconds
    for variable, host, port in wanted:
        while (error := _bind_error(host, port)) is not None:
            if isinstance(error, socket.gaierror) or "assign" in str(error):
                host_variable = variable.replace("PORT", "HOST")
                raise Refusal(f"{host} is not an address of this machine: set {host_variable} to one that is.")
            if isinstance(error, PermissionError):
                raise Refusal(f"Port {port} needs rights that you don't have: set {variable} to one above 1023.")
            if time.monotonic() > deadline:
                raise Refusal(
                    f"Port {port} on {in_url(host)} is already in use:"
                    f" stop what uses it, or set {variable} to another port."
                )
            time.sleep(0.1)


def _bind_error(host: str, port: int) -> OSError | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with contextlib.closing(socket.socket(family, kind, protocol)) as probe:
            # As servers do: connections of an earlier run that linger in TIME_WAIT are no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as err:
        return err
    return None
