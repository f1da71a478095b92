from django.conf import settings
from django.db import models
from django.utils import timezone

from hi.integration.enums import Decision
from hi.integration.models.instance import IntegrationInstance


class InboxItem(models.Model):
    """A thing that a source offers and hi does not mirror: it waits for a decision, is approved and waits for the
    next sync, or is ignored. Decisions stick to the source's key."""

    instance = models.ForeignKey(IntegrationInstance, on_delete=models.CASCADE, related_name="inbox")
    integration_key = models.CharField(max_length=255)
    decision = models.CharField(max_length=10, default=Decision.WAITING)
    # As the source describes it, for people to decide by.
    name = models.CharField(max_length=255)
    entity_type = models.CharField(max_length=30)
    place = models.CharField(max_length=255, blank=True, default="")
    families = models.JSONField(default=list, blank=True)
    state_count = models.PositiveIntegerField(default=0)
    found_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instance", "integration_key"], name="one_decision_for_a_thing"),
        ]
        indexes = [models.Index(fields=["instance", "decision", "name"], name="inbox_by_decision")]

    def __str__(self) -> str:
        return self.name
