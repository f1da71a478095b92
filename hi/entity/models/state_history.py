from django.db import models


class StateHistory(models.Model):
    """One change of a state's value as its source reported it. Append-only, on the `history` database.

    No foreign key: on SQLite it is another file. The same change may arrive twice (a snapshot after a gap);
    the unique constraint makes writing it idempotent.
    """

    state_id = models.BigIntegerField()
    value = models.TextField(null=True, blank=True)  # noqa: DJ001 - NULL is "no value"
    unit = models.CharField(max_length=40, blank=True, default="")
    quality = models.CharField(max_length=20)
    source_changed_at = models.DateTimeField()
    # Tells apart two changes of one state within one tick of its source's clock.
    sequence = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state_id", "source_changed_at", "sequence"], name="a_change_is_written_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.value} at {self.source_changed_at:%Y-%m-%d %H:%M:%S}"
