"""Finds the integrations: the folders of hi.services that hold `NAME/NAME_gateway.py`, and installed packages.

A package names itself in its entry points, `NAME = "its_package"` in the group `hi.integrations`, and holds what such a
folder holds. Settings read this, so it imports no Django and nothing of what it finds. It looks along
`hi.services.__path__`: a folder added there before Django starts is found like any other.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from hi import services

GROUP = "hi.integrations"
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True)
class Found:
    """An integration by its integration_id, and the package that holds it."""

    integration_id: str
    package: str

    @property
    def gateway_module(self) -> str:
        return f"{self.package}.{self.integration_id}_gateway"


def find_integrations() -> dict[str, Found]:
    """By integration_id, in the order of their names. The first folder of a name wins, and a folder over a package."""
    found = {name: Found(name, f"hi.services.{name}") for name in _list_folders()}
    for entry in list_packages():
        if NAME.fullmatch(entry.name):
            found.setdefault(entry.name, Found(entry.name, entry.module))
    return dict(sorted(found.items()))


def find_conflicts() -> list[str]:
    """What is installed and not found, each with the reason in a sentence."""
    found, told = find_integrations(), []
    for entry in list_packages():
        if not NAME.fullmatch(entry.name):
            told.append(f"The package {entry.module} calls itself “{entry.name}”, which is no name in snake_case.")
        elif found[entry.name].package != entry.module:
            taken = found[entry.name].package
            told.append(f"The package {entry.module} is not used: {taken} is called “{entry.name}” already.")
    return told


def service_apps() -> list[str]:
    """Each integration is a Django app."""
    return [found.package for found in find_integrations().values()]


@cache
def list_packages() -> tuple[EntryPoint, ...]:
    """As they were when the process first asked: what is installed under a running hi is for the next start."""
    return tuple(sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.module)))


def _list_folders() -> set[str]:
    gateways = (gateway for root in services.__path__ for gateway in Path(root).glob("*/*_gateway.py"))
    return {gateway.parent.name for gateway in gateways if gateway.name == f"{gateway.parent.name}_gateway.py"}
