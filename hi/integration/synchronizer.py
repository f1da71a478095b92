"""EntitySynchronizer: fetch -> convert -> plan -> apply, for one instance, once.

A service subclasses it with `fetch`; everything after that is the same for all. Values are not its business.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from hi.integration import apply, leases, metrics, offers, repairs, servers
from hi.integration.configuration import read_configuration
from hi.integration.core.plan import ItemKey, SyncPlan, plan_sync
from hi.integration.core.specs import Structure
from hi.integration.enums import ItemKind, RepairKind, RunOutcome
from hi.integration.models import IntegrationInstance, Job, SyncRun

logger = logging.getLogger(__name__)
MAX_QUARANTINED_SHOWN = 50
MAX_NAMES = 8

Tell = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What a sync did: `synced` items exist here now, `removed` went, `total` were described by the service;
    `held` wait for a person."""

    synced: int
    removed: int
    total: int
    created: int = 0
    updated: int = 0
    held: int = 0
    message: str = ""


class EntitySynchronizer(ABC):
    """One sync of one instance. `configuration` holds the settings in clear, secrets included."""

    def __init__(self, instance: IntegrationInstance) -> None:
        self.instance = instance
        self.configuration = read_configuration(instance)

    @abstractmethod
    def fetch(self, tell: Tell) -> Structure:
        """Read all that the service has and convert it. `tell(done, total, sentence)` reports progress.

        Raises an IntegrationError if the service cannot be read; a part that cannot be had makes the structure
        incomplete instead. Called outside any transaction, inside the instance's breaker.
        """

    def apply(
        self,
        structure: Structure,
        lease: leases.HeldLease,
        *,
        job: Job | None = None,
        approved: Collection[ItemKey] = (),
        tell: Tell = lambda *_: None,
    ) -> SyncResult:
        """Plan against the database and write the difference in one short transaction, fenced by the lease.

        Raises LeaseLostError if another run has taken over, and WrongServerError if the structure is that of another
        server; with nothing written.
        """
        started_at = timezone.now()
        tell(0, 1, "Writing things and states.")
        reading = offers.read(self.instance, structure)
        with transaction.atomic():
            leases.check(lease)
            known = apply.read_known(self.instance)
            servers.claim(self.instance, structure, known)
            choice = offers.choose(self.instance, reading, known)
            plan = plan_sync(
                known,
                structure,
                now=started_at,
                approved=approved,
                left_out=choice.left_out,
                taken_away=choice.taken_away,
            )
            kept_names = apply.apply_plan(self.instance, plan, known, now=started_at, approved=approved)
            run = self._record(plan, structure, len(choice.waiting), started_at, kept_names, job, lease)
            offers.remember(reading, choice.offered, choice.selection if structure.complete else None)
            offers.refresh_inbox(self.instance, reading, choice)
            if structure.complete:  # an incomplete answer says nothing about what is missing
                self._review(plan, choice.left_out)
            IntegrationInstance.objects.filter(pk=self.instance.pk).update(
                last_sync_at=timezone.now(),
                sync_error="",
                source_version=structure.source_version or self.instance.source_version,
                structure_revision=F("structure_revision") + (0 if plan.is_empty else 1),
            )
        metrics.sync_runs_total.labels(run.outcome).inc()
        return SyncResult(
            synced=plan.total,
            removed=len(plan.remove) + len(plan.deselect),
            total=plan.total,
            created=len(plan.create) + len(plan.reattach),
            updated=len(plan.update),
            held=len(plan.blocked),
            message=run.message,
        )

    def _record(
        self,
        plan: SyncPlan,
        structure: Structure,
        waiting: int,
        started_at: datetime,
        kept_names: int,
        job: Job | None,
        lease: leases.HeldLease,
    ) -> SyncRun:
        outcome = RunOutcome.APPLIED
        if not structure.complete:
            outcome = RunOutcome.PARTIAL
        elif plan.blocked:
            outcome = RunOutcome.HELD
        return SyncRun.objects.create(
            instance=self.instance,
            job=job,
            started_at=started_at,
            ended_at=timezone.now(),
            epoch=lease.epoch,
            outcome=outcome,
            message=f"{self._tell_upgrade(plan, structure)}{_summarise(plan, structure, waiting)}",
            created=len(plan.create),
            updated=len(plan.update),
            reattached=len(plan.reattach),
            removed=len(plan.remove) + len(plan.deselect),
            held=len(plan.blocked),
            unchanged=plan.unchanged,
            quarantined=[asdict(item) for item in structure.quarantined[:MAX_QUARANTINED_SHOWN]],
            kept_names=kept_names,
        )

    def _tell_upgrade(self, plan: SyncPlan, structure: Structure) -> str:
        """Another version of the service, and which aspects of things came and went with it."""
        before, version = self.instance.source_version, structure.source_version
        if "" in (before, version) or before == version:
            return ""
        new = {item.name for item in plan.create if item.kind is ItemKind.STATE}
        gone = apply.read_names([link for link in plan.remove if link.kind is ItemKind.STATE]).values()
        told = [f"{word}: {_list(names)}" for word, names in (("new", new), ("gone", set(gone))) if names]
        return f"Version {version} in place of {before}{'; ' if told else ''}{'; '.join(told)}. "

    def _review(self, plan: SyncPlan, left_out: Collection[ItemKey]) -> None:
        """Keep the instance's one review of held removals true, or close it when nothing is held any more."""
        if not plan.blocked:
            repairs.close_repair(self.instance.pk, RepairKind.REMOVAL_REVIEW)
            return
        things = sum(link.kind is ItemKind.ENTITY for link in plan.blocked)
        states = sum(link.kind is ItemKind.STATE for link in plan.blocked)
        names = apply.read_names(plan.blocked)
        has_moved = any((link.kind, link.key) in left_out for link in plan.blocked)
        says = "no longer has among what you chose, or no longer lists," if has_moved else "no longer lists"
        keys = sorted([link.kind, link.key, names.get((link.kind, link.key), link.key)] for link in plan.blocked)
        repairs.open_repair(
            self.instance.pk,
            RepairKind.REMOVAL_REVIEW,
            cause=f"{self.instance.label} {says} {things} things and {states} states.",
            consequence="They stay here with their last values until you decide; nothing has been removed.",
            data={"keys": keys},
        )


