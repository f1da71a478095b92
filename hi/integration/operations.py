"""What can be done with integrations: the functions that pages, API and commands share.

None of them waits or touches the network; what takes time answers with its Job. They raise ConfigurationError for
input that cannot be right, and IntegrationError for what cannot be done now.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from hi.accounts.models import User
from hi.integration import (
    audit,
    command_ends,
    configuration,
    environment,
    exceptions,
    gaps,
    job_lists,
    jobs,
    labels,
    leases,
    live,
    schedules,
    servers,
    status,
    trouble,
)
from hi.integration.activation import request_activation, request_deactivation
from hi.integration.app_config import describe
from hi.integration.audit import Verb
from hi.integration.core.settings import clean_settings
from hi.integration.enums import (
    BAD_JOB_STATUSES,
    OPEN_JOB_STATUSES,
    DesiredState,
    IntegrationStatus,
    JobKind,
    JobStatus,
    RemovalPolicy,
    RepairKind,
)
from hi.integration.health.findings import say_age, say_names
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.job_lists import JobFilter
from hi.integration.models import IntegrationInstance, Job, Repair

DRAFT_LIFETIME = timedelta(days=1)
MAX_LABEL = 120
MOST_DRAFTS = 20
CANCELLABLE = (JobKind.ACTIVATE, JobKind.SYNC, JobKind.TEST_CONNECTION)


def create_draft(
    integration_type: str, label: str, given: Mapping[str, str], *, is_demo: bool = False
) -> IntegrationInstance:
    """Store what the add-wizard was told, as a draft that shows nowhere until it is activated. What is not given is
    taken from the environment, where that has it."""
    gateway = get_integration_gateway(integration_type)
    values = clean_settings(gateway.settings, environment.fill_in(integration_type, gateway.settings, given), {})
    label = clean_label(label.strip() or describe(integration_type).label)
    IntegrationInstance.objects.filter(is_draft=True, created_at__lt=timezone.now() - DRAFT_LIFETIME).delete()
    with transaction.atomic():
        instance = IntegrationInstance.objects.create(
            integration_type=integration_type, label=label, is_draft=True, is_demo=is_demo
        )
        configuration.write_configuration(instance, gateway.settings, values)
    return instance


def add(integration_type: str, label: str, given: Mapping[str, str], user: User | None = None) -> IntegrationInstance:
    """Store a connection that rests until it is activated. Raises ConfigurationError for what cannot be right."""
    with transaction.atomic():
        instance = create_draft(integration_type, label, given)
        gateway = get_integration_gateway(integration_type)
        if not gateway.activates_itself:
            gateway.validate_configuration(instance)
        servers.end_draft(instance)
        instance.refresh_from_db()
        audit.record_for(user, Verb.ADDED, instance)
    return instance


def list_drafts() -> list[IntegrationInstance]:
    """What somebody has begun to add and not ended, the newest first."""
    drafts = IntegrationInstance.objects.filter(is_draft=True).exclude(status=IntegrationStatus.DEACTIVATING)
    return list(drafts.order_by("-created_at", "-pk")[:MOST_DRAFTS])


def update_settings(instance: IntegrationInstance, given: Mapping[str, str], user: User | None = None) -> Job | None:
    """Store changed settings; a secret left empty keeps the stored one. After a refused sign-in or a failure the
    instance is activated again, by the job that is returned. Raises ConfigurationError with the field."""
    return get_integration_gateway(instance.integration_type).save_settings(instance, given, user)


def clean_label(label: str, instance: IntegrationInstance | None = None) -> str:
    """Raises ConfigurationError for an empty one, and for one that another integration has."""
    label = label.strip()[:MAX_LABEL].strip()
    if not label:
        raise exceptions.ConfigurationError("Give it a name.", field="label")
    if instance is not None and label == instance.label and not instance.is_draft:
        return label  # two that were called alike before that was refused
    labels.require_free(label)
    return label


def rename(instance: IntegrationInstance, label: str, user: User | None = None) -> None:
    before, after = instance.label, clean_label(label, instance)
    if before == after:
        return
    with transaction.atomic():
        IntegrationInstance.objects.filter(pk=instance.pk).update(label=after)
        instance.refresh_from_db(fields=["label"])
        audit.record_for(user, Verb.RENAMED, instance, before=before, after=after)


def activate(instance: IntegrationInstance, user: User | None = None) -> Job:
    """Validate, and enqueue the activation. Raises ConfigurationError if a setting is missing or wrong."""
    gateway = get_integration_gateway(instance.integration_type)
    if not gateway.activates_itself:
        gateway.validate_configuration(instance)
    with transaction.atomic():
        _acknowledge_tests(instance)
        job = request_activation(instance, user)
        audit.record_for(user, Verb.ACTIVATED, instance)
    return job


def deactivate(instance: IntegrationInstance, user: User | None = None) -> Job:
    if instance.status == IntegrationStatus.INACTIVE:
        raise exceptions.IntegrationError(f"{instance.label} is not active.")
    with transaction.atomic():
        job = request_deactivation(instance, user)
        audit.record_for(user, Verb.DEACTIVATED, instance)
    return job


def delete(instance: IntegrationInstance, user: User | None = None) -> Job:
    """Stop it and delete all that only it mirrors, users' additions to those included."""
    with transaction.atomic():
        leases.lock_instance(instance.pk)
        if not IntegrationInstance.objects.filter(pk=instance.pk).update(desired_state=DesiredState.INACTIVE):
            raise exceptions.IntegrationError(f"{instance.label} is deleted already.")
        status.move(instance.pk, IntegrationStatus.DEACTIVATING, "Being deleted.")
        gaps.end(instance.pk)
        audit.record_for(user, Verb.DELETED, instance)
        jobs.cancel_all(instance.pk, reason="The integration was deleted.")
        command_ends.cancel_waiting(instance.pk, reason="Not sent: the integration was deleted.")
        # Nobody needs to look at what failed for it any more.
        failed = Job.objects.filter(instance=instance, status__in=BAD_JOB_STATUSES, acknowledged_at=None)
        failed.update(acknowledged_at=timezone.now())
        return jobs.enqueue(JobKind.DELETE, instance, user=user)


