from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "hi.accounts"
    label = "accounts"
    verbose_name = "Accounts"
