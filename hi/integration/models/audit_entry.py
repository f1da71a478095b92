from django.conf import settings
from django.db import models
from django.utils import timezone

from hi.entity.models import Entity
from hi.integration.models.command import Command
from hi.integration.models.instance import IntegrationInstance


class AuditEntry(models.Model):
    """What somebody did: set something, renamed a thing, ignored one. Written in the transaction of what it tells of,
    and never changed; the outcome of a command is on the command."""

    at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The name at the time: an entry outlives the person's account.
    who = models.CharField(max_length=150, blank=True, default="")
    verb = models.CharField(max_length=30, help_text="set, renamed, moved, noted, ...; see `audit.py`")
    subject = models.CharField(max_length=520, help_text="what it was done to, as people call it")
    before = models.TextField(blank=True, default="")
    after = models.TextField(blank=True, default="")
    entity = models.ForeignKey(Entity, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    instance = models.ForeignKey(
        IntegrationInstance, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    command = models.ForeignKey(Command, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_newest_first"),
            models.Index(fields=["entity", "-at"], name="audit_by_entity"),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.who} {self.verb} {self.subject}"
