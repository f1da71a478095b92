"""`manage.py quality`: which rules of the field each integration meets, and whether what shall show it is there."""

from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hi.integration.app_config import describe
from hi.integration.discovery import find_integrations
from hi.integration.quality.evidence import find_missing
from hi.integration.quality.report import QualityError, Report, assess
from hi.integration.quality.table import write_tables


class Command(BaseCommand):
    help = "Say which tier of the Integration Quality Scale each integration reaches, and what the next one lacks."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="some integrations; all if left out")
        parser.add_argument("--check", action="store_true", help="fail where a test or a section does not exist")
        parser.add_argument("--table", action="store_true", help="print the tables of docs/quality.md instead")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reports = _read(options["names"])
            self.stdout.write(_write(reports, as_tables=options["table"]), ending="")
            if options["check"]:
                self._check(reports)
        except QualityError as err:
            raise CommandError(str(err)) from err

    def _check(self, reports: Mapping[str, Report | None]) -> None:
        evidence = {piece for report in reports.values() if report for piece in report.find_evidence()}
        if missing := find_missing(evidence):
            raise CommandError(
                "These are declared and do not exist:\n" + "\n".join(f"  {one.place}" for one in missing)
            )
        self.stdout.write(f"All {len(evidence)} tests and sections that are named exist.")


def _read(names: Sequence[str]) -> dict[str, Report | None]:
    """By label. Raises QualityError."""
    found = find_integrations()
    if unknown := [name for name in names if name not in found]:
        raise QualityError(f"There is no integration “{unknown[0]}”. There are: {', '.join(found)}.")
    return {describe(name).label: assess(found[name].package) for name in names or found}


def _write(reports: Mapping[str, Report | None], *, as_tables: bool) -> str:
    if as_tables:
        return write_tables({label: report for label, report in reports.items() if report})
    return "".join(_say(label, report) for label, report in reports.items())


def _say(label: str, report: Report | None) -> str:
    if report is None:
        return f"{label}: says nothing of itself, it has no quality.toml\n"
    if report.next_tier is None:
        return f"{label}: {report.tier}\n"
    lacks = "".join(f"    {rule.rule_id:<32}{rule.asks}\n" for rule in report.list_missing(report.next_tier))
    return f"{label}: {report.tier or 'no tier'}; {report.next_tier} lacks\n{lacks}"
