"""A real Valkey or Redis server for tests, the same program that `make run` would choose."""

import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import redis

from hi.runtime import redis_server
from hi.utils.own_process import die_with_parent


class RedisServer:
    """Starts, dies and comes back on demand, on the same URL and with the same data."""

    def __init__(self) -> None:
        # A short path: that of a pytest tmp_path can be too long for a socket.
        self.folder = Path(tempfile.mkdtemp(prefix="hi-redis-"))
        (self.folder / "redis").mkdir()
        self.socket = self.folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        spec = redis_server.server_spec(redis_server.find_server(), self.folder, self.socket)
        self.process = subprocess.Popen(  # nosec B603 - the program that hi itself would start
            list(spec.argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        redis_server.wait_until_answering(self.socket, lambda: time.sleep(0.02))

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.process:
            self.process.send_signal(number)
            self.process.wait(10)
            self.process = None

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def close(self) -> None:
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)
