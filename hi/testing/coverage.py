"""Which lines of an integration its tests run, measured by running them once more.

In a process of its own, since lines that are run while a module is loaded count, and the modules are loaded already
where a test could ask.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ENOUGH_PERCENT = 95
MAX_SECONDS = 600
SHOWN_LINES = 20
# Of the run in which this is asked for: the other one has settings and workers of its own.
FOREIGN = ("PYTEST_", "DJANGO_SETTINGS_MODULE", "COVERAGE_")


@dataclass(frozen=True, slots=True)
class Coverage:
    """`not_run`: by file, the numbers of its lines that no test runs."""

    percent: float
    lines: int
    not_run: dict[str, list[int]]

    def __str__(self) -> str:
        missed = "; ".join(f"{file} {', '.join(map(str, numbers))}" for file, numbers in self.not_run.items())
        return f"{self.percent:.1f} % of {self.lines} lines" + (f", all but {missed}" if missed else "")


def measure(package: str, tests: Path) -> Coverage:
    """Runs `tests`, a folder; but no test marked `coverage`, which would measure itself. Raises AssertionError where
    one of them fails."""
    with TemporaryDirectory(prefix="hi-coverage-") as folder:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        environment["COVERAGE_FILE"] = f"{folder}/data"
        pytest = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not coverage and not real", str(tests))
        _run(environment, "run", f"--source={package}", *pytest)
        _run(environment, "json", "--quiet", "-o", f"{folder}/report.json")
        report = json.loads(Path(folder, "report.json").read_text(encoding="utf-8"))
    common = os.path.commonpath([Path(path).parent for path in report["files"]])
    missing = {os.path.relpath(path, common): file["missing_lines"] for path, file in report["files"].items()}
    not_run = {name: numbers for name, numbers in missing.items() if numbers}
    return Coverage(report["totals"]["percent_covered"], report["totals"]["num_statements"], not_run)


def _run(environment: dict[str, str], *words: str) -> None:
    with subprocess.Popen(  # nosec B603 - this Python, and what a test names
        [sys.executable, "-m", "coverage", *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            said, _nothing = running.communicate(timeout=MAX_SECONDS)
        except BaseException as err:
            os.killpg(running.pid, signal.SIGKILL)
            if isinstance(err, subprocess.TimeoutExpired):
                raise AssertionError(f"coverage {words[0]} was not done after {MAX_SECONDS} seconds") from None
            raise
    told = "\n".join(said.strip().splitlines()[-SHOWN_LINES:])
    assert running.returncode == 0, f"coverage {words[0]} ended with {running.returncode}:\n{told}"