def pause(instance: IntegrationInstance, user: User | None = None) -> None:
    """Listener and schedule off, everything kept as it was last heard."""
    with transaction.atomic():
        leases.lock_instance(instance.pk)
        if not status.move(instance.pk, IntegrationStatus.PAUSED, "Paused by you."):
            raise exceptions.IntegrationError(f"{instance.label} cannot be paused now.")
        IntegrationInstance.objects.filter(pk=instance.pk).update(desired_state=DesiredState.PAUSED, **trouble.NOT_LIVE)
        leases.revoke(instance.pk)
        schedules.unschedule(instance.pk)
        jobs.cancel_all(instance.pk, reason="The integration was paused.")
        command_ends.cancel_waiting(instance.pk, reason="Not sent: the integration was paused.")
        live.mark_stale(instance.pk)
        gaps.end(instance.pk)
        audit.record_for(user, Verb.PAUSED, instance)
    instance.refresh_from_db()


def test_connection(instance: IntegrationInstance, user: User | None) -> Job:
    _acknowledge_tests(instance)
    return jobs.enqueue(JobKind.TEST_CONNECTION, instance, user=user)


def _acknowledge_tests(instance: IntegrationInstance) -> None:
    """Who tries again has seen what came of the tests before."""
    chosen = JobFilter(instance_id=instance.pk, kind=JobKind.TEST_CONNECTION)
    job_lists.acknowledge(chosen, seen_at=timezone.now())


def sync_now(instance: IntegrationInstance, user: User | None = None) -> Job:
    get_integration_gateway(instance.integration_type).require_sync(instance)
    return jobs.enqueue(JobKind.SYNC, instance, user=user)


