"""Finds the integrations: the folders of hi.services that hold `NAME/NAME_gateway.py`.

Settings read this, so it imports no Django and none of the folders it finds. It looks along `hi.services.__path__`:
a folder added there before Django starts is found like any other.
"""

from pathlib import Path

from hi import services


def find_integrations() -> dict[str, Path]:
    """integration_id -> folder, in the order of their names. The first folder of a name wins."""
    found: dict[str, Path] = {}
    for root in services.__path__:
        for gateway in sorted(Path(root).glob("*/*_gateway.py")):
            folder = gateway.parent
            if gateway.name == f"{folder.name}_gateway.py":
                found.setdefault(folder.name, folder)
    return dict(sorted(found.items()))


def service_apps() -> list[str]:
    """What INSTALLED_APPS takes: each integration is a Django app."""
    return [f"hi.services.{name}" for name in find_integrations()]


def gateway_module(integration_type: str) -> str:
    return f"hi.services.{integration_type}.{integration_type}_gateway"
