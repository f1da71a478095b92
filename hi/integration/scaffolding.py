"""What a new integration begins with: a small one that works, with its tests, written from the templates in `scaffold`.

In hi's own tree (a folder of hi/services, and its tests beside the others'), or as a package of its own.
"""

import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Template

from django.apps import apps

from hi.integration import discovery

TEMPLATES = Path(__file__).parent / "scaffold"
ROOT = Path(__file__).parents[2]
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LABEL = re.compile(r"[^\"'\\\x00-\x1f]{1,60}")
MAX_NAME = 30


class ScaffoldError(Exception):
    """It cannot be written as it is wanted; nothing has been."""


@dataclass(frozen=True, slots=True)
class Scaffold:
    """One integration to be written. `folder` is that of its package of its own; None: into hi's tree at `root`."""

    name: str
    label: str
    folder: Path | None = None
    root: Path = ROOT

    @property
    def package(self) -> str:
        return f"hi_{self.name}" if self.folder else f"hi.services.{self.name}"

    @property
    def places(self) -> tuple[Path, Path]:
        """The folders of the integration and of its tests."""
        if self.folder:
            return self.folder / self.package, self.folder / "tests"
        return self.root / "hi" / "services" / self.name, self.root / "tests" / "services" / self.name

    def write(self) -> list[Path]:
        """Returns what was written. Raises ScaffoldError; it never writes over anything."""
        self._require_free()
        written = dict(self._build())
        for path, text in written.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        return list(written)

    def _build(self) -> Iterator[tuple[Path, str]]:
        own, tests = self.places
        simulator = tests / f"{self.name}_simulator.py"
        words = {
            "name": self.name,
            "Name": "".join(word.capitalize() for word in self.name.split("_")),
            "label": self.label,
            "words": self.name.replace("_", " "),
            "host": self.name.replace("_", "-"),
            "package": self.package,
            "project": self.package.replace("_", "-"),
            "tests": "" if self.folder else f"tests.services.{self.name}.",
            "tests_path": tests.relative_to(self.folder or self.root).as_posix(),
            "simulator_path": simulator.relative_to(self.folder or self.root).as_posix(),
        }

        def render(template: str) -> str:
            return Template((TEMPLATES / f"{template}.tmpl").read_text(encoding="utf-8")).substitute(words)

        yield own / "__init__.py", ""
        for module in ("apps", "client", "wire", "converter", "poller"):
            yield own / f"{module}.py", render(f"package/{module}.py")
        yield own / f"{self.name}_gateway.py", render("package/gateway.py")
        yield own / "quality.toml", render("package/quality.toml")
        yield simulator, render("tests/simulator.py")
        for module in ("test_converter", "test_conformance"):
            yield tests / f"{module}.py", render(f"tests/{module}.py")
        if self.folder:
            yield tests / "conftest.py", render("tests/conftest.py")
            for file in ("pyproject.toml", "README.md"):
                yield self.folder / file, render(f"project/{file}")
        else:
            yield tests / "__init__.py", ""

    def _require_free(self) -> None:
        for place in (self.folder,) if self.folder else self.places:
            if place.exists() and (not place.is_dir() or any(place.iterdir())):
                raise ScaffoldError(f"{place} is there already: nothing is written over it.")


def check_names(name: str, label: str) -> None:
    """Raises ScaffoldError for what cannot be the name of an integration, or how it is called."""
    if not NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise ScaffoldError(
            f"“{name[:60]}” is no name for an integration: small letters, digits and single underscores,"
            f" at most {MAX_NAME} of them, as in garden_pump."
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise ScaffoldError(f"“{name}” is a word of Python's own: take another name.")
    if found := discovery.find_integrations().get(name):
        raise ScaffoldError(f"There is an integration “{name}” already, in {found.package}.")
    if any(app.label in (name, f"hi_{name}") for app in apps.get_app_configs()):
        raise ScaffoldError(f"A part of hi is called “{name}” already: take another name.")
    if not LABEL.fullmatch(label) or not label.strip():
        raise ScaffoldError("A label is a line of at most 60 characters, without quotes and backslashes.")
