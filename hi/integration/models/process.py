from django.db import models
from django.utils import timezone

from hi.integration.enums import ProcessRole


class Process(models.Model):
    """A process of hi that is or was at work. Each writes its own row every few seconds (see `processes.py`)."""

    # As Celery calls a worker: role@host.
    name = models.CharField(max_length=120, unique=True)
    role = models.CharField(max_length=10, choices=[(role, role) for role in ProcessRole])
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, help_text="when it last said that it is there")
    # A worker proves with a message of its own, a canary, that it hears its queue.
    heard_at = models.DateTimeField(null=True, blank=True, help_text="when a canary last reached it")
    slots = models.PositiveSmallIntegerField(default=0, help_text="jobs it can run at once")
    busy = models.PositiveSmallIntegerField(default=0, help_text="jobs it runs now")

    class Meta:
        ordering = ["role", "name"]
        verbose_name_plural = "processes"

    def __str__(self) -> str:
        return self.name


class Leadership(models.Model):
    """Which process has a part that only one may play. The row stays; whoever takes it over raises the epoch, which is
    checked inside every transaction that is written in that part (see `leadership.py`)."""

    part = models.CharField(max_length=20, primary_key=True)
    holder = models.CharField(max_length=120, blank=True, default="", help_text="empty once it has resigned")
    epoch = models.BigIntegerField(default=0)
    since = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "leaderships"

    def __str__(self) -> str:
        return f"{self.part} by {self.holder}"
