"""From facts to findings."""

from dataclasses import dataclass

from hi.integration.health import machine, work
from hi.integration.health.facts import Facts
from hi.integration.health.findings import Finding, Level, bad, warn
from hi.integration.health.rows import read_facts


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
    if all(database.absent for database in facts.databases):
        return [_nothing_there(facts)]
    is_stopped = not facts.rows_error and not facts.is_running
    findings = [*machine.judge_databases(facts), *machine.judge_keys(facts), machine.judge_disk(facts)]
    findings.append(machine.judge_backups(facts))
    if not (is_stopped and facts.redis.error):  # hi's own Redis stops with it
        findings.append(machine.judge_redis(facts))
    if facts.rows_error:
        what = f"Processes, queues, schedules, listeners and integrations are not known: {facts.rows_error}."
        return [*findings, warn("All else", what, "Mend the database first.")]
    if is_stopped:
        stopped = bad("Processes", "hi is not running.", "Start it with `make run`.")
        return [stopped, *findings, work.judge_integrations(facts)]
    return [
        *findings,
        *work.judge_processes(facts),
        *work.judge_queues(facts),
        *work.judge_schedules(facts),
        work.judge_listeners(facts),
        work.judge_integrations(facts),
    ]


def _nothing_there(facts: Facts) -> Finding:
    return bad(
        "hi",
        f"hi is not running, and there is no database of hi in {facts.disk.folder}.",
        "New here: start it with `make run`. Else set HI_DATA_DIR to its data folder, or restore that from a backup.",
    )
