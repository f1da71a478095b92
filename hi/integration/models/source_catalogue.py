from django.db import models

from hi.integration.models.instance import IntegrationInstance


class SourceCatalogue(models.Model):
    """All that a source offered when it was read last, mirrored or not, for people to choose from without asking it
    again. A table of its own: it is large, and instances are read all the time."""

    instance = models.OneToOneField(
        IntegrationInstance, on_delete=models.CASCADE, primary_key=True, related_name="catalogue"
    )
    content = models.JSONField(default=dict, help_text="see `core/catalogue.py`")
    # Set by the first complete sync: to that one nothing is new.
    settled_at = models.DateTimeField(null=True, blank=True)
    selection = models.JSONField(default=dict, help_text="by which the last complete answer was mirrored")

    def __str__(self) -> str:
        return f"what instance {self.instance_id} offers"
