"""Somebody who follows the pages in a checkout of their own, and types the commands."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import requests

from tests.docs.elsewhere import ELSEWHERE
from tests.docs.pages import ROOT, list_blocks, list_commands
from tests.docs.shell import Shell
from tests.e2e.process import wait_until
from tests.installed import install_as_it_says
from tests.runtime.whole import free_ports

FILES = (
    "manage.py",
    "celeryconfig.py",
    "pyproject.toml",
    "Makefile",
    "tests/__init__.py",
    "tests/services/__init__.py",
)
# What the pages say, and others may use here.
USUAL_ADDRESS, USUAL_SYSTEM_PORT = "127.0.0.1:9411", "9500"


class Reader:
    """`said` is what each command wrote."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "hi"
        port, flower, self.system_port = free_ports(3)
        self.address = f"127.0.0.1:{port}"
        (folder / "bin").mkdir()
        self.data = folder / "data"
        settings = {"HI_DATA_DIR": str(self.data), "HI_PORT": str(port), "HI_FLOWER_PORT": str(flower)}
        self.shell = Shell(self.checkout, folder / "bin", settings)
        self.said: dict[str, str] = {}
        self._log = folder / "terminal"
        self._running: list[subprocess.Popen[bytes]] = []

    def check_out(self) -> None:
        shutil.copytree(ROOT / "hi", self.checkout / "hi")
        (self.checkout / "tests" / "services").mkdir(parents=True)
        for name in FILES:
            shutil.copy(ROOT / name, self.checkout / name)
        (self.checkout / ".venv-dev").symlink_to(sys.prefix)

    def follow(self, page: Path) -> None:
        """From top to bottom."""
        for block in list_blocks(page):
            if block.is_shell and not block.reason:
                for command in block.commands:
                    self._type(command)

    def type_all(self, page: Path, **instead: object) -> str:
        """All that the page has to type, in one shell; a variable that the reader shall fill in is filled in."""
        commands = [command for command in list_commands(page) if command not in ELSEWHERE]
        for name, value in instead.items():
            commands = [f"{name}={value}" if command.startswith(f"{name}=") else command for command in commands]
        return self.shell.run(*map(self._here, commands))

    def leave(self) -> None:
        for process in reversed(self._running):
            os.killpg(process.pid, signal.SIGINT)
        for process in self._running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    @cached_property
    def token(self) -> str:
        return self.shell.run("make -s token NAME=reader SCOPE=admin").strip()

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def post(self, path: str) -> Any:
        return self._ask("POST", path)

    def wait(self, path: str, is_so: Callable[[Any], object]) -> Any:
        """Until what the API tells is as it should be; returns that."""

        def look() -> Any:
            told = self.get(path)
            return told if is_so(told) else None

        return wait_until(look, f"{path} is as it should be", 30, lambda: str(self.get(path))[:2000])

    def _ask(self, method: str, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(method, f"http://{self.address}/api/v1/{path}", headers=headers, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def _type(self, command: str) -> None:
        here = self._here(command)
        if "/bin/pip install -e " in here:
            self._install(self.checkout / here.rpartition(" ")[2])
        elif here.endswith(" &"):
            self._running.append(self.shell.start(here.removesuffix(" &"), self._log.with_suffix(".system")))
        elif here == "make run":
            hi = self.shell.start(here, self._log)
            self._running.append(hi)
            wait_until(lambda: "Ctrl-C stops" in self._log.read_text() or hi.poll(), "hi runs", 120)
            assert hi.poll() is None, self._log.read_text()
        else:
            self.said[command] = self.shell.run(here)

    def _install(self, package: Path) -> None:
        """What `pip install -e` does, without the network, and for this shell only: what the package says of itself,
        where Python looks for it."""
        if "PYTHONPATH" not in self.shell.environment:
            installed = self.checkout.parent / "installed"
            install_as_it_says(installed, package)
            self.shell.environment["PYTHONPATH"] = f"{package.resolve()}:{installed}"

    def _here(self, command: str) -> str:
        return command.replace(USUAL_ADDRESS, self.address).replace(USUAL_SYSTEM_PORT, str(self.system_port))
