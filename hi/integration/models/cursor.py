from django.db import models
from django.utils import timezone

from hi.integration.models.instance import IntegrationInstance


class IntegrationCursor(models.Model):
    """Up to where a source's own record of what happened was read, in words of the service. Written right after what it
    covers, so that a crash reads some of it again and leaves nothing out."""

    instance = models.OneToOneField(
        IntegrationInstance, on_delete=models.CASCADE, primary_key=True, related_name="cursor"
    )
    position = models.JSONField(default=dict)
    saved_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"instance {self.instance_id} at {self.position}"
