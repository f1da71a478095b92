"""From facts to findings."""

from collections.abc import Callable
from dataclasses import dataclass

from hi.integration.health import machine, work
from hi.integration.health.facts import Facts
from hi.integration.health.findings import Finding, Level, bad, warn
from hi.integration.health.rows import read_facts

WORK: dict[str, Callable[[Facts], Finding | list[Finding]]] = {
    "Processes": work.judge_processes,
    "Queues": work.judge_queues,
    "Schedules": work.judge_schedules,
    "Listeners": work.judge_listeners,
    "Integrations": work.judge_integrations,
}


@dataclass(frozen=True, slots=True)
class Health:
    facts: Facts
    findings: tuple[Finding, ...]

    @property
    def level(self) -> Level:
        levels = {finding.level for finding in self.findings}
        return next((level for level in (Level.BAD, Level.WARN) if level in levels), Level.OK)


def check_health() -> Health:
    facts = read_facts()
    return Health(facts, tuple(judge(facts)))


def judge(facts: Facts) -> list[Finding]:
    """Every finding, what hi stands on first. Depends on the facts alone."""
    is_stopped = not facts.rows_error and not facts.is_running
    findings = [*machine.judge_databases(facts), *machine.judge_keys(facts), machine.judge_disk(facts)]
    if not (is_stopped and facts.redis.error):  # hi's own Redis stops with it
        findings.append(machine.judge_redis(facts))
    if facts.rows_error:
        trouble = facts.rows_error
        return findings + [warn(subject, f"Not known: {trouble}.", "Mend the database first.") for subject in WORK]
    if is_stopped:
        findings.append(bad("Processes", "hi is not running.", "Start it with `make run`."))
        return findings + _flatten(work.judge_integrations(facts))
    for judge_part in WORK.values():
        findings += _flatten(judge_part(facts))
    return findings


def _flatten(found: Finding | list[Finding]) -> list[Finding]:
    return [found] if isinstance(found, Finding) else found
