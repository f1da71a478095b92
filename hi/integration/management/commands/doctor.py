import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from hi.integration.health.check import Health, check_health
from hi.integration.health.findings import Level

MARKS = {Level.OK: "✓", Level.WARN: "!", Level.BAD: "✗"}


class Command(BaseCommand):
    help = "Say in plain words what is wrong with hi and what to do. Exit code 1 if something is broken."
    # It shall speak just when the tables are not what the models think.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        health = check_health()
        self.stdout.write(_as_json(health) if options["json"] else _as_words(health))
        sys.exit(1 if health.level is Level.BAD else 0)


def _as_json(health: Health) -> str:
    return json.dumps({"level": health.level, "findings": [asdict(finding) for finding in health.findings]}, indent=2)


def _as_words(health: Health) -> str:
    width = max(len(finding.subject) for finding in health.findings)
    lines = []
    for finding in health.findings:
        lines.append(f"{MARKS[finding.level]} {finding.subject:<{width}}  {finding.what}")
        if finding.do:
            lines.append(f"  {'':<{width}}  → {finding.do}")
    return "\n".join(lines)
