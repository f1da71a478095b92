from django.apps import AppConfig


class IntegrationAppConfig(AppConfig):
    name = "hi.integration"
    default_auto_field = "django.db.models.BigAutoField"
