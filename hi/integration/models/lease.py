from django.db import models

from hi.integration.enums import LeaseRole
from hi.integration.models.instance import IntegrationInstance


class Lease(models.Model):
    """Who may write for an instance in a role, until when. The row exists only while somebody holds it.

    `epoch` comes from the instance's counter, so it never repeats: a write is allowed only while the row with the
    writer's epoch is there (see `leases.py`).
    """

    instance = models.ForeignKey(IntegrationInstance, on_delete=models.CASCADE, related_name="leases")
    role = models.CharField(max_length=10, choices=[(role, role) for role in LeaseRole])
    holder = models.CharField(max_length=120)
    epoch = models.BigIntegerField()
    # When the holder means to have renewed it. Who it is that has died is judged by its silence, not by this.
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instance", "role"], name="one_holder_per_role"),
        ]

    def __str__(self) -> str:
        return f"{self.role} by {self.holder}"
