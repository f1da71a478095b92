from django.db import models
from django.db.models.functions import Coalesce, Lower

from hi.entity.enums import EntityType
from hi.entity.models.location import Location


def _live_index(*group: str, name: str) -> models.Index:
    fields = [*group, "sort_name", "id", "removed_at"]
    return models.Index(fields=fields, condition=models.Q(removed_at=None), name=name)


class Entity(models.Model):
    """A thing in the home: a device, a camera, an item. What can be read or set on it are its states.

    What a source says is in `source_*`, what the user says in `user_*`; sync never writes the latter.
    Which source it comes from is not written here: see `IntegrationLink`.
    """

    source_name = models.CharField(max_length=255)
    user_name = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001 - NULL is "as the source says"
    name = models.GeneratedField(
        expression=Coalesce("user_name", "source_name"), output_field=models.CharField(max_length=255), db_persist=True
    )
    source_type = models.CharField(max_length=30, default=EntityType.OTHER)
    user_type = models.CharField(max_length=30, null=True, blank=True)  # noqa: DJ001 - NULL is "as the source says"
    entity_type = models.GeneratedField(
        expression=Coalesce("user_type", "source_type"), output_field=models.CharField(max_length=30), db_persist=True
    )
    source_location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    user_location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    location_id = models.GeneratedField(
        expression=Coalesce("user_location_id", "source_location_id"),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    # By which things are listed within a group.
    sort_name = models.GeneratedField(
        expression=Lower(Coalesce("user_name", "source_name")),
        output_field=models.CharField(max_length=255),
        db_persist=True,
    )
    # Maker, model, version and the like, as label -> text; only ever shown.
    source_details = models.JSONField(default=dict, blank=True)
    source_labels = models.JSONField(default=list, blank=True, help_text="what the source groups it under, as texts")
    is_hidden = models.BooleanField(default=False, help_text="the source shows none of its states to people")
    user_notes = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    # Set while no source has the thing any more; it comes back whole when one does.
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # The list of things is read in pages by name and id.
            models.Index(fields=["name", "id"], condition=models.Q(removed_at=None), name="entity_live_by_name"),
            # Groups are counted, and read in this order: see `grouping.py`. The condition is what lets PostgreSQL read
            # them in order; `removed_at` stands in the index too, because SQLite then counts without looking at a row.
            _live_index("location_id", name="entity_live_by_room"),
            _live_index("entity_type", name="entity_live_by_type"),
            _live_index(name="entity_live_by_sort_name"),
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def location(self) -> Location | None:
        return self.user_location or self.source_location
