from django.db import models

from hi.entity.enums import ControlType
from hi.entity.models.entity_state import EntityState


class Controller(models.Model):
    """Sets a state: how, and within which bounds."""

    state = models.OneToOneField(EntityState, on_delete=models.CASCADE, related_name="controller")
    control = models.CharField(max_length=20, default=ControlType.TOGGLE)
    minimum = models.FloatField(null=True, blank=True)
    maximum = models.FloatField(null=True, blank=True)
    step = models.FloatField(null=True, blank=True)
    options = models.JSONField(default=list, blank=True)
    asks_first = models.BooleanField(default=False, help_text="a person confirms before it is set: a lock, a garage")
    code_format = models.CharField(
        max_length=10, blank=True, default="", help_text="number or text, where a code must go along"
    )
    without_code = models.JSONField(default=list, blank=True, help_text="options with which no code needs to go along")

    def __str__(self) -> str:
        return f"{self.control} of {self.state_id}"
