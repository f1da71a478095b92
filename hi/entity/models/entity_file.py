from django.conf import settings
from django.db import models

from hi.entity.models.entity import Entity


class EntityFile(models.Model):
    """A file that people keep with a thing: a manual, a receipt, a picture. Never a source's."""

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="files")
    # Its name on the disk is made up; what people call it is `name`.
    content = models.FileField(upload_to="things", max_length=200)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="bytes")
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
