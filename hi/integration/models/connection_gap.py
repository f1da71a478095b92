from django.db import models
from django.db.models import Q

from hi.integration.models.instance import IntegrationInstance


class ConnectionGap(models.Model):
    """A time in which an instance that should have been live was not. Open while `ended_at` is empty."""

    instance = models.ForeignKey(IntegrationInstance, on_delete=models.CASCADE, related_name="gaps")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instance"], condition=Q(ended_at=None), name="one_open_gap"),
        ]
        indexes = [models.Index(fields=["instance", "-began_at"], name="gap_newest_first")]

    def __str__(self) -> str:
        return f"{self.instance_id} from {self.began_at:%Y-%m-%d %H:%M:%S}"
