from django.db import models

from hi.integration.models.instance import IntegrationInstance


class IntegrationAttribute(models.Model):
    """One setting of an instance. A secret's value is stored encrypted; see `configuration.py` for the only access."""

    instance = models.ForeignKey(IntegrationInstance, on_delete=models.CASCADE, related_name="attributes")
    integration_attr_key = models.CharField(max_length=60)
    value = models.TextField(blank=True, default="")
    is_secret = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instance", "integration_attr_key"], name="a_setting_is_stored_once"),
        ]

    def __str__(self) -> str:
        return self.integration_attr_key
