"""Whether what declarations name is there: tests as pytest collects them, sections as their pages have them."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from hi.integration.quality.report import HI, Evidence, QualityError

HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
# The plugin leaves out what would be skipped, and so show nothing.
COLLECT = ("--collect-only", "--quiet", "-p", "no:cacheprovider", "-p", "hi.testing.able")
NONE_COLLECTED = 5
COLLECT_SECONDS = 300
SHOWN_LINES = 15


def find_missing(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Those that are not there. Raises QualityError where that cannot be found out."""
    asked = set(evidence)
    if homeless := sorted(one.place for one in asked if one.root is None):
        raise QualityError(f"{homeless[0]} is not here: check an installed package in its checkout (pip install -e).")
    there: set[Evidence] = set()
    for root in {one.root for one in asked if one.root}:
        own = {one for one in asked if one.root == root}
        files = {one.place.partition("::")[0] for one in own if not one.is_section}
        tests = collect(root, sorted(file for file in files if (root / file).is_file()))
        there |= {one for one in own if one.place in tests or (one.is_section and has_section(root, one.place))}
    return sorted(asked - there, key=lambda one: one.place)


def collect(root: Path, files: list[str]) -> set[str]:
    """The tests in these files, each once whatever its parameters."""
    if not files:
        return set()
    if find_spec("pytest") is None:
        raise QualityError(
            "pytest is not installed here, and so no test can be looked for: run this with .venv-dev/bin/python."
        )
    # Each project has settings of its own for its tests; those of this process are not meant.
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(HI), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(  # nosec B603 - this Python, and files that exist
        [sys.executable, "-m", "pytest", *COLLECT, *files],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=COLLECT_SECONDS,
        check=False,
    )
    if done.returncode not in (0, NONE_COLLECTED):
        told = "\n".join((done.stdout + done.stderr).strip().splitlines()[-SHOWN_LINES:])
        raise QualityError(f"The tests in {root} cannot be collected:\n{told}")
    return {line.partition("[")[0] for line in done.stdout.splitlines() if "::" in line}


def has_section(root: Path, place: str) -> bool:
    page, _, anchor = place.partition("#")
    file = root / page
    return file.is_file() and anchor in map(slugify, HEADING.findall(FENCED.sub("", file.read_text(encoding="utf-8"))))


def slugify(heading: str) -> str:
    """As links to it are written."""
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())
