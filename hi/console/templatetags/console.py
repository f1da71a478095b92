"""What the templates need: icons, badges, times, and the facts of an instance's page."""

import json
from collections.abc import Iterable
from datetime import datetime

from django import template
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from hi.accounts import roles
from hi.accounts.models import User
from hi.accounts.roles import Permission
from hi.console import icons, instance_page, needs, times, words
from hi.console.display import Shown, moment_words
from hi.integration import job_lists
from hi.integration.app_config import IntegrationInfo
from hi.integration.models import IntegrationInstance

register = template.Library()
THEMES = ("auto", "light", "dark")
NAV = {"": "home", "places": "things", "people": "account"} | {
    name: name for name in ("things", "integrations", "jobs", "activity", "system", "account")
}


@register.simple_tag
def icon(name: str) -> SafeString:
    return icons.icon(name)


@register.simple_tag
def badge(info: IntegrationInfo) -> SafeString:
    """The two letters of an integration on its own hue; an attribute, since the pages allow no inline style."""
    return format_html(
        '<svg class="badge" viewBox="0 0 40 40" aria-hidden="true" focusable="false">'
        '<rect width="40" height="40" rx="10" fill="oklch(0.52 0.13 {})"/><text x="20" y="20.5">{}</text></svg>',
        info.hue,
        info.badge[:2],
    )


# These stand in every row and tile of a page: a template of their own for each would cost more than what is in it.
@register.simple_tag
def pill(shown: words.Pill) -> SafeString:
    return format_html('<span class="pill pill-{}">{}{}</span>', shown.tone, icons.icon(shown.icon), shown.word)


@register.simple_tag
def quality(info: IntegrationInfo) -> SafeString:
    """How good an integration is, where it says so itself."""
    if info.quality is None:
        return SafeString("")
    return format_html('<span title="{}">{}</span>', words.QUALITY_MEANS, pill(words.QUALITY_PILLS[info.quality]))


@register.simple_tag
def quality_means() -> str:
    return str(words.QUALITY_MEANS)


@register.simple_tag
def value(shown: Shown, key: str = "") -> SafeString:
    """A value with its unit. Under `key` the browser notices that it changed."""
    told = either(shown.at) if shown.at else shown.text
    unit = format_html('<span class="unit"> {}</span>', shown.unit) if shown.unit and not shown.at else ""
    style = " value-long" if shown.is_long else ""
    style += f" value-{shown.freshness}" if shown.freshness != "good" else ""
    watched = format_html(' data-value="{}"', key) if key else ""
    return format_html('<span class="value{}"{}>{}{}</span>', style, watched, told, unit)


@register.simple_tag
def options(choices: Iterable[tuple[str, str, bool]]) -> SafeString:
    """What a select offers: each with its value, its label, and whether it is chosen."""
    offered = ((value, " selected" if is_chosen else "", label) for value, label, is_chosen in choices)
    return format_html_join("", '<option value="{}"{}>{}</option>', offered)


@register.simple_tag
def dot(shown: Shown) -> SafeString:
    return format_html(
        '<span class="dot dot-{}" title="{}"><span class="sr">{}</span></span>',
        shown.freshness,
        shown.note,
        shown.note,
    )


@register.simple_tag
def ago(moment: datetime | None) -> SafeString:
    return _time(moment, "ago", times.ago(moment, timezone.now()) if moment else _("never"))


@register.simple_tag
def until(moment: datetime | None) -> SafeString:
    return _time(moment, "until", times.until(moment, timezone.now()) if moment else "—")


@register.simple_tag
def either(moment: datetime) -> SafeString:
    """A moment that may lie ahead or behind."""
    return _time(moment, "either", moment_words(moment, timezone.now()))


@register.simple_tag
def clock(moment: datetime | None, seconds: bool = False) -> SafeString:
    """07:42 today, else with the day; it does not grow old."""
    if moment is None:
        return format_html("—")
    if seconds and timezone.localdate(moment) == timezone.localdate():
        return _time(moment, "", f"{timezone.localtime(moment):%H:%M:%S}")
    return _time(moment, "", times.clock(moment, timezone.now()))


def _time(moment: datetime | None, kind: str, text: str) -> SafeString:
    if moment is None:
        return format_html("{}", text)
    told = format_html(' data-age="{}"', kind) if kind else ""
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        moment.astimezone(timezone.get_default_timezone()).isoformat(timespec="milliseconds"),
        times.full(moment),
        told,
        text,
    )


@register.filter
def commands(text: str) -> SafeString:
    """A sentence whose `commands` stand out."""
    parts = enumerate(text.split("`"))
    told = (format_html("<code>{}</code>", part) if number % 2 else part for number, part in parts)
    return format_html_join("", "{}", ((part,) for part in told))


@register.filter
def span(seconds: int) -> str:
    return times.span(seconds)


@register.filter
def took(milliseconds: int | None) -> str:
    return "" if milliseconds is None else times.took(milliseconds / 1000)


@register.filter
def number(value: float) -> str:
    return f"{value:,}"


@register.filter
def plain(value: float | None) -> str:
    """As a field of a form takes it: 0.5, 100."""
    return "" if value is None else str(int(value)) if value.is_integer() else str(value)


@register.simple_tag
def plural(number: int, noun: str) -> str:
    return words.plural(number, noun)


@register.simple_tag
def needs_total() -> int:
    return needs.count_all_needs()


@register.simple_tag
def jobs_to_see() -> str:
    """How many jobs went wrong unseen; empty for none."""
    number, is_more = job_lists.count_jobs(job_lists.JobFilter(needs_look=True))
    return "99+" if number > 99 else words.counted(number, is_more) if number else ""


@register.filter
def can(user: User | AnonymousUser, permission: str) -> bool:
    """Whether the person who looks may do it: what they may not is not offered."""
    return isinstance(user, User) and user.may(Permission(permission))


@register.filter
def least_role(permission: str) -> str:
    """The first role that may do it, in words."""
    return str(roles.least_role(Permission(permission)).label)


@register.simple_tag
def now_iso() -> str:
    return timezone.now().isoformat()


@register.simple_tag
def now_ms() -> int:
    """The server's clock, for a browser whose own is wrong."""
    return int(timezone.now().timestamp() * 1000)


@register.simple_tag
def age_words() -> str:
    return json.dumps(times.list_age_words())


@register.simple_tag(takes_context=True)
def current_nav(context: template.Context) -> str:
    """Which entry of the rail a page belongs to."""
    request = context.get("request")
    return NAV.get(request.path.split("/")[1], "") if request else ""


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    request = context.get("request")
    chosen = request.COOKIES.get("hi_theme", "") if request else ""
    return chosen if chosen in THEMES else "auto"


@register.simple_tag(takes_context=True, name="instance_page")
def instance_page_tag(context: template.Context, instance: IntegrationInstance) -> instance_page.InstancePage:
    """Everything an instance's page shows. A form that came back with errors is taken from the context."""
    return instance_page.build_page(context["request"], instance, settings_form=context.get("settings_form"))
