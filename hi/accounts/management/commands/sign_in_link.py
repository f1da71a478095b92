from typing import Any

from django.core.management.base import BaseCommand

from hi.accounts.administrator import issue_sign_in_url, require_administrator
from hi.accounts.models import SIGN_IN_LINK_MINUTES


class Command(BaseCommand):
    help = "Print a link that signs the first administrator in, once, within 15 minutes."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        administrator = require_administrator()
        if self.stderr.isatty():  # for a person; a script takes what stands alone on standard output
            self.stderr.write(
                f"It signs {administrator} in, once, within {SIGN_IN_LINK_MINUTES} minutes:", style_func=str
            )
        self.stdout.write(issue_sign_in_url(administrator))
