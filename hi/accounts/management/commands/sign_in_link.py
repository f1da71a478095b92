from typing import Any

from django.core.management.base import BaseCommand

from hi.accounts.administrator import issue_sign_in_url, require_administrator


class Command(BaseCommand):
    help = "Print a link that signs the first administrator in, once, within 15 minutes."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        whose = require_administrator()
        self.stderr.write(f"It signs {whose} in, once, within 15 minutes:")
        self.stdout.write(issue_sign_in_url(whose))
