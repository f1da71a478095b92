"""A connected system as a card: what it is, how it is, how it went."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from hi.console import words
from hi.console.wall import Wall, build_wall
from hi.integration import daily, overview
from hi.integration.enums import BreakerState, IntegrationStatus
from hi.integration.overview import InstanceOverview


@dataclass(frozen=True, slots=True)
class Fact:
    """The third one, beside things and states. `at` is a moment: a time of day, or with `ahead` one to come."""

    label: str
    number: int | None = None
    at: datetime | None = None
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class SystemCard:
    overview: InstanceOverview
    pill: words.Pill
    fact: Fact
    reason: str
    wall: Wall
    unverified_pill: words.Pill = words.UNVERIFIED_PILL


def build_cards(overviews: Iterable[InstanceOverview], explained: frozenset[int] = frozenset()) -> list[SystemCard]:
    """`explained`: the ids of those whose trouble is told beside the cards already."""
    overviews = list(overviews)
    histories = daily.read_histories(found.instance for found in overviews)
    changes = overview.count_changes()
    return [
        SystemCard(
            overview=found,
            pill=words.status_pill(found),
            fact=_find_fact(found, changes.get(found.instance.pk, 0)),
            reason="" if found.instance.pk in explained else found.instance.reason,
            wall=build_wall(histories[found.instance.pk]),
        )
        for found in overviews
    ]


def _find_fact(found: InstanceOverview, changes: int) -> Fact:
    instance = found.instance
    if words.is_reconnecting(found):
        return Fact(_("not live since"), at=instance.live_lost_at)
    if found.is_live:
        return Fact(_("changed in a minute"), number=changes)
    if instance.breaker_state == BreakerState.OPEN and found.breaker_retry_at:
        return Fact(_("next try"), at=found.breaker_retry_at, ahead=True)
    if instance.status == IntegrationStatus.ACTIVE and found.next_sync_at:
        return Fact(_("next sync"), at=found.next_sync_at, ahead=True)
    return Fact(_("since"), at=instance.since)
