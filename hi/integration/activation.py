"""What a person wants an instance to be, written down: that it shall run, or rest. The rest is done by a job."""

from django.db import transaction

from hi.accounts.models import User
from hi.integration import command_ends, exceptions, gaps, jobs, leases, servers, status, trouble
from hi.integration.enums import OPEN_JOB_STATUSES, DesiredState, IntegrationStatus, JobKind
from hi.integration.models import IntegrationInstance, Job


def request_activation(instance: IntegrationInstance, user: User | None = None) -> Job:
    """Write down that the instance shall run, and enqueue what makes it so. Asked twice, it is one activation.

    Raises IntegrationError for an instance that runs already, or is being stopped, and for a draft whose server another
    instance mirrors, or whose name another has.
    """
    with transaction.atomic():
        leases.lock_instance(instance.pk)
        instance.refresh_from_db()
        under_way = instance.jobs.filter(kind=JobKind.ACTIVATE, status__in=OPEN_JOB_STATUSES).first()
        if under_way is not None and instance.status == IntegrationStatus.ACTIVATING:
            return under_way
        if not status.move(instance.pk, IntegrationStatus.ACTIVATING):
            stopping = instance.status == IntegrationStatus.DEACTIVATING
            raise exceptions.IntegrationError(
                f"{instance.label} is being stopped; try again in a moment."
                if stopping
                else f"{instance.label} is running already."
            )
        servers.end_draft(instance)
        IntegrationInstance.objects.filter(pk=instance.pk).update(desired_state=DesiredState.ACTIVE, **trouble.NOT_LIVE)
        job = jobs.enqueue(JobKind.ACTIVATE, instance, user=user)
    instance.refresh_from_db()
    return job


def request_deactivation(instance: IntegrationInstance, user: User | None = None) -> Job:
    """Write down that the instance shall rest. From here its listener lets go and no waiting job begins."""
    with transaction.atomic():
        leases.lock_instance(instance.pk)
        IntegrationInstance.objects.filter(pk=instance.pk).update(desired_state=DesiredState.INACTIVE)
        status.move(instance.pk, IntegrationStatus.DEACTIVATING)
        gaps.end(instance.pk)
        jobs.cancel_all(instance.pk, reason="The integration was deactivated.")
        command_ends.cancel_waiting(instance.pk, reason="Not sent: the integration was deactivated.")
        job = jobs.enqueue(JobKind.DEACTIVATE, instance, user=user)
    instance.refresh_from_db()
    return job
