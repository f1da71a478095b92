"""A shell in which the pages' commands run as they stand."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

# The environments are there: what make would make of them is what the tests run in.
MAKE = """#!/bin/sh
exec {make} -o .venv/.ready -o .venv-dev/.ready RUN_PYTHON={python} DEV_PYTHON={python} "$@"
"""


class Shell:
    """Bash in a folder, with `make` as it is once the environments are made."""

    def __init__(self, folder: Path, programs: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        make = programs / "make"
        make.write_text(MAKE.format(make=shutil.which("make"), python=sys.executable))
        make.chmod(0o755)
        # Nothing of what the tests have in theirs: it points hi to folders and servers of their own.
        self.environment: dict[str, str] = {**environment, "PATH": f"{programs}:{os.environ['PATH']}", "NO_PROXY": "*"}

    def run(self, *commands: str, seconds: float = 120) -> str:
        """Run one after the other in one shell, and answer with all that they wrote. The first that fails fails."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(commands)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}"
        return done.stdout

    def start(self, command: str, log: Path) -> "subprocess.Popen[bytes]":
        """Leave one running. It has a process group of its own."""
        with log.open("wb") as output:
            return subprocess.Popen(
                ["bash", "-c", f"exec {command}"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
