"""The hub under attack: two of every process that may be two, started again when they die, as a supervisor would."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from hi.runtime.child import ChildSpec
from tests.chaos.plan import SECONDS
from tests.e2e.hub import Hub
from tests.e2e.process import LocalProcess

RESTART_SECONDS = 1.0
DISK_MB = 256
# Debian's package `libfaketime`, or a library named by the environment.
FAKETIME_PLACES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/local/lib/faketime/libfaketimeMT.so.1")


class House(Hub):
    """`folder` holds the logs, and `home` in it the hub's data: a small disk of its own where that can be had.
    `seconds` are the processes that there are two of."""

    def __init__(self, folder: Path, database_url: str = "", seconds: Sequence[str] = SECONDS, **settings: str) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.has_own_disk = _mount(self.home)
        (folder / "logs").mkdir()
        # A full disk must not silence those who complain about it.
        (self.home / "logs").symlink_to(folder / "logs")
        self.clock_file = folder / "clock"
        self.clock_library = find_faketime()
        if database_url:
            settings["HI_DATABASE_URL"] = database_url
        self.database_url = database_url
        self._seconds = seconds
        # Who ended by itself, and when.
        self.deaths: list[tuple[str, float]] = []
        # Processes that are down, and when they start again.
        self._back_at: dict[str, float] = {}
        self._kept_down: set[str] = set()
        super().__init__(self.home, **settings)

    def specs(self) -> list[ChildSpec]:
        specs = {spec.name: spec for spec in super().specs()}
        seconds = [_second(specs[name.removesuffix("2")]) for name in self._seconds]
        return [*(self._with_clock(spec) for spec in specs.values()), *seconds]

    def process(self, name: str) -> LocalProcess:
        process: LocalProcess = self.nodes[name].container
        return process

    def redis_folder(self) -> Path:
        return self.home / "redis"

    def is_up(self, name: str) -> bool:
        return self.process(name).status == "running"

    def leader(self) -> str | None:
        """The beat that leads, if it is one of ours and up."""
        rows = self.query("SELECT holder FROM integration_leadership WHERE part = 'beat'")
        beats = {str(self.pid(name)): name for name in self.nodes if name.startswith("beat") and self.is_up(name)}
        return beats.get(rows[0][0].rpartition(":")[2]) if rows else None

    def kill(self, name: str, seconds: float) -> None:
        """It is started again so long after."""
        self._back_at[name] = time.monotonic() + seconds
        self.process(name).kill()

    def signal(self, name: str, number: signal.Signals) -> None:
        if self.is_up(name):
            os.kill(self.pid(name), number)

    def keep_down(self, *names: str) -> None:
        """Stop for good, as a person does."""
        self._kept_down.update(names)
        for name in names:
            self.process(name).teardown()

    def tend(self) -> None:
        """Start again whatever has died. From the main thread only: a child dies with the thread that started it."""
        now = time.monotonic()
        for name in self.nodes:
            if name in self._kept_down or self.is_up(name):
                continue
            if name not in self._back_at:
                self.deaths.append((name, time.time()))
                self._back_at[name] = now + RESTART_SECONDS
            if now >= self._back_at[name]:
                del self._back_at[name]
                self.process(name).start()

    def stop(self) -> None:
        """All at once but Redis, which the others need in order to end well."""
        for name in self.nodes.keys() - {"redis"}:
            self.signal(name, signal.SIGCONT)
            self.signal(name, signal.SIGTERM)
        super().stop()

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        if not self.database_url:
            return super().query(sql, *parameters)
        with psycopg.connect(self.database_url, connect_timeout=2) as db:
            return db.execute(sql.replace("?", "%s").encode(), parameters).fetchall()

    def query_history(self, sql: str) -> list[tuple[Any, ...]]:
        if self.database_url:
            return self.query(sql)
        with closing(sqlite3.connect(f"file:{self.home / 'history.sqlite3'}?mode=ro", uri=True, timeout=20)) as db:
            return db.execute(sql).fetchall()

    def leftovers(self) -> list[str]:
        """Processes that outlived the stop: whoever has this house's folder in its environment."""
        mark = f"HI_DATA_DIR={self.home}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        return found

    def close(self, keep: bool) -> None:
        """Give the disk back; with `keep` its files stay for whoever looks into a failure."""
        if self.has_own_disk:
            kept = self.home.with_name("kept")
            if keep:
                shutil.copytree(self.home, kept, symlinks=True, ignore=_no_sockets)
            subprocess.run(["umount", "--lazy", str(self.home)], check=False)

    def _with_clock(self, spec: ChildSpec) -> ChildSpec:
        if spec.name != "beat" or self.clock_library is None:
            return spec
        self.clock_file.write_text("+0")
        clock = {
            "LD_PRELOAD": str(self.clock_library),
            "FAKETIME_TIMESTAMP_FILE": str(self.clock_file),
            "FAKETIME_NO_CACHE": "1",
            # A step of the wall clock leaves waiting alone.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "PYTHONPATH": str(Path(__file__).with_name("clock")),
        }
        return replace(spec, env={**spec.env, **clock})


def as_seconds(moment: Any) -> Any:
    """A time as a database tells it, in seconds since the epoch. SQLite has texts, in UTC."""
    if isinstance(moment, str):
        return datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()
    return moment.timestamp() if moment is not None else None


def find_faketime() -> Path | None:
    named = os.environ.get("HI_TEST_FAKETIME")
    if named:
        return Path(named)
    found = [path for place in FAKETIME_PLACES for path in Path("/").glob(place.lstrip("/"))]
    return found[0] if found else None


def _second(spec: ChildSpec) -> ChildSpec:
    name = f"{spec.name}2"
    argv = [word.replace(f"{spec.name}@", f"{name}@") for word in spec.argv]
    if spec.ready_file is None:
        return replace(spec, name=name, argv=argv)
    ready = spec.ready_file.with_name(f"{name}.ready")
    return replace(spec, name=name, argv=argv, env={**spec.env, "HI_READY_FILE": str(ready)}, ready_file=ready)


def _mount(folder: Path) -> bool:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "hi-chaos", str(folder)], check=False)
    return done.returncode == 0


def _no_sockets(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if (Path(folder) / name).is_socket() or name == "keys"]
