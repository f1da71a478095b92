"""What to make of processes, queues, schedules, listeners and integrations."""

from collections.abc import Iterable

from hi.integration import schedules
from hi.integration.enums import IntegrationStatus, ProcessRole
from hi.integration.health.facts import Facts, QueueFacts, SystemFacts
from hi.integration.health.findings import Finding, bad, ok, say_age, say_names, say_since, warn
from hi.integration.models import Process

TAKE_OVER_SECONDS = 30
# Control jobs are what a person waits for.
WAITS_LONG_SECONDS = {"control": 10}
WAITS_LONG_DEFAULT_SECONDS = 60
WAITS_TOO_LONG_SECONDS = 300
RESTART = "Restart it. `make run` does so by itself; in containers: `docker compose restart {}`."
# What does not happen without one.
MISSING: dict[ProcessRole, str] = {
    ProcessRole.WEB: "No pages and no API are served.",
    ProcessRole.CONTROL: "Connection tests and deactivations wait.",
    ProcessRole.WORKER: "No sync and no activation runs.",
    ProcessRole.LISTENER: "No live values arrive.",
    ProcessRole.BEAT: "No scheduled sync starts, and nothing tidies up after a crash.",
    ProcessRole.MEDIA: "No pictures of cameras are shown.",
}
STOPPED_BY_TROUBLE = (IntegrationStatus.FAILED, IntegrationStatus.AUTH_FAILED)


def judge_processes(facts: Facts) -> list[Finding]:
    findings = []
    for role, consequence in MISSING.items():
        own = [process for process in facts.processes if process.role == role]
        if any(facts.is_alive(process) for process in own):
            findings += [_judge_process(facts, process) for process in own]
        elif own:
            findings += [_judge_silent(facts, process, consequence) for process in own]
        else:
            what = f"None is running. {consequence}"
            findings.append(bad(f"Process {role}", what, f"Start it: `make run`, or `docker compose up -d {role}`."))
    return findings


def _judge_silent(facts: Facts, process: Process, consequence: str) -> Finding:
    """The only one of its kind has ended without a word, or hangs: what starts it again sees only the former."""
    what = f"It has said nothing for {say_since(process.seen_at, facts.now)}. {consequence}"
    do = (
        f"If it stays so, end it on its machine: `kill -9 {process.pid}`. `make run` starts the next one by itself; "
        f"in containers: `docker compose restart {process.role}`."
    )
    return bad(f"Process {process.name}", what, do)


def _judge_process(facts: Facts, process: Process) -> Finding:
    subject = f"Process {process.name}"
    if not facts.is_alive(process):
        silence = say_since(process.seen_at, facts.now)
        what = f"It has not been seen for {silence}; another one of its kind is there."
        return warn(
            subject, what, "Nothing, if you stopped it: it is forgotten ten minutes after. Else start it again."
        )
    if facts.is_deaf(process):
        heard = f"for {say_since(process.heard_at, facts.now)}" if process.heard_at else "since it started"
        return bad(subject, f"It runs, but has heard no message of its queue {heard}.", RESTART.format(process.role))
    if not process.slots:
        return ok(subject, "Running.")
    full = ": all its slots are taken, so more waits" if process.busy >= process.slots else ""
    return ok(subject, f"Running, with {process.busy} of {process.slots} slots busy{full}.")


def judge_queues(facts: Facts) -> list[Finding]:
    return [_judge_queue(facts, queue) for queue in facts.queues if queue.name != "listen" or queue.messages]


def _judge_queue(facts: Facts, queue: QueueFacts) -> Finding:
    subject = f"Queue {queue.name}"
    if not queue.oldest_due_at:
        return ok(subject, f"No job waits; {_messages(queue)}.")
    waited = (facts.now - queue.oldest_due_at).total_seconds()
    what = f"{_jobs(queue.due)} for a worker, the oldest for {say_age(waited)}; {_messages(queue)}."
    if waited > WAITS_TOO_LONG_SECONDS:
        return bad(subject, what, "See above whether its worker is running and hears; its log says what it does.")
    if waited > WAITS_LONG_SECONDS.get(queue.name, WAITS_LONG_DEFAULT_SECONDS):
        do = "Wait a little: there is more work than workers. If that lasts, start another worker."
        return warn(subject, what, do)
    return ok(subject, what)


