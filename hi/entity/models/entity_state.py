from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from hi.entity.enums import EntityStateType, Quality, StateCategory
from hi.entity.models.entity import Entity
from hi.entity.models.location import Location

# What people look for among all states of a home. Live ones only.
PRIMARY = Q(is_primary=True, removed_at=None)
PRIMARY_ON = Q(is_primary=True, value="on", removed_at=None)
OPEN = Q(state_type=EntityStateType.OPEN_CLOSE, value="open", removed_at=None)
UNLOCKED = Q(state_type=EntityStateType.LOCK, value="unlocked", removed_at=None)
BATTERY_LOW = Q(state_type=EntityStateType.LOW_BATTERY, value="low", removed_at=None)
VIDEO = Q(state_type=EntityStateType.VIDEO, removed_at=None)


class EntityState(models.Model):
    """One aspect of a thing, with its current value.

    Two writers share the row and no column: sync writes what the state *is* (`source_*`, key, type), the live
    applier writes what it *says* (value, unit, quality and their times).
    """

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="states")
    key = models.CharField(max_length=100, help_text="names the aspect within its thing, such as temperature")
    source_name = models.CharField(max_length=255)
    user_name = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001 - NULL is "as the source says"
    name = models.GeneratedField(
        expression=Coalesce("user_name", "source_name"), output_field=models.CharField(max_length=255), db_persist=True
    )
    state_type = models.CharField(max_length=30, default=EntityStateType.TEXT)
    category = models.CharField(max_length=20, default=StateCategory.PURPOSE)
    is_primary = models.BooleanField(default=False)
    is_hidden = models.BooleanField(default=False, help_text="the source does not show it to people")
    source_location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    user_location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    # NULL unless the quality is good, stale or restored; the last good value is then in the history.
    value = models.TextField(null=True, blank=True)  # noqa: DJ001 - NULL is "no value"
    unit = models.CharField(max_length=40, blank=True, default="")
    quality = models.CharField(max_length=20, default=Quality.UNKNOWN)
    source_changed_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(value=None) | Q(quality__in=[Quality.GOOD, Quality.STALE, Quality.RESTORED]),
                name="a_value_has_a_quality_that_carries_one",
            ),
        ]
        indexes = [
            models.Index(fields=["received_at"], name="state_by_received_at"),
            # One for each filter that counts, of what it selects only: see `queries.py`.
            models.Index(fields=["entity"], condition=PRIMARY_ON, name="state_primary_on"),
            models.Index(fields=["entity"], condition=OPEN, name="state_open"),
            models.Index(fields=["entity"], condition=UNLOCKED, name="state_unlocked"),
            models.Index(fields=["entity"], condition=BATTERY_LOW, name="state_battery_low"),
            models.Index(fields=["entity"], condition=VIDEO, name="state_video"),
            models.Index(fields=["quality", "entity"], condition=PRIMARY, name="state_primary_by_quality"),
        ]

    def __str__(self) -> str:
        return str(self.name)
