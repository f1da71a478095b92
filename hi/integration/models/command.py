import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from hi.entity.models import EntityState
from hi.integration.enums import CommandStatus
from hi.integration.models.instance import IntegrationInstance

# Spelled out as in `job.py`: SQLite matches no partial index to an IN list of parameters.
OPEN_COMMANDS = ~(
    ~Q(status=CommandStatus.REQUESTED) & ~Q(status=CommandStatus.SENT) & ~Q(status=CommandStatus.ACKNOWLEDGED)
)


class Command(models.Model):
    """One wish of a person to set a state. At most once: it is marked SENT before it goes out and never goes out
    again; what happened after a crash is then UNKNOWN. See `commands.py`, which makes every move."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.ForeignKey(
        EntityState,
        on_delete=models.SET_NULL,
        null=True,
        related_name="commands",
        db_index=False,  # `command_by_state` begins with it
    )
    instance = models.ForeignKey(IntegrationInstance, on_delete=models.SET_NULL, null=True, related_name="commands")
    # What it was about, in words: a command outlives the thing it was sent to.
    subject = models.CharField(max_length=520, blank=True, default="")
    value = models.TextField(help_text="what is wanted, in hi's words")
    value_before = models.TextField(blank=True, default="", help_text="what the state said when it was asked for")
    code = models.TextField(blank=True, default="", help_text="encrypted, and wiped once it is sent or will not be")

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Whoever asks twice with the same key has asked once.
    idempotency_key = models.CharField(max_length=64)
    trace = models.CharField(max_length=32, blank=True, default="")

    status = models.CharField(max_length=12, default=CommandStatus.REQUESTED)
    worker = models.CharField(max_length=120, blank=True, default="", help_text="who sent it, or tries to")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(help_text="never sent after")
    sent_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    # Which values of the state confirm it; empty for any newer report. NULL until the service was asked.
    expected = models.JSONField(null=True, blank=True)
    tolerance = models.FloatField(default=0.0, help_text="how far a number may be from an expected one")
    denied_by = models.JSONField(
        default=list, blank=True, help_text="values of the state that say that it did not work"
    )
    confirm_seconds = models.PositiveSmallIntegerField(default=30, help_text="how long the state may take to follow")

    message = models.TextField(blank=True, default="", help_text="the outcome as a plain sentence")
    hint = models.TextField(blank=True, default="", help_text="what to do about a failure")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["requested_by", "idempotency_key"], name="a_command_is_asked_for_once"),
            # The last value wins only if no older one can overtake it on its way.
            models.UniqueConstraint(
                fields=["state"], condition=Q(status=CommandStatus.SENT), name="one_command_on_its_way"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "id"], name="command_newest_first"),
            models.Index(fields=["state", "-created_at", "id"], name="command_by_state"),
            models.Index(fields=["instance", "created_at"], condition=OPEN_COMMANDS, name="command_open"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.value}"
