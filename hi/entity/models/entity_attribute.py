from django.db import models

from hi.entity.models.entity import Entity


class EntityAttribute(models.Model):
    """A fact that people noted about a thing: where the manual is, when the filter was changed. Never a source's."""

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="attributes")
    name = models.CharField(max_length=80)
    value = models.TextField(blank=True, default="")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["entity", "name"], name="an_attribute_is_noted_once"),
        ]

    def __str__(self) -> str:
        return self.name
