"""What needs a person: one card each, with one thing to do."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hi.accounts.roles import Permission
from hi.console.words import Pill
from hi.integration import exceptions, overview
from hi.integration.enums import EXPLAINING_REPAIRS, DesiredState, IntegrationStatus, RepairKind
from hi.integration.health import recent
from hi.integration.health.findings import Level
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import IntegrationInstance, Repair
from hi.integration.overview import STOPPED_BY_TROUBLE, InstanceOverview


@dataclass(frozen=True, slots=True)
class Need:
    """`url` is where the button leads; with `posts` it does at once what it says."""

    key: str
    instance: IntegrationInstance | None  # None: hi itself
    pill: Pill
    cause: str
    consequence: str
    button: str
    url: str
    posts: bool = False
    permission: Permission = Permission.LOOK  # what the button needs


def list_all_needs(overviews: Iterable[InstanceOverview]) -> list[Need]:
    """hi itself first: what it says of the systems is only as good as it is."""
    return [*_needs_of_hi(), *list_needs(overviews)]


def count_all_needs() -> int:
    return overview.count_needs() + len(_needs_of_hi())


def _needs_of_hi() -> list[Need]:
    """One card, however much is broken: the System page has it all, and one cause often has many signs."""
    broken = [finding for finding in recent.list_troubles() if finding.level is Level.BAD]
    if not broken:
        return []
    worst, others = broken[0], len(broken) - 1
    more = ngettext("%(n)s more thing is not working.", "%(n)s more things are not working.", others) % {"n": others}
    return [
        Need(
            key="hi",
            instance=None,
            pill=Pill("bad", "cross", _("hi is not well")),
            cause=f"{worst.subject}: {worst.what}",
            consequence=f"{worst.do} {more}" if others else worst.do,
            button=_("Look at the system"),
            url=reverse("console:system"),
        )
    ]


def list_needs(overviews: Iterable[InstanceOverview]) -> list[Need]:
    return [need for found in overviews for need in _needs_of(found)]


def _needs_of(found: InstanceOverview) -> list[Need]:
    instance = found.instance
    needs = [_from_repair(repair, instance) for repair in found.repairs]
    explained = any(repair.kind in EXPLAINING_REPAIRS for repair in found.repairs)
    if instance.status in STOPPED_BY_TROUBLE and not explained:
        needs.append(_from_status(instance))
    if found.waiting_count:
        needs.append(_from_inbox(instance, found.waiting_count))
    return needs


def _from_inbox(instance: IntegrationInstance, waiting: int) -> Need:
    return Need(
        key=f"inbox-{instance.pk}",
        instance=instance,
        pill=Pill("idle", "inbox", _("New")),
        cause=ngettext(
            "%(number)s new thing waits in the inbox of %(label)s.",
            "%(number)s new things wait in the inbox of %(label)s.",
            waiting,
        )
        % {"number": f"{waiting:,}", "label": instance.label},
        consequence=_("They are not mirrored until you say so."),
        button=_("Open the inbox"),
        url=reverse("console:inbox", args=[instance.pk]),
        permission=Permission.DECIDE,
    )


def _from_repair(repair: Repair, instance: IntegrationInstance) -> Need:
    pill, button, url = _way_out(repair, instance)
    return Need(
        key=f"repair-{repair.pk}",
        instance=instance,
        pill=pill,
        cause=repair.cause,
        consequence=repair.consequence,
        button=button,
        url=url,
        permission=Permission.LOOK if repair.kind == RepairKind.REMOVAL_REVIEW else Permission.CONNECT,
    )


def _way_out(repair: Repair, instance: IntegrationInstance) -> tuple[Pill, str, str]:
    """What it is in short, and the button that leads to its end."""
    page = reverse("console:integration", args=[instance.pk])
    if repair.kind == RepairKind.REMOVAL_REVIEW:
        return Pill("warn", "warn", _("Held for you")), _("Review removals"), f"{page}#review"
    if repair.kind == RepairKind.SERVER_CHANGED:
        url = reverse("console:server-changed", args=[instance.pk])
        return Pill("bad", "warn", _("Another server")), _("Say which it is"), url
    is_lost = repair.kind == RepairKind.SECRET_LOST
    pill = Pill("bad", "warn", _("Secret lost")) if is_lost else Pill("warn", "warn", _("Sign-in refused"))
    fields = repair.data.get("fields") or [repair.data.get("field")]
    label = _setting_label(instance, str(fields[0] or ""))
    if not label:
        return pill, _("Check the settings"), f"{page}#settings"
    button = _("Enter new %(field)s") % {"field": label[0].lower() + label[1:]}
    return pill, button, reverse("console:sign-in-again", args=[instance.pk])


def _from_status(instance: IntegrationInstance) -> Need:
    if instance.status == IntegrationStatus.AUTH_FAILED:
        return Need(
            key=f"status-{instance.pk}",
            instance=instance,
            pill=Pill("warn", "warn", _("Sign-in refused")),
            cause=instance.reason or _("%(name)s refused the sign-in.") % {"name": instance.label},
            consequence=_("hi stopped trying; everything keeps its last value, marked as old."),
            button=_("Check the settings"),
            url=reverse("console:integration", args=[instance.pk]) + "#settings",
            permission=Permission.CONNECT,
        )
    starts = instance.desired_state == DesiredState.ACTIVE
    failed = _("%(name)s could not be started") if starts else _("%(name)s could not be stopped")
    return Need(
        key=f"status-{instance.pk}",
        instance=instance,
        pill=Pill("bad", "cross", _("Failed")),
        cause=failed % {"name": instance.label} + (f": {instance.reason}" if instance.reason else "."),
        consequence=_("hi does not try again by itself."),
        button=_("Try again"),
        url=reverse("console:activate" if starts else "console:deactivate", args=[instance.pk]),
        posts=True,
        permission=Permission.CONNECT,
    )


def _setting_label(instance: IntegrationInstance, field: str) -> str:
    try:
        specs = get_integration_gateway(instance.integration_type).settings
    except exceptions.IntegrationError:
        return ""
    return next((spec.label for spec in specs if spec.key == field), "")
