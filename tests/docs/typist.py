"""Types the commands of docs/command-line.md, and knows which are left."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import ROOT, list_commands
from tests.docs.reader import Reader

# What the page calls a system's address, and a job.
ADDRESS, JOB = "http://homeassistant.local:8123", "5517ee84"


class Typist:
    """Paths are those of `folder`. `address` and `job` stand for those that the page names."""

    def __init__(self, reader: Reader, folder: Path, address: str) -> None:
        self.left = set(list_commands(ROOT / "docs" / "command-line.md"))
        self.job = ""
        self._folder = folder
        self._address = address
        environment = reader.shell.environment
        self._process = subprocess.Popen(
            [sys.executable, ROOT / "tests" / "docs" / "hub_commands.py"],
            cwd=folder,
            env={**environment, "PYTHONPATH": f"{reader.checkout}:{environment.get('PYTHONPATH', '')}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def type(self, command: str, code: int = 0) -> str:
        """One of the page's, once."""
        assert command in self.left, f"The page has no {command}"
        self.left.remove(command)
        here = command.replace(ADDRESS, self._address).replace(JOB, self.job[:8])
        words, _, file = here.removeprefix("hub ").partition(" > ")
        written = self.run(*shlex.split(words), code=code)
        if file:
            (self._folder / file).write_text(written)
        return written

    def type_all(self, beginning: str) -> None:
        for command in sorted(one for one in self.left if one.startswith(beginning)):
            self.type(command)

    def run(self, *words: str, code: int = 0) -> str:
        """Any command, which must end with that exit code."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(words), file=self._process.stdin, flush=True)
        out, err, ended = json.loads(self._process.stdout.readline())
        assert ended == code, (words, out, err)
        return str(out + err)

    def close(self) -> None:
        self._process.communicate(timeout=10)
