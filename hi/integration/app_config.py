"""How an integration presents itself. Its app config may be a plain AppConfig; then its id is its label."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig, apps

from hi.integration import discovery
from hi.integration.quality.report import find_tier
from hi.integration.quality.rules import Tier


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
    """One kind of system that hi can mirror. `installed` is False when instances are left of one that has gone.
    `quality`: the tier of the field's rules that it reaches."""

    integration_type: str
    label: str
    description: str
    badge: str
    hue: int
    installed: bool = True
    quality: Tier | None = None


def describe(integration_type: str) -> IntegrationInfo:
    """What to show for an integration_id, installed or not."""
    found = discovery.find_integrations().get(integration_type)
    if found is None:
        return IntegrationInfo(
            integration_type, integration_type, "Not installed.", integration_type[:2].upper(), 265, False
        )
    config = next((app for app in apps.get_app_configs() if app.name == found.package), None)
    label = getattr(config, "integration_label", "") or integration_type
    return IntegrationInfo(
        integration_type,
        label,
        getattr(config, "integration_description", ""),
        getattr(config, "integration_badge", "") or label[:2].upper(),
        getattr(config, "integration_hue", 265),
        quality=find_tier(found.package),
    )


def list_integrations() -> list[IntegrationInfo]:
    return sorted((describe(name) for name in discovery.find_integrations()), key=lambda info: info.label.lower())


def list_loadable(packages: Iterable[str], others: Iterable[str]) -> list[str]:
    """Those of the packages that Django can take beside the `others`, so that a broken one breaks only itself."""
    labels = {name.rpartition(".")[2] for name in others}
    loadable = []
    for package in packages:
        with suppress(Exception):  # whatever it is, its card says it: `require_loaded` asks again
            labels.add(load(package, labels).label)
            loadable.append(package)
    return loadable


def load(package: str, labels: Iterable[str]) -> AppConfig:
    """As Django does. Raises what is wrong with the package; an ImportError where an app has its label."""
    config = AppConfig.create(package)
    if config.label in labels:
        raise ImportError(f"another app is labelled “{config.label}” already; set `label` in its apps.py")
    return config


def require_loaded(package: str) -> None:
    """Raises what kept a package from being loaded when hi started."""
    present = list(apps.get_app_configs())
    if all(app.name != package for app in present):
        load(package, [app.label for app in present])
