"""The wish of a system to be left alone for a while, as it tells by Retry-After: no schedule asks it before, and no
sync that hi wants by itself. A person may; a listener keeps to what it was told itself."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from hi.integration import status
from hi.integration.core.backoff import CLOCK_TOLERANCE, MAX_RETRY_AFTER_SECONDS
from hi.integration.enums import JobKind, JobStatus, JobTrigger
from hi.integration.models import IntegrationInstance, Job

LONGEST = timedelta(seconds=MAX_RETRY_AFTER_SECONDS) + CLOCK_TOLERANCE


def leave_alone(instance_id: int, seconds: float) -> None:
    """Of two wishes the longer one counts. What waits already goes on waiting."""
    now = timezone.now()
    until = now + timedelta(seconds=seconds)
    shorter = Q(quiet_until=None) | Q(quiet_until__lt=until) | Q(quiet_until__gt=now + LONGEST)
    IntegrationInstance.objects.filter(status.wanted(), shorter, pk=instance_id).update(quiet_until=until)
    sooner = Q(run_after=None) | Q(run_after__lt=until)
    ours = Job.objects.filter(instance=instance_id, kind=JobKind.SYNC, status=JobStatus.QUEUED)
    ours.filter(sooner).exclude(trigger=JobTrigger.USER).update(run_after=until)


def left_alone_until(instance: IntegrationInstance) -> datetime | None:
    """None where the system may be asked."""
    now, until = timezone.now(), instance.quiet_until
    # Longer than anybody may ask for tells of a clock that was set back since.
    return until if until and now < until <= now + LONGEST else None


def find_end(instance_id: int) -> datetime | None:
    """The same, as it is now."""
    instance = IntegrationInstance.objects.filter(pk=instance_id).first()
    return left_alone_until(instance) if instance is not None else None
