"""Everything that the page of one instance shows, read in a constant number of statements."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from hi.console import forms, words
from hi.console.job_card import JobCard, build_card
from hi.console.live import LivePart, pace
from hi.console.needs import Need, list_needs
from hi.console.run_rows import RunRow, build_rows
from hi.console.wall import GapRow, Wall, build_wall, hour_marks, list_gap_rows
from hi.integration import configuration, daily, exceptions, overview, quiet, status
from hi.integration.core.settings import SettingSpec, SettingType
from hi.integration.enums import (
    BAD_JOB_STATUSES,
    OPEN_JOB_STATUSES,
    BreakerState,
    IntegrationStatus,
    ItemKind,
    JobKind,
    JobStatus,
    RepairKind,
)
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import IntegrationInstance, Job, Repair

JUST_ENDED = timedelta(minutes=2)
SHOWN_RUNS = 8
SHOWN_REMOVALS = 40
MOST_REMOVALS = 400


@dataclass(frozen=True, slots=True)
class Review:
    """Removals that wait for a person: things first, then states; behind the first ones the `rest`, to be unfolded."""

    repair: Repair
    names: tuple[str, ...]
    rest: tuple[str, ...]
    rest_words: str
    left_out: int

    @property
    def seen_at(self) -> str:
        """Which list it is: what is approved must be what was shown."""
        return self.repair.updated_at.isoformat()


@dataclass(frozen=True, slots=True)
class Note:
    """Something that stands in the way. `retry_at`: when hi tries again."""

    tone: str
    icon: str
    text: str
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LiveFacts:
    """The part of the page that changes by itself."""

    overview: overview.InstanceOverview
    pill: words.Pill
    since: datetime
    sync_word: str
    url: str
    card: JobCard | None
    is_told: bool  # what the card's job ended by stands beside it already
    notes: tuple[Note, ...]
    needs: tuple[Need, ...]
    review: Review | None
    runs: tuple[RunRow, ...]
    wall: Wall
    gaps: list[GapRow]
    hour_marks: list[datetime]
    is_running: bool
    can_sync: bool
    can_pause: bool
    can_activate: bool
    can_deactivate: bool
    activate_word: str
    unverified_pill: words.Pill = words.UNVERIFIED_PILL


@dataclass(frozen=True, slots=True)
class InstancePage:
    live: LivePart
    waiting: int  # in the inbox
    settings_form: forms.SettingsForm
    interval: tuple[int, str]
    interval_units: tuple[tuple[str, str | Promise], ...] = forms.UNITS
    interval_presets: tuple[int, ...] = forms.PRESETS


def build_page(
    request: HttpRequest, instance: IntegrationInstance, settings_form: forms.SettingsForm | None = None
) -> InstancePage:
    specs = get_integration_gateway(instance.integration_type).settings
    prefetch_related_objects([instance], "attributes")
    facts = get_live_facts(request, instance)
    return InstancePage(
        live=_build_live(request, instance, facts),
        waiting=facts.overview.waiting_count,
        settings_form=settings_form or build_settings_form(instance, specs),
        interval=forms.split_interval(instance.sync_interval_seconds),
    )


def build_settings_form(
    instance: IntegrationInstance, specs: tuple[SettingSpec, ...], data: dict[str, str] | None = None
) -> forms.SettingsForm:
    return forms.SettingsForm(
        specs,
        label=instance.label,
        values=configuration.read_public_configuration(instance),
        stored_secrets={row.integration_attr_key for row in instance.attributes.all() if row.is_secret and row.value},
        data=data,
    )


def build_live(request: HttpRequest, instance: IntegrationInstance) -> LivePart:
    prefetch_related_objects([instance], "attributes")
    return _build_live(request, instance, get_live_facts(request, instance))


def _build_live(request: HttpRequest, instance: IntegrationInstance, facts: LiveFacts) -> LivePart:
    return LivePart(
        request,
        "console/integration_live.html",
        {"live": facts, "instance": facts.overview.instance},
        element_id="instance-live",
        url=reverse("console:integration-live", args=[instance.pk]),
        seconds=pace(facts.overview.open_jobs, idle=2),
    )


def get_live_facts(request: HttpRequest, instance: IntegrationInstance) -> LiveFacts:
    found = overview.get_instance(instance.pk)
    now_instance = found.instance
    job = _shown_job(now_instance)
    running = status.runs(now_instance)
    stopping = now_instance.status == IntegrationStatus.DEACTIVATING
    user_id = request.user.pk
    needs = list_needs([found])
    history = daily.read_histories([now_instance])[now_instance.pk]
    notes = tuple(_list_notes(found, running))
    told = [*(note.text for note in notes), *(need.cause for need in needs)]
    review = next((_review(repair) for repair in found.repairs if repair.kind == RepairKind.REMOVAL_REVIEW), None)
    return LiveFacts(
        overview=found,
        pill=words.status_pill(found),
        since=_since(found),
        sync_word=_sync_word(found),
        url=shown_url(instance),
        card=build_card(job, user_id) if job else None,
        is_told=job is not None and any(job.message and job.message in text for text in told),
        notes=notes,
        needs=tuple(need for need in needs if review is None or need.key != f"repair-{review.repair.pk}"),
        review=review,
        runs=build_rows(overview.list_runs(now_instance.pk, SHOWN_RUNS)[0], user_id, told),
        wall=build_wall(history),
        gaps=list_gap_rows(history.hours),
        hour_marks=hour_marks(history.hours),
        is_running=running,
        can_sync=running and _syncs(now_instance),
        can_pause=running and now_instance.status != IntegrationStatus.ACTIVATING,
        can_activate=not running and not stopping and not any(need.posts for need in needs),  # the card has that button
        can_deactivate=now_instance.status != IntegrationStatus.INACTIVE and not stopping,
        activate_word=_activate_word(now_instance),
    )


def _list_notes(found: overview.InstanceOverview, running: bool) -> list[Note]:
    """What stands in the way, each once. What needs a person is a card of its own."""
    instance = found.instance
    if not running:
        needs_card = instance.status in overview.STOPPED_BY_TROUBLE
        return [Note("idle", "clock", instance.reason)] if instance.reason and not needs_card else []
    notes = []
    if words.is_reconnecting(found) and instance.live_error:
        notes.append(Note("warn", "ring", f"{instance.live_error} {_('hi keeps trying.')}"))
    if instance.breaker_state == BreakerState.OPEN:
        notes.append(Note("warn", "pause", _say_breaker(instance), retry_at=found.breaker_retry_at))
    elif instance.sync_error:
        text = _("The last sync failed: %(why)s The mirror stays as it was.") % {"why": instance.sync_error}
        retry_at = found.next_sync_at if quiet.left_alone_until(instance) else None
        notes.append(Note("warn", "warn", text, retry_at=retry_at))
    return notes


def _say_breaker(instance: IntegrationInstance) -> str:
    rests = _("After repeated failures hi lets the system rest; it goes on by itself once the system answers.")
    last = _("The last one: %(why)s") % {"why": instance.sync_error} if instance.sync_error else ""
    return f"{rests} {last}".strip()


def _since(found: overview.InstanceOverview) -> datetime:
    """Since when what the pill says is so."""
    instance = found.instance
    if words.is_reconnecting(found) and instance.live_lost_at is not None:
        return instance.live_lost_at
    if instance.status == IntegrationStatus.ACTIVE and instance.live_since is not None:
        return instance.live_since
    return instance.since


def _sync_word(found: overview.InstanceOverview) -> str:
    """Where the next sync is, if it has been asked for already."""
    statuses = {job.status for job in found.open_jobs if job.kind == JobKind.SYNC}
    return _("running") if JobStatus.RUNNING in statuses else _("waiting") if statuses else ""


def _activate_word(instance: IntegrationInstance) -> str:
    if instance.status == IntegrationStatus.PAUSED:
        return _("Resume")
    return _("Activate") if instance.status == IntegrationStatus.INACTIVE else _("Try again")


def _shown_job(instance: IntegrationInstance) -> Job | None:
    """The open job, or the last one while people still look for its end, or have not seen why it failed."""
    job = overview.last_job(instance.pk)
    if job is None or job.status in OPEN_JOB_STATUSES:
        return job
    if job.status in BAD_JOB_STATUSES and job.acknowledged_at is None:
        return job
    return job if job.ended_at and timezone.now() - job.ended_at < JUST_ENDED else None


def _syncs(instance: IntegrationInstance) -> bool:
    try:
        return get_integration_gateway(instance.integration_type).syncs
    except exceptions.IntegrationError:
        return False


def shown_url(instance: IntegrationInstance) -> str:
    """The address of the system, if it has one: the first setting that is an address, and never a secret."""
    try:
        specs = get_integration_gateway(instance.integration_type).settings
    except exceptions.IntegrationError:
        return ""
    values = configuration.read_public_configuration(instance)
    return next((values.get(spec.key, "") for spec in specs if spec.type is SettingType.URL), "")


def _review(repair: Repair) -> Review:
    keys = repair.data.get("keys", [])
    things = [name for kind, _key, name in keys if kind == ItemKind.ENTITY]
    states = [name for kind, _key, name in keys if kind == ItemKind.STATE]
    names = [*things, *states]
    more_things = max(0, len(things) - SHOWN_REMOVALS)
    more_states = min(len(states), max(0, len(names) - SHOWN_REMOVALS))
    told = [words.plural(number, one) for number, one in ((more_things, "thing"), (more_states, "state")) if number]
    return Review(
        repair=repair,
        names=tuple(names[:SHOWN_REMOVALS]),
        rest=tuple(names[SHOWN_REMOVALS:MOST_REMOVALS]),
        rest_words=_("and %(told)s more") % {"told": _(" and ").join(told)},
        left_out=max(0, len(names) - MOST_REMOVALS),
    )
