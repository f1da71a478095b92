from django.apps import AppConfig


class EntityAppConfig(AppConfig):
    name = "hi.entity"
    default_auto_field = "django.db.models.BigAutoField"
