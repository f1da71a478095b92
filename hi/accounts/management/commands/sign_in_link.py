from typing import Any

from django.core.management.base import BaseCommand

from hi.accounts.administrator import issue_sign_in_url, require_administrator


class Command(BaseCommand):
    help = "Print a link that signs the first administrator in, once, within 15 minutes."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(issue_sign_in_url(require_administrator()))
