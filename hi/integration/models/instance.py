from django.db import models
from django.utils import timezone

from hi.integration.enums import BreakerState, DesiredState, IntegrationStatus, NewThings, RemovalPolicy


class IntegrationInstance(models.Model):
    """One configured connection to one system.

    `integration_type` is the integration_id, plain text: a new folder needs no migration, and an instance whose
    folder has gone shows as missing instead of breaking.
    """

    integration_type = models.CharField(max_length=60)
    label = models.CharField(max_length=120)
    is_demo = models.BooleanField(default=False)
    # A draft is what the add-wizard works on, so that tasks carry ids only; it shows nowhere else.
    is_draft = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    desired_state = models.CharField(max_length=12, default=DesiredState.INACTIVE)
    status = models.CharField(max_length=16, default=IntegrationStatus.INACTIVE)
    reason = models.TextField(blank=True, default="")
    since = models.DateTimeField(default=timezone.now)

    sync_interval_seconds = models.PositiveIntegerField(default=600)
    # The schedule's slot that ran last, None without a schedule; only `schedules.py` writes these two.
    last_slot_at = models.DateTimeField(null=True, blank=True)
    missed_slots = models.PositiveIntegerField(default=0, help_text="slots since the last scheduled sync without one")
    # The system has asked to be left alone until then (Retry-After): see `quiet.py`.
    quiet_until = models.DateTimeField(null=True, blank=True)
    removal_policy = models.CharField(max_length=10, default=RemovalPolicy.REMOVE)
    # What of the source is mirrored: {"areas": [...], "families": [...], "things": [...]}; an absent or empty list
    # leaves out nothing (see `core/selection.py`).
    selection = models.JSONField(default=dict, blank=True)
    new_things = models.CharField(max_length=10, default=NewThings.MIRROR)
    # Grows with each change of the settings: a listener with older ones reconnects.
    config_revision = models.PositiveIntegerField(default=0)

    # What the last sync left behind. `server_id`: what the server calls itself for good; empty where it has no name.
    server_id = models.CharField(max_length=120, blank=True, default="")
    source_version = models.CharField(max_length=60, blank=True, default="")
    last_sync_at = models.DateTimeField(null=True, blank=True)
    sync_error = models.TextField(blank=True, default="")
    # Grows with each sync that changed something: a listener with an older one re-reads its map of states.
    structure_revision = models.PositiveIntegerField(default=0)

    # What the listener says. Exactly one of the two times is set while a listener is wanted.
    live_since = models.DateTimeField(null=True, blank=True)
    live_lost_at = models.DateTimeField(null=True, blank=True)
    live_error = models.TextField(blank=True, default="")

    # What the breaker last told; its working state is in Redis.
    breaker_state = models.CharField(max_length=12, default=BreakerState.CLOSED)
    breaker_opened_at = models.DateTimeField(null=True, blank=True)

    # The last epoch given to a lease holder; it only grows.
    lease_epoch = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["label", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["integration_type", "server_id"],
                condition=models.Q(is_draft=False) & ~models.Q(server_id=""),
                name="a_server_is_mirrored_once",
            ),
        ]

    def __str__(self) -> str:
        return self.label
