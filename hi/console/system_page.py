"""The System page's facts in the words of the pages."""

import platform
from dataclasses import dataclass
from importlib.metadata import version

from django.conf import settings

from hi.console.words import Pill, number_word
from hi.integration.health import Finding, Health, Level
from hi.integration.health.facts import Facts
from hi.integration.health.findings import say_bytes
from hi.integration.models import Process
from hi.settings import places

LEVEL_PILLS: dict[Level, Pill] = {
    Level.OK: Pill("ok", "check", "Well"),
    Level.WARN: Pill("warn", "warn", "Look"),
    Level.BAD: Pill("bad", "cross", "Broken"),
}
ROLE_WORDS: dict[str, str] = {
    "web": "Pages and API",
    "control": "Control",
    "worker": "Worker",
    "listener": "Listener",
    "beat": "Schedule",
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
            ProcessRow(process, ROLE_WORDS.get(process.role, process.role), _process_pill(facts, process))
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
        return f"{number_word(broken)} {'thing is' if broken == 1 else 'things are'} not working."
    shaky = sum(finding.level is Level.WARN for finding in health.findings)
    if shaky:
        return f"hi works. {number_word(shaky)} {'thing is' if shaky == 1 else 'things are'} worth a look."
    return "Everything hi needs is working."


def _process_pill(facts: Facts, process: Process) -> Pill:
    if not facts.is_alive(process):
        return Pill("warn", "ring", "Silent")
    if facts.is_deaf(process):
        return Pill("bad", "cross", "Deaf")
    if process.slots and process.busy >= process.slots:
        return Pill("busy", "bolt", "Busy")
    return Pill("ok", "check", "Running")


def _sizes(facts: Facts) -> list[tuple[str, str]]:
    found = []
    for database in facts.databases:
        if not database.error:
            log = f", and {say_bytes(database.wal_bytes)} of log" if database.wal_bytes else ""
            found.append((database.subject, f"{say_bytes(database.size_bytes)}{log}"))
    if not facts.redis.error:
        found.append(("Redis, in memory", say_bytes(facts.redis.memory_bytes)))
    if not facts.disk.error:
        found.append(("Free on the disk", say_bytes(facts.disk.free_bytes)))
    return found


def _versions(facts: Facts) -> list[tuple[str, str]]:
    database, redis = facts.databases[0], facts.redis
    name, _space, number = database.version.partition(" ")
    found = [
        ("Python", platform.python_version()),
        ("Django", version("django")),
        ("Celery", version("celery")),
        (name, number),
        ("Redis server", redis.version),
    ]
    return [(name, number) for name, number in found if number]