def _jobs(count: int) -> str:
    return "One job waits" if count == 1 else f"{count} jobs wait"


def _messages(queue: QueueFacts) -> str:
    if queue.messages is None:
        return "how many messages, Redis does not say"
    return "one message" if queue.messages == 1 else f"{queue.messages} messages"


def judge_schedules(facts: Facts) -> list[Finding]:
    return [_judge_leader(facts), _judge_punctuality(facts)]


def _judge_leader(facts: Facts) -> Finding:
    leader = facts.leader
    if leader is None:
        what = "Nothing has ever led it, so no scheduled sync starts."
        return bad("Schedule", what, "Start beat: `make run`, or `docker compose up -d beat`.")
    expired = (facts.now - leader.expires_at).total_seconds()
    if expired > TAKE_OVER_SECONDS:
        what = f"Nothing has led it for {say_age(expired)}, so no scheduled sync starts."
        return bad("Schedule", what, "Start beat: `make run`, or `docker compose up -d beat`.")
    if expired > 0:
        what = f"{leader.holder or 'A beat'} led it until {say_age(expired)} ago, and none has taken over yet."
        return warn("Schedule", what, "Wait half a minute; if no beat runs, start it.")
    return ok("Schedule", f"{leader.holder} has led it for {say_since(leader.since, facts.now)}.")


def _judge_punctuality(facts: Facts) -> Finding:
    late = {
        system.instance.label: (facts.now - system.due_at).total_seconds()
        for system in facts.systems
        if system.due_at and schedules.is_late(system.due_at)
    }
    if late:
        what = f"{say_names(list(late))}: should have started {say_age(max(late.values()))} ago."
        return warn("Scheduled syncs", what, "See whether beat leads and the queue “sync” moves.")
    return ok("Scheduled syncs", "All on time.")


def judge_listeners(facts: Facts) -> Finding:
    wanted = [system for system in facts.systems if system.wanted and system.listens and not system.fault]
    if not wanted:
        return ok("Listeners", "No system is to be listened to.")
    orphans = [system for system in wanted if _is_orphan(facts, system)]
    if orphans:
        what = (
            f"Nothing listens to {_labels(orphans)}: no listener holds {'its' if len(orphans) == 1 else 'their'} lease."
        )
        return bad("Listeners", what, RESTART.format("listener"))
    silent = [system for system in wanted if system.instance.live_since is None]
    if silent:
        what = f"{_labels(silent)}: cut off. {silent[0].instance.live_error}".strip()
        return warn("Listeners", what, "hi keeps trying. See that the system is switched on and can be reached.")
    return ok("Listeners", f"{len(wanted)} of {len(wanted)} systems live.")


def _is_orphan(facts: Facts, system: SystemFacts) -> bool:
    """No listener has had it for longer than a take-over lasts."""
    if system.lease_expires_at is not None:
        return (facts.now - system.lease_expires_at).total_seconds() > TAKE_OVER_SECONDS
    lost_at = system.instance.live_lost_at
    return lost_at is not None and (facts.now - lost_at).total_seconds() > TAKE_OVER_SECONDS


def judge_integrations(facts: Facts) -> Finding:
    """Trouble that needs a person, while hi itself is well."""
    for system in facts.systems:
        if system.fault:
            return warn("Integrations", f"{system.instance.label}: {system.fault}", system.fault.hint)
    stopped = [system for system in facts.systems if system.instance.status in STOPPED_BY_TROUBLE]
    asking = [system for system in facts.systems if system.open_repairs and system not in stopped]
    if stopped or asking:
        parts = [f"{_labels(stopped)} stopped by trouble"] if stopped else []
        parts += [f"{_labels(asking)} with a question for you"] if asking else []
        return warn("Integrations", f"{'; '.join(parts)}.", "Open the home page: each is a card with what to do.")
    return ok("Integrations", f"{len(facts.systems)} configured, none needs you.")


def _labels(systems: Iterable[SystemFacts]) -> str:
    return say_names([system.instance.label for system in systems])
