from django.db import models
from django.db.models.functions import Coalesce

from hi.entity.enums import LocationKind


class Location(models.Model):
    """A place in the home: a building, a floor or a room.

    What a source says is in `source_*`, what the user says in `user_*`; sync never writes the latter.
    """

    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in LocationKind], default=LocationKind.ROOM)
    source_name = models.CharField(max_length=255)
    user_name = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001 - NULL is "as the source says"
    name = models.GeneratedField(
        expression=Coalesce("user_name", "source_name"), output_field=models.CharField(max_length=255), db_persist=True
    )
    source_parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    user_parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # Floors have an order of their own (cellar, ground floor, attic); what stands at one position sorts by name.
    position = models.IntegerField(default=0)
    user_position = models.IntegerField(null=True, blank=True, help_text="among what stands under one parent")
    rank = models.IntegerField(
        default=0, help_text="its place in the whole tree, depth first; see `hi/entity/places.py`"
    )
    removed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.name)

    @property
    def is_own(self) -> bool:
        """Made by people, known to no source."""
        return not self.source_name

    @property
    def parent(self) -> "Location | None":
        return self.user_parent or self.source_parent
