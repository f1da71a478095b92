"""Everything about one instance that helps to find out what is wrong with it, to be shown to strangers.

No secret, no name of a person, no host, no value of a thing; of bounded size; a constant number of statements.
"""

import platform
import socket
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.conf import settings
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from hi.accounts.models import User
from hi.entity.enums import EntityType
from hi.entity.models import Entity
from hi.integration import exceptions
from hi.integration.core.settings import CERTIFICATE, SettingSpec, SettingType
from hi.integration.enums import ItemKind
from hi.integration.health import recent
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import (
    Command,
    ConnectionGap,
    IntegrationAttribute,
    IntegrationInstance,
    IntegrationLink,
    Job,
    Lease,
    Repair,
    SourceCatalogue,
    SyncRun,
)
from hi.utils.redact import Anonymiser

MOST_ROWS = 20
MOST_NAMES = 500
MAX_TEXT = 1_000
MAX_TRACEBACK = 4_000
MOST_LINES = 300
LOG_TAIL = 512 * 1024
MAX_BYTES = 256 * 1024

Document = dict[str, Any]


def build_diagnostics(instance: IntegrationInstance) -> Document:
    """What can be written as JSON as it is."""
    rows = list(IntegrationAttribute.objects.filter(instance=instance).order_by("integration_attr_key"))
    jobs = list(Job.objects.filter(instance=instance).order_by("-created_at", "pk")[:MOST_ROWS])
    document: Document = {
        "made_at": timezone.now(),
        "versions": _read_versions(),
        "integration": _pick(instance, "pk", "integration_type", "source_version", "is_demo", "is_draft", "created_at"),
        "settings": _read_settings(instance, rows),
        "status": _pick(instance, *STATUS),
        "breaker": _pick(instance, "breaker_state", "breaker_opened_at"),
        "counts": _read_counts(instance),
        "leases": [_pick(row, *LEASE) for row in Lease.objects.filter(instance=instance)],
        "repairs": [_pick(row, *REPAIR) for row in _newest(Repair, instance, "-opened_at")],
        "gaps": [_pick(row, *GAP) for row in _newest(ConnectionGap, instance, "-began_at")],
        "jobs": [_read_job(job) for job in jobs],
        "runs": [_read_run(run) for run in _newest(SyncRun, instance, "-started_at")],
        "commands": [_pick(row, *COMMAND) for row in _newest(Command, instance, "-created_at")],
        "health": [{"subject": one.subject, "level": one.level, "what": one.what} for one in recent.list_troubles()],
        "log": _read_log(instance, jobs),
    }
    cleaned = _clean(document, _build_anonymiser(instance, rows))
    return _fit(cleaned)


STATUS = (
    *("desired_state", "status", "reason", "since", "live_since", "live_lost_at", "live_error", "last_sync_at"),
    *("sync_error", "sync_interval_seconds", "last_slot_at", "missed_slots", "quiet_until", "new_things"),
    *("removal_policy", "config_revision", "structure_revision", "lease_epoch"),
)
LEASE = ("role", "holder", "epoch", "expires_at")
REPAIR = ("kind", "cause", "opened_at", "updated_at", "closed_at")
GAP = ("began_at", "ended_at", "reason")
JOB = (
    *("pk", "kind", "trigger", "trace", "status", "attempt", "tries", "losses", "worker", "created_at", "run_after"),
    *("sent_at", "started_at", "heartbeat_at", "ended_at", "phase", "done", "total", "message", "hint", "slots_missed"),
)
RUN = (
    *("started_at", "ended_at", "epoch", "outcome", "message", "created", "updated", "reattached", "removed", "held"),
    *("unchanged", "kept_names"),
)
# Not what was set, nor to what.
COMMAND = ("status", "worker", "created_at", "sent_at", "acknowledged_at", "ended_at", "confirm_seconds", "message")


def _pick(row: Any, *columns: str) -> Document:
    return {("id" if column == "pk" else column): getattr(row, column) for column in columns}


def _newest(model: Any, instance: IntegrationInstance, order: str) -> Any:
    return model.objects.filter(instance=instance).order_by(order, "pk")[:MOST_ROWS]


def _read_versions() -> Document:
    return {
        "hi": _read_own_version(),
        "Python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "database": connection.vendor,
        **{name: version(name) for name in ("django", "celery", "requests", "urllib3", "websockets", "cryptography")},
    }


def _read_own_version() -> str:
    try:
        return str(tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text("utf-8"))["project"]["version"])
    except (OSError, ValueError, KeyError):
        return "unknown"


def _read_settings(instance: IntegrationInstance, rows: Iterable[IntegrationAttribute]) -> Document:
    """Of a secret only that there is one."""
    try:
        specs: dict[str, SettingSpec] = {
            spec.key: spec for spec in get_integration_gateway(instance.integration_type).settings
        }
    except exceptions.IntegrationError:  # its folder has gone
        specs = {}
    return {row.integration_attr_key: _say_setting(row, specs.get(row.integration_attr_key)) for row in rows}


