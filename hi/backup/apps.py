from django.apps import AppConfig


class BackupConfig(AppConfig):
    name = "hi.backup"
    label = "backup"
