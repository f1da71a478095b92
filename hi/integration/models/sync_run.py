from django.db import models
from django.db.models import Q
from django.utils import timezone

from hi.integration.enums import RunOutcome
from hi.integration.models.instance import IntegrationInstance
from hi.integration.models.job import Job


class SyncRun(models.Model):
    """One sync: what it found and what it did. Things and states are counted together."""

    instance = models.ForeignKey(IntegrationInstance, on_delete=models.CASCADE, related_name="sync_runs")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(default=timezone.now)
    epoch = models.BigIntegerField(default=0, help_text="of the lease under which it was written")
    outcome = models.CharField(max_length=10, default=RunOutcome.APPLIED)
    message = models.TextField(blank=True, default="")
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    reattached = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0, help_text="removals that wait for a person")
    unchanged = models.PositiveIntegerField(default=0)
    quarantined = models.JSONField(default=list, blank=True, help_text="[{kind, key, path, message}], capped")
    kept_names = models.PositiveIntegerField(default=0, help_text="names of the user's that this run left alone")

    class Meta:
        constraints = [
            # A job whose worker died after it had written is not applied again.
            models.UniqueConstraint(
                fields=["job"], condition=~Q(outcome=RunOutcome.FAILED), name="a_job_is_applied_once"
            ),
        ]
        indexes = [models.Index(fields=["instance", "-started_at"], name="sync_run_newest_first")]

    def __str__(self) -> str:
        return f"+{self.created} ~{self.updated} -{self.removed}"
