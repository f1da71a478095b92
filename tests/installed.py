"""What an installer leaves of a package, so that `importlib.metadata` finds it; without the network, and for those
processes only that look into `folder`."""

import tomllib
from collections.abc import Mapping
from pathlib import Path


def install(folder: Path, project: str, entry_points: Mapping[str, Mapping[str, str]]) -> None:
    """`entry_points` by their group."""
    info = folder / f"{project.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n")
    lines = [
        line
        for group, entries in entry_points.items()
        for line in (f"[{group}]", *(f"{name} = {value}" for name, value in entries.items()))
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))


def install_as_it_says(folder: Path, package: Path) -> None:
    """By its own pyproject.toml."""
    project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    install(folder, project["name"], project["entry-points"])
