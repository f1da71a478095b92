from typing import Any

from django.apps import AppConfig
from django.core import checks

from hi.integration import discovery
from hi.integration.app_config import require_loaded


class IntegrationAppConfig(AppConfig):
    name = "hi.integration"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        checks.register(check_integrations)


def check_integrations(**_options: Any) -> list[checks.CheckMessage]:
    """Warnings, not errors: one that cannot be used is no reason to do without the others."""
    told: list[checks.CheckMessage] = [checks.Warning(text, id="hi.W001") for text in discovery.find_conflicts()]
    for found in discovery.find_integrations().values():
        try:
            require_loaded(found.package)
        except Exception as err:  # noqa: BLE001 - whatever a package may raise when it is imported
            told.append(checks.Warning(f"The integration “{found.integration_id}” does not load: {err}", id="hi.W002"))
    return told