def _say_setting(row: IntegrationAttribute, spec: SettingSpec | None) -> str:
    if row.is_secret:
        return "(a secret)"
    if spec is None:  # nobody knows any more what it is
        return "(not declared)"
    if spec.type is SettingType.CERTIFICATES:
        return f"({len(CERTIFICATE.findall(row.value))} given)"
    return row.value


def _read_counts(instance: IntegrationInstance) -> Document:
    gone = Q(removed_at__isnull=False)
    links = IntegrationLink.objects.filter(instance=instance).values_list("kind")
    counted = links.annotate(live=Count("pk", filter=~gone), removed=Count("pk", filter=gone)).order_by("kind")
    catalogue = SourceCatalogue.objects.filter(instance=instance).first()
    offered = catalogue.content if catalogue else {}
    return {
        "mirrored": {kind: {"live": live, "removed": removed} for kind, live, removed in counted},
        "offered": {part: len(listed) for part, listed in offered.items() if isinstance(listed, list)},
        "selected": {part: len(listed) for part, listed in instance.selection.items() if isinstance(listed, list)},
    }


def _read_job(job: Job) -> Document:
    """Its traceback by its end, where the cause stands. What a step that went well has found is nobody's business."""
    steps = [
        {key: value for key, value in step.items() if key not in ("message", "hint") or step.get("status") == "failed"}
        for step in job.steps
        if isinstance(step, dict)
    ]
    error = job.error if len(job.error) <= MAX_TRACEBACK else f"…{job.error[-MAX_TRACEBACK:]}"
    return {**_pick(job, *JOB), "steps": steps[:MOST_ROWS], "error": error.splitlines()}


def _read_run(run: SyncRun) -> Document:
    kinds = [item.get("kind") for item in run.quarantined if isinstance(item, dict)]
    return {**_pick(run, *RUN), "quarantined": {kind: kinds.count(kind) for kind in ItemKind}}


def _read_log(instance: IntegrationInstance, jobs: Iterable[Job]) -> list[str]:
    """The last lines about it, from the files that `make run` keeps; of containers, what its jobs remember."""
    lines = list(_find_lines(instance, jobs))
    if not lines:
        lines = [str(line) for job in reversed(list(jobs)) for line in job.log]
    return lines[-MOST_LINES:]


def _find_lines(instance: IntegrationInstance, jobs: Iterable[Job]) -> Iterator[str]:
    marks = [f"integration {instance.pk} ", f"integration {instance.pk}:"]
    for job in jobs:
        marks += [str(job.pk), *([f"[{job.trace[:8]}]"] if job.trace else [])]
    found = [
        line
        for path in sorted((settings.HI_DATA_DIR / "logs").glob("*.log"))
        for line in _read_tail(path)
        if any(mark in line for mark in marks)
    ]
    yield from sorted(found)  # each begins with its time


def _read_tail(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LOG_TAIL))
            lines = file.read(LOG_TAIL).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return lines[1:] if len(lines) > 1 else lines  # the first may be half a line


def _build_anonymiser(instance: IntegrationInstance, rows: Iterable[IntegrationAttribute]) -> Anonymiser:
    hosts = [urlsplit(row.value).hostname or "" for row in rows if not row.is_secret and "://" in row.value[:10]]
    return Anonymiser([instance.label, *list_people(instance)], [*hosts, socket.gethostname()])


def list_people(instance: IntegrationInstance) -> list[str]:
    """Names of those who sign in, and of whom the instance mirrors, with their words."""
    people = User.objects.values_list("username", "first_name", "last_name")[:MOST_NAMES]
    mirrored = Entity.objects.filter(entity_type=EntityType.PERSON, links__instance=instance)
    names = [name for person in people for name in person]
    for pair in mirrored.values_list("source_name", "name")[:MOST_NAMES]:
        names += [word for name in pair for word in (name, *name.split())]
    return names


def _clean(value: Any, anonymiser: Anonymiser) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _clean(one, anonymiser) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(one, anonymiser) for one in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    text = str(value)
    if len(text) > 2 * MAX_TEXT:  # cut at a space first: half a secret would not be known
        text = text[: 2 * MAX_TEXT].rsplit(None, 1)[0]
    cleaned = anonymiser.clean(text)
    return cleaned if len(cleaned) <= MAX_TEXT else f"{cleaned[:MAX_TEXT]}…"


def _fit(document: Document) -> Document:
    """The oldest lines of the log go first, then the oldest jobs."""
    while len(orjson.dumps(document)) > MAX_BYTES:
        if document["log"]:
            document["log"] = document["log"][len(document["log"]) // 2 + 1 :]
        elif document["jobs"]:
            document["jobs"].pop()
        else:
            break
        document["is_cut"] = True
    return document
