from django.db import models

from hi.entity.models import Entity, EntityState, Location
from hi.integration.enums import ItemKind
from hi.integration.models.instance import IntegrationInstance


class IntegrationLink(models.Model):
    """The only place of identity: what a source calls something, and which row of the home it is.

    One row of the home may have several links. A link whose source lost the item becomes a tombstone
    (`removed_at`) and comes back with the same row when the item does.
    """

    instance = models.ForeignKey(IntegrationInstance, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in ItemKind])
    integration_key = models.CharField(max_length=255)
    location = models.ForeignKey(Location, on_delete=models.CASCADE, null=True, blank=True, related_name="links")
    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, null=True, blank=True, related_name="links")
    state = models.ForeignKey(EntityState, on_delete=models.CASCADE, null=True, blank=True, related_name="links")

    # What a sync remembers: where the item hangs, under which changing name its values arrive, and what it was.
    parent_key = models.CharField(max_length=255, blank=True, default="")
    address = models.CharField(max_length=255, blank=True, default="")
    content_hash = models.CharField(max_length=32, blank=True, default="")
    removed_at = models.DateTimeField(null=True, blank=True)
    removal_cause = models.CharField(max_length=12, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instance", "kind", "integration_key"], name="a_key_names_one_item"),
            models.CheckConstraint(
                condition=(
                    models.Q(kind=ItemKind.LOCATION, location__isnull=False, entity=None, state=None)
                    | models.Q(kind=ItemKind.ENTITY, location=None, entity__isnull=False, state=None)
                    | models.Q(kind=ItemKind.STATE, location=None, entity=None, state__isnull=False)
                ),
                name="a_link_leads_to_what_its_kind_says",
            ),
        ]
        # What an instance mirrors is counted on many pages, every two seconds; and where a thing comes from, and a
        # state, for which SQLite would else go through all links that are live.
        indexes = [
            models.Index(fields=["removed_at", "kind", "instance"], name="link_by_kind_and_instance"),
            models.Index(
                fields=["removed_at", "entity", "instance"],
                condition=models.Q(entity__isnull=False),
                name="link_of_entity",
            ),
            models.Index(fields=["removed_at", "state"], condition=models.Q(state__isnull=False), name="link_of_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.integration_key}"
