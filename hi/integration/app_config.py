"""How an integration presents itself. Its app config may be a plain AppConfig; then its folder's name is its label."""

from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig, apps

from hi.integration import discovery


class ServiceConfig(AppConfig):
    """Base for the app configs of integrations: what people read when they choose one."""

    integration_label = ""
    integration_description = ""
    # Two letters and a hue (OKLCH degrees) for its badge.
    integration_badge = ""
    integration_hue = 265

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # Of several app configs in one module Django takes the default; this base is imported into every one.
        cls.default = True


@dataclass(frozen=True, slots=True)
class IntegrationInfo:
    """One kind of system that hi can mirror. `installed` is False when instances are left of a folder that has gone."""

    integration_type: str
    label: str
    description: str
    badge: str
    hue: int
    installed: bool = True


def describe(integration_type: str) -> IntegrationInfo:
    """What to show for an integration_id, installed or not."""
    if integration_type not in discovery.find_integrations():
        return IntegrationInfo(
            integration_type, integration_type, "Not installed.", integration_type[:2].upper(), 265, False
        )
    config = next((app for app in apps.get_app_configs() if app.name == f"hi.services.{integration_type}"), None)
    label = getattr(config, "integration_label", "") or integration_type
    return IntegrationInfo(
        integration_type,
        label,
        getattr(config, "integration_description", ""),
        getattr(config, "integration_badge", "") or label[:2].upper(),
        getattr(config, "integration_hue", 265),
    )


def list_integrations() -> list[IntegrationInfo]:
    return sorted((describe(name) for name in discovery.find_integrations()), key=lambda info: info.label.lower())
