from django.db import models

from hi.entity.models import Entity
from hi.integration.models.instance import IntegrationInstance


class Recording(models.Model):
    """An event that a source keeps pictures of; they stay there. `ended_at` is empty while it goes on."""

    instance = models.ForeignKey(IntegrationInstance, on_delete=models.CASCADE, related_name="recordings")
    integration_key = models.CharField(max_length=255)
    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="recordings")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    title = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instance", "integration_key"], name="an_event_is_recorded_once"),
        ]
        indexes = [models.Index(fields=["entity", "-began_at"], name="recording_newest_first")]

    def __str__(self) -> str:
        return f"{self.title} at {self.began_at:%Y-%m-%d %H:%M:%S}"
