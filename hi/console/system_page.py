"""The System page's facts in the words of the pages."""

import platform
from dataclasses import dataclass
from importlib.metadata import version

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hi.console.words import Pill, number_word
from hi.integration.health.check import Health
from hi.integration.health.facts import Facts
from hi.integration.health.findings import Finding, Level, say_bytes
from hi.integration.models import Process
from hi.settings import places

LEVEL_PILLS: dict[Level, Pill] = {
    Level.OK: Pill("ok", "check", gettext_lazy("Well")),
    Level.WARN: Pill("warn", "warn", gettext_lazy("Look")),
    Level.BAD: Pill("bad", "cross", gettext_lazy("Broken")),
}
ROLE_WORDS: dict[str, str | Promise] = {
    "web": gettext_lazy("Pages and API"),
    "control": gettext_lazy("Control"),
    "worker": gettext_lazy("Worker"),
    "listener": gettext_lazy("Listener"),
    "beat": gettext_lazy("Schedule"),
    "media": gettext_lazy("Cameras"),
}


@dataclass(frozen=True, slots=True)
class Judged:
    finding: Finding
    pill: Pill


@dataclass(frozen=True, slots=True)
class ProcessRow:
    process: Process
    role: str
    pill: Pill


@dataclass(frozen=True, slots=True)
class SystemPage:
    headline: str
    facts: Facts
    troubles: list[Judged]
    others: list[Judged]
    processes: list[ProcessRow]
    leads: bool
    sizes: list[tuple[str, str]]
    versions: list[tuple[str, str]]
    flower_url: str
    flower_is_local: bool


def build_page(health: Health) -> SystemPage:
    facts = health.facts
    judged = [Judged(finding, LEVEL_PILLS[finding.level]) for finding in health.findings]
    troubles = [one for one in judged if one.finding.level is not Level.OK]
    return SystemPage(
        headline=_headline(health),
        facts=facts,
        troubles=sorted(troubles, key=lambda one: one.finding.level is not Level.BAD),
        others=[one for one in judged if one.finding.level is Level.OK and not _has_a_row(one.finding)],
        processes=[
            ProcessRow(process, str(ROLE_WORDS.get(process.role, process.role)), _process_pill(facts, process))
            for process in facts.processes
        ],
        leads=facts.leader is not None and facts.leader.expires_at > facts.now,
        sizes=_sizes(facts),
        versions=_versions(facts),
        flower_url=places.base_url(settings.HI_FLOWER_HOST, settings.HI_FLOWER_PORT, https=False),
        flower_is_local=places.is_loopback(settings.HI_FLOWER_HOST),
    )


def _has_a_row(finding: Finding) -> bool:
    """The tables of processes and queues tell it already."""
    return finding.subject.startswith(("Process ", "Queue "))


def _headline(health: Health) -> str:
    broken = sum(finding.level is Level.BAD for finding in health.findings)
    if broken:
        told = ngettext("%(number)s thing is not working.", "%(number)s things are not working.", broken)
        return told % {"number": number_word(broken)}
    shaky = sum(finding.level is Level.WARN for finding in health.findings)
    if shaky:
        told = ngettext(
            "hi works. %(number)s thing is worth a look.", "hi works. %(number)s things are worth a look.", shaky
        )
        return told % {"number": number_word(shaky)}
    return _("Everything hi needs is working.")


def _process_pill(facts: Facts, process: Process) -> Pill:
    if not facts.is_alive(process):
        return Pill("warn", "ring", _("Silent"))
    if facts.is_deaf(process):
        return Pill("bad", "cross", _("Deaf"))
    if process.slots and process.busy >= process.slots:
        return Pill("busy", "bolt", _("Busy"))
    return Pill("ok", "check", _("Running"))


def _sizes(facts: Facts) -> list[tuple[str, str]]:
    found = []
    for database in facts.databases:
        if not database.error:
            told = _("%(size)s, and %(log)s of log") if database.wal_bytes else "%(size)s"
            size, log = say_bytes(database.size_bytes), say_bytes(database.wal_bytes)
            found.append((database.subject, told % {"size": size, "log": log}))
    if not facts.redis.error:
        found.append((_("Redis, in memory"), say_bytes(facts.redis.memory_bytes)))
    if not facts.disk.error:
        found.append((_("Free on the disk"), say_bytes(facts.disk.free_bytes)))
    return found


def _versions(facts: Facts) -> list[tuple[str, str]]:
    database, redis = facts.databases[0], facts.redis
    name, _space, number = database.version.partition(" ")
    found = [
        ("Python", platform.python_version()),
        ("Django", version("django")),
        ("Celery", version("celery")),
        (name, number),
        (_("Redis server"), redis.version),
    ]
    return [(name, number) for name, number in found if number]