def find_result(job: Job) -> SyncResult | None:
    """What this job has already written, if it has: it is written once, however often the job is begun."""
    run = SyncRun.objects.filter(job=job).exclude(outcome=RunOutcome.FAILED).first()
    if run is None:
        return None
    total = run.created + run.updated + run.reattached + run.unchanged
    return SyncResult(
        synced=total,
        removed=run.removed,
        total=total,
        created=run.created + run.reattached,
        updated=run.updated,
        held=run.held,
        message=run.message,
    )


def _list(names: Collection[str]) -> str:
    more = len(names) - MAX_NAMES
    return ", ".join(sorted(names)[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")


def _summarise(plan: SyncPlan, structure: Structure, waiting: int) -> str:
    parts = [f"{len(plan.create) + len(plan.reattach)} new, {len(plan.update)} changed, {len(plan.remove)} gone."]
    if plan.deselect:
        parts.append(f"{len(plan.deselect)} left out as chosen.")
    if waiting:
        parts.append(f"{waiting} new {'thing waits' if waiting == 1 else 'things wait'} in the inbox.")
    if plan.blocked:
        parts.append(f"{len(plan.blocked)} removals are held for you.")
    if not structure.complete:
        parts.append(f"Nothing was removed: {structure.incomplete_reason or 'the answer was not complete'}.")
    if structure.quarantined:
        parts.append(f"{len(structure.quarantined)} items could not be read and were left as they are.")
    return " ".join(parts)
