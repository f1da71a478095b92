from django.db import models

from hi.entity.models.entity_state import EntityState


class Sensor(models.Model):
    """Reads a state: the class of what it measures, in the source's finer words, and how precisely."""

    state = models.OneToOneField(EntityState, on_delete=models.CASCADE, related_name="sensor")
    device_class = models.CharField(max_length=60, blank=True, default="")
    state_class = models.CharField(max_length=30, blank=True, default="", help_text="measurement, total, ...")
    precision = models.PositiveSmallIntegerField(null=True, blank=True, help_text="digits after the point to show")

    def __str__(self) -> str:
        return f"sensor of {self.state_id}"
