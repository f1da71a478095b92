from django.db import models
from django.db.models import Q
from django.utils import timezone

from hi.integration.enums import RepairKind
from hi.integration.models.instance import IntegrationInstance


class Repair(models.Model):
    """A problem that needs a person: one card, one fix. At most one open of a kind per instance; it is brought up to
    date while the problem lasts and closed when it is cured."""

    instance = models.ForeignKey(IntegrationInstance, on_delete=models.CASCADE, related_name="repairs")
    kind = models.CharField(max_length=30, choices=[(kind, kind) for kind in RepairKind])
    cause = models.TextField(help_text="one sentence: what happened")
    consequence = models.TextField(blank=True, default="", help_text="one sentence: what it means")
    # authentication: {"field": key of the setting}; removal_review: {"keys": [[kind, key, name], ...]};
    # secret_lost: {"fields": keys of the settings};
    # server_changed: {"server_id": what answers now, "twin": id of the instance that mirrors it already or None}
    data = models.JSONField(default=dict, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instance", "kind"], condition=Q(closed_at=None), name="one_open_repair_of_a_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.cause