def approve_removals(repair: Repair, seen_at: str, user: User | None = None) -> Job:
    """Sync again, and remove those of the review's items that are then still missing.

    `seen_at` is the review's `updated_at` (ISO 8601) as it was shown: nobody approves what they have not seen.
    """
    with transaction.atomic():
        leases.lock_instance(repair.instance.pk)
        repair.refresh_from_db()
        if repair.kind != RepairKind.REMOVAL_REVIEW or repair.closed_at is not None:
            raise exceptions.IntegrationError("This review is already settled.")
        if repair.updated_at.isoformat() != seen_at:
            raise exceptions.IntegrationError("The list has changed since you saw it.", hint="Look at it again.")
        status.require_running(repair.instance)
        keys = repair.data["keys"]
        approved = [[kind, key] for kind, key, _name in keys]
        job = jobs.enqueue(JobKind.SYNC, repair.instance, user=user, arguments={"approved": approved})
        what = f"removing {say_names([name for _kind, _key, name in keys])}"
        audit.record_for(user, Verb.APPROVED, repair.instance, after=what)
    return job


def set_interval(instance: IntegrationInstance, seconds: int, user: User | None = None) -> None:
    """Change how often the instance syncs; a running one's next sync moves at once."""
    low, high = schedules.MINIMUM_INTERVAL_SECONDS, schedules.MAXIMUM_INTERVAL_SECONDS
    if not low <= seconds <= high:
        raise exceptions.ConfigurationError(
            f"Choose between {low} seconds and {high // 86400} days.", field="sync_interval_seconds"
        )
    before = instance.sync_interval_seconds
    with transaction.atomic():
        IntegrationInstance.objects.filter(pk=instance.pk).update(sync_interval_seconds=seconds)
        instance.refresh_from_db()
        if before != seconds:
            was, now = (f"a sync every {say_age(every)}" for every in (before, seconds))
            audit.record_for(user, Verb.CONFIGURED, instance, before=was, after=now)
        if schedules.next_run_at(instance) is not None:
            schedules.schedule(instance)


def set_removal_policy(instance: IntegrationInstance, policy: str, user: User | None = None) -> None:
    if policy not in set(RemovalPolicy):
        raise exceptions.ConfigurationError("Choose remove or keep.", field="removal_policy")
    before = instance.removal_policy
    with transaction.atomic():
        IntegrationInstance.objects.filter(pk=instance.pk).update(removal_policy=policy)
        instance.refresh_from_db(fields=["removal_policy"])
        if before != policy:
            was, now = (f"{word} its things when it is deactivated" for word in (before, policy))
            audit.record_for(user, Verb.CONFIGURED, instance, before=was, after=now)


def can_cancel(job: Job) -> bool:
    """Stopping and deleting cannot be cancelled: half of either would be worse than the whole."""
    return job.status in OPEN_JOB_STATUSES and job.kind in CANCELLABLE


def cancel(job: Job, user: User | None = None) -> bool:
    """End a job at once, whether it waits or is at work: from here on it can write nothing. False if it has ended.

    An activation that is cancelled leaves its integration off, and what it has mirrored so far as it is.
    """
    by = f"Cancelled by {user.get_username()}." if user else "Cancelled."
    with transaction.atomic():
        if job.instance_id is not None:
            leases.lock_instance(job.instance_id)
        ended = job.kind in CANCELLABLE and jobs.end(job, JobStatus.CANCELLED, message=by, hint="")
        if ended and job.instance is not None:
            leases.release_of(job)
            if job.kind == JobKind.ACTIVATE:
                _switch_off(job.instance.pk, "Its activation was cancelled.")
                audit.record_for(user, Verb.DEACTIVATED, job.instance, after="its activation was cancelled")
    if ended and job.instance_id is not None:
        jobs.send_next(job)
    return ended


def _switch_off(instance_id: int, reason: str) -> None:
    status.move(instance_id, IntegrationStatus.INACTIVE, reason)
    leases.revoke(instance_id)
    schedules.unschedule(instance_id)
    live.mark_stale(instance_id)
    IntegrationInstance.objects.filter(pk=instance_id).update(desired_state=DesiredState.INACTIVE, **trouble.NOT_LIVE)
    gaps.end(instance_id)
