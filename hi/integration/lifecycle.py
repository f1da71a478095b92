"""What a worker does to bring an instance up and down, each as one visible job."""

import time
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from hi.integration import (
    breaker,
    exceptions,
    gaps,
    jobs,
    leases,
    live,
    offers,
    removal,
    repairs,
    schedules,
    servers,
    status,
    trouble,
)
from hi.integration.configuration import read_configuration
from hi.integration.core.plan import ItemKey, protect
from hi.integration.enums import (
    EXPLAINING_REPAIRS,
    IntegrationStatus,
    ItemKind,
    JobKind,
    LeaseRole,
    RemovalPolicy,
)
from hi.integration.integration_gateway import Answer, IntegrationGateway
from hi.integration.job_run import JobRun
from hi.integration.models import IntegrationInstance, Lease
from hi.integration.synchronizer import EntitySynchronizer, SyncResult, find_result

# Longer than a task may run, so a lease never ends under a sync that still works; the sweep frees a dead one's.
SYNC_LEASE_SECONDS = 300
# A listener looks every second whether it is still wanted.
WAIT_FOR_LISTENER_SECONDS = 8


def run_activation(run: JobRun, gateway: IntegrationGateway) -> str:
    """Connection test, first sync, schedule. The instance is ACTIVE once its listener has written a first snapshot."""
    instance = run.instance
    if gateway.activates_itself:
        return _run_own(run, instance, gateway.activate, done=IntegrationStatus.ACTIVE)
    try:
        _test_steps(run, instance, gateway)
        run.phase("Mirror", "Getting ready to mirror.")  # unless it was cancelled meanwhile
        breaker.close(instance.pk)
        gateway.initialize_integration(instance)
        result = _first_sync(run, instance, gateway)
    except exceptions.AuthenticationError as err:
        if not trouble.stop_refused(instance.pk, err, instance.config_revision):
            jobs.enqueue(JobKind.ACTIVATE, instance, user=run.job.requested_by)
            raise exceptions.IntegrationError(
                "The settings were changed meanwhile; trying again with the new."
            ) from err
        raise
    except exceptions.WrongServerError as err:
        trouble.stop_wrong_server(instance.pk, err)
        raise
    return _go_live(run, instance, gateway, result)


def _first_sync(run: JobRun, instance: IntegrationInstance, gateway: IntegrationGateway) -> SyncResult | None:
    synchronizer = gateway.build_synchronizer(instance)
    if synchronizer is None:
        return None
    results: list[SyncResult] = []

    def mirror() -> str:
        results.append(_sync(run, instance, synchronizer))
        return results[0].message

    run.step("Mirror", mirror)
    return results[0]


def _go_live(run: JobRun, instance: IntegrationInstance, gateway: IntegrationGateway, result: SyncResult | None) -> str:
    listens = gateway.build_sources(instance)[0] is not None
    with transaction.atomic():
        leases.lock_instance(instance.pk)
        run.check()
        wanted = IntegrationInstance.objects.get(pk=instance.pk)
        if not status.runs(wanted):
            return f"{instance.label} was stopped meanwhile."
        if listens and wanted.live_since is None:
            IntegrationInstance.objects.filter(pk=instance.pk).update(live_lost_at=timezone.now(), live_error="")
        if result is not None:
            schedules.schedule(wanted)
        for kind in EXPLAINING_REPAIRS:
            repairs.close_repair(instance.pk, kind)
        if not listens:
            gaps.end(instance.pk)
    if listens:
        status.settle(instance.pk)
    else:
        status.move(instance.pk, IntegrationStatus.ACTIVE)
    mirrored = f"{instance.label} is connected."
    if result is not None:
        things = gateway.get_entity_count(instance)
        states = instance.links.filter(kind=ItemKind.STATE, removed_at=None).count()
        mirrored = f"{instance.label} is mirrored: {things} things, {states} states."
    return f"{mirrored} Going live." if listens else mirrored


def run_connection_test(run: JobRun, gateway: IntegrationGateway) -> str:
    """Only look: nothing changes, whatever it finds. For a draft, look around as well: at what can be mirrored, and
    whether that server is mirrored already."""
    _test_steps(run, run.instance, gateway)
    synchronizer = gateway.build_synchronizer(run.instance) if run.instance.is_draft else None
    if synchronizer is not None:
        run.step("Look around", lambda: _look_around(run, synchronizer))
    return f"{run.instance.label} answers and lets hi in."


def _look_around(run: JobRun, synchronizer: EntitySynchronizer) -> str:
    instance = run.instance
    structure = synchronizer.fetch(lambda *_: None)
    with transaction.atomic():
        leases.lock_instance(instance.pk)
        run.check()
        IntegrationInstance.objects.filter(pk=instance.pk, is_draft=True).update(server_id=structure.server_id)
        reading = offers.read(instance, structure)
        offers.remember(reading, reading.merge(protect(structure, ())))
    servers.require_no_twin(instance, structure.server_id)
    return f"{len(structure.entities)} things in {len(structure.locations)} places can be mirrored"


def _test_steps(run: JobRun, instance: IntegrationInstance, gateway: IntegrationGateway) -> None:
    gateway.validate_configuration(instance)
    if type(gateway).test_connection is not IntegrationGateway.test_connection:
        gateway.test_connection(instance)  # a gateway with a test of its own has no steps to show
        return
    for name, action in gateway.connection_steps(read_configuration(instance)):
        run.step(name, action)


