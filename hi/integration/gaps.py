"""Gaps: since when, until when and why an instance that should have been live was not.

Each begins and ends in the transaction of what it tells of. A gap is open while a person wants the instance to run and
it is not live: a lost connection, a refused sign-in and a failure open one, and it ends with the first snapshot of
values. Pausing, deactivating or cancelling ends it too, and opens none: nobody wants the instance to be live then.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from hi.integration import status
from hi.integration.enums import DesiredState
from hi.integration.models import ConnectionGap, IntegrationInstance


def begin(instance_id: int, reason: str, at: datetime | None = None) -> None:
    """It is not live, for this reason, since now or since `at`. Of an open gap only the reason is brought up to date,
    so that it tells what was in the way last."""
    wanted = IntegrationInstance.objects.filter(pk=instance_id, desired_state=DesiredState.ACTIVE, is_draft=False)
    if not wanted.exists():
        return
    _open_for(instance_id).exclude(reason=reason).update(reason=reason)
    _insert([ConnectionGap(instance_id=instance_id, began_at=at or timezone.now(), reason=reason)])


def begin_unheard() -> None:
    """Instances that nobody has ever tried to hear, since no listener is there, are not live either."""
    since = timezone.now() - timedelta(seconds=settings.HI_LIVE_GRACE_SECONDS)
    unheard = IntegrationInstance.objects.filter(
        ~Exists(ConnectionGap.objects.filter(instance=OuterRef("pk"), ended_at=None)),
        status.wanted(),
        live_since=None,
        live_lost_at__lt=since,
    ).values_list("pk", "live_lost_at", "live_error")
    _insert([ConnectionGap(instance_id=pk, began_at=at, reason=reason) for pk, at, reason in unheard if at])


def end(instance_id: int) -> None:
    """It is live, or nobody wants it to be."""
    _open_for(instance_id).update(ended_at=timezone.now())


def _open_for(instance_id: int) -> QuerySet[ConnectionGap]:
    return ConnectionGap.objects.filter(instance=instance_id, ended_at=None)


def _insert(gaps: list[ConnectionGap]) -> None:
    """Those of instances that have none open."""
    ConnectionGap.objects.bulk_create(gaps, ignore_conflicts=True)
