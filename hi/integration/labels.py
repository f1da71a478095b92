"""What integrations are called. By it people, files and the command line say which one they mean, so nobody gives two
the same; drafts, which nobody means yet, may share one. No constraint holds it: older ones may be called alike."""

from hi.integration import exceptions
from hi.integration.models import IntegrationInstance


def require_free(label: str) -> None:
    """Raises ConfigurationError where an integration is called that already."""
    if IntegrationInstance.objects.filter(label=label, is_draft=False).exists():
        raise exceptions.ConfigurationError(f"There is a “{label}” already: call this one otherwise.", field="label")