def run_sync(run: JobRun, gateway: IntegrationGateway) -> tuple[str, SyncResult]:
    """One sync of a running instance. A failure is recorded on it, and counts once against its breaker."""
    instance = run.instance
    synchronizer = gateway.build_synchronizer(instance)
    if synchronizer is None:
        raise exceptions.IntegrationError(f"{instance.label} has nothing to sync.")
    try:
        result = _sync(run, instance, synchronizer)
    except exceptions.AuthenticationError as err:
        trouble.stop_refused(instance.pk, err, instance.config_revision)
        raise
    except exceptions.WrongServerError as err:
        trouble.stop_wrong_server(instance.pk, err)
        raise
    status.settle(instance.pk)
    return result.message, result


def _sync(run: JobRun, instance: IntegrationInstance, synchronizer: EntitySynchronizer) -> SyncResult:
    if done := find_result(run.job):
        return done  # its worker died between writing this and saying so
    lease = _take_sync_lease(run, instance)
    try:
        structure = breaker.call(instance.pk, lambda: synchronizer.fetch(run.progress), counts=run.is_last_try)
        return synchronizer.apply(structure, lease, job=run.job, approved=_approved(run), tell=run.progress)
    finally:
        leases.release(lease)


def _take_sync_lease(run: JobRun, instance: IntegrationInstance) -> leases.HeldLease:
    """One sync of an instance at a time: the claim saw to that, so only a lease that nobody frees any more is here."""
    lease = leases.acquire(instance.pk, LeaseRole.SYNC, str(run.job.pk), SYNC_LEASE_SECONDS)
    if lease is None:
        raise exceptions.LeaseLostError(f"Another sync of {instance.label} is still running.", hint="Try again.")
    return lease


def _approved(run: JobRun) -> set[ItemKey]:
    """The removals that a person confirmed with this job: exactly those the review showed them."""
    return {(ItemKind(kind), key) for kind, key in run.job.arguments.get("approved", [])}


def run_deactivation(run: JobRun, gateway: IntegrationGateway | None) -> str:
    """Stop listening, drop the schedule, remove or keep the things, rest. Without its gateway (the folder has gone)
    too."""
    instance = run.instance
    stop(run, instance)
    if gateway is not None and gateway.deactivates_itself:
        return _run_own(run, instance, gateway.deactivate, done=IntegrationStatus.INACTIVE)
    if gateway is not None:
        gateway.close_connections(instance)
    run.phase("Entities", "Removing or keeping what it mirrors.")
    with transaction.atomic():
        leases.lock_instance(instance.pk)
        run.check()
        removed = gateway.cleanup_entities(instance) if gateway else removal.cleanup_entities(instance)
        status.move(instance.pk, IntegrationStatus.INACTIVE)
    if instance.removal_policy == RemovalPolicy.KEEP:
        return "Integration deactivated. Its things stay in sight, with their last values."
    things = "1 thing" if removed == 1 else f"{removed:,} things"
    return f"Integration deactivated. Removed {things} from sight; they come back whole when it is activated again."


def run_deletion(run: JobRun, gateway: IntegrationGateway | None) -> str:
    """Stop, then delete the instance and all that only it mirrors. Without its gateway (the folder has gone) too."""
    if not run.job.checkpoint:
        instance = run.instance
        stop(run, instance)
        if gateway is not None:
            gateway.close_connections(instance)
        run.phase("Deleting", "Deleting its things and their history.")
        schedules.unschedule(instance.pk)
        removal.delete_instance(instance, run)
    return f"Deleted {run.job.subject} and {removal.delete_history(run)} things."


def stop(run: JobRun, instance: IntegrationInstance) -> None:
    """Nothing of the instance goes on after this: no schedule, no waiting job, no listener, no lease."""
    run.phase("Stopping", "Waiting for its listener to let go.")
    schedules.unschedule(instance.pk)
    with transaction.atomic():
        leases.lock_instance(instance.pk)
        jobs.cancel_all(instance.pk, reason="The integration was stopped.")
    for _attempt in range(WAIT_FOR_LISTENER_SECONDS * 5):
        if not Lease.objects.filter(instance=instance).exists():
            break
        time.sleep(0.2)
    with transaction.atomic():
        leases.lock_instance(instance.pk)
        run.check()
        leases.revoke(instance.pk)
        live.mark_stale(instance.pk)
        repairs.close_repair(instance.pk)
        IntegrationInstance.objects.filter(pk=instance.pk).update(**trouble.NOT_LIVE, sync_error="")
        gaps.end(instance.pk)
    breaker.close(instance.pk)


def _run_own(
    run: JobRun,
    instance: IntegrationInstance,
    method: Callable[[IntegrationInstance], Answer],
    *,
    done: IntegrationStatus,
) -> str:
    """Call a gateway's own `activate` or `deactivate`, and record the status it saved, or `done`, as one move."""
    before = instance.status
    answer = method(instance)
    saved = IntegrationInstance.objects.values_list("status", flat=True).get(pk=instance.pk)
    message = answer.get("message", "")
    if answer.get("status") != "success":
        IntegrationInstance.objects.filter(pk=instance.pk).update(status=before)
        raise exceptions.IntegrationError(message or f"{instance.label} did not say what went wrong.")
    if "job_id" in answer:
        raise exceptions.IntegrationError(
            "This gateway's own method only enqueues, but it is called by the job that does the work.",
            hint="Do the work there, or use the hooks of IntegrationGateway.",
        )
    # Put back what was saved, so that the guarded move tells it once, with its time.
    IntegrationInstance.objects.filter(pk=instance.pk).update(status=before)
    status.move(instance.pk, IntegrationStatus(saved) if saved != before else done)
    gaps.end(instance.pk)
    return message
