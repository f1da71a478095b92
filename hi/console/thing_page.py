"""What one thing says now: its value large, its states by what they are for, its last changes."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from hi.console import times
from hi.console.chart import Chart, build_chart
from hi.console.controls import Control, build_controls
from hi.console.display import Shown, format_number, read_word, show_change, show_state
from hi.console.live import LivePart
from hi.console.requests import ConsoleRequest
from hi.console.tiles import Told, short_name, tell
from hi.entity import queries
from hi.entity.enums import NUMERIC_STATE_TYPES, EntityStateType, StateCategory
from hi.entity.models import Entity, EntityState, StateHistory
from hi.integration import choosing

SHOWN_CHANGES = 12
READ_CHANGES = 300
# What is not what the thing is there for is folded away where there is a lot of it.
FOLDED_FROM = 8
NO_BREAK = "\u00a0"
CATEGORY_WORDS = {
    StateCategory.PURPOSE: gettext_lazy("Now"),
    StateCategory.DIAGNOSTIC: gettext_lazy("Health"),
    StateCategory.CONFIGURATION: gettext_lazy("Configuration"),
}


@dataclass(frozen=True, slots=True)
class StateRow:
    state: EntityState
    name: str
    shown: Shown
    facts: tuple[str, ...]
    control: Control | None


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    words: str
    rows: tuple[StateRow, ...]
    is_folded: bool


@dataclass(frozen=True, slots=True)
class ChangeRow:
    change: StateHistory
    name: str
    shown: Shown
    facts: tuple[str, ...] = ()


def build_thing_part(request: ConsoleRequest, entity: Entity) -> LivePart:
    now = timezone.now()
    states = list(entity.states.all())
    controls = build_controls(states, request.user)
    rows = [
        StateRow(state, short_name(state, entity), show_state(state, now), tuple(_facts(state)), controls.get(state.pk))
        for state in states
    ]
    primary = rows[0] if rows else None
    told = tell(entity, primary.state if primary else None, now)
    context = {
        "entity": entity,
        "left_out": choosing.find_left_out(entity) if entity.removed_at else None,
        "primary": primary,
        "shown": told.shown,
        "in_passing": _say_in_passing(primary, told) if primary else "",
        "sections": _sections(rows[1:]),
        **_history(rows, told.state, now),
    }
    return LivePart(
        request,
        "console/thing_live.html",
        context,
        element_id="thing-live",
        url=reverse("console:thing", args=[entity.pk]),
        seconds=2,
    )


def _say_in_passing(primary: StateRow, told: Told) -> str:
    """What its primary state says, where the large value is that of another."""
    if told.state == primary.state:
        return ""
    return told.context if primary.state.state_type == EntityStateType.CLIMATE else primary.shown.words


def _history(rows: list[StateRow], telling: EntityState | None, now: datetime) -> dict[str, object]:
    """The last changes of what the thing is there for, and the day of its number."""
    purpose = {row.state.pk: row for row in rows if row.state.category == StateCategory.PURPOSE} or {
        row.state.pk: row for row in rows
    }
    changes = queries.list_history(purpose, READ_CHANGES if purpose else 0)
    chart: Chart | None = None
    if telling is not None and telling.state_type in NUMERIC_STATE_TYPES - {EntityStateType.BRIGHTNESS}:
        chart = build_chart((change for change in changes if change.state_id == telling.pk), now)
    shown = _fold_changes(changes, purpose, rows[0].state.pk if rows else 0, now)
    return {
        "changes": shown,
        "chart": chart,
        "chart_unit": telling.unit if telling else "",
        "chart_low": format_number(chart.lowest, None) if chart else "",
        "chart_high": format_number(chart.highest, None) if chart else "",
        "chart_since": gettext("since %(time)s") % {"time": times.clock(chart.begin, now)} if chart else "",
    }


def _fold_changes(
    changes: list[StateHistory], rows: dict[int, StateRow], primary_id: int, now: datetime
) -> list[ChangeRow]:
    """The last lines. What changes in the moment of the primary state is told with it: a lamp goes on, so bright."""
    lines: list[ChangeRow] = []
    for moment, together in groupby(changes, key=lambda change: change.source_changed_at):
        told = [
            ChangeRow(one, rows[one.state_id].name, show_change(one, rows[one.state_id].state, now)) for one in together
        ]
        first = next((line for line in told if line.change.state_id == primary_id), None)
        if first is None or moment is None:
            lines += told
        else:
            others = {line.change.state_id: line for line in told if line.shown.freshness != "none"}
            facts = [
                f"{row.name} {others[pk].shown.words}" for pk, row in rows.items() if pk in others and pk != primary_id
            ]
            lines.append(replace(first, facts=tuple(fact.replace(" ", NO_BREAK) for fact in facts)))
        if len(lines) >= SHOWN_CHANGES:
            break
    return lines[:SHOWN_CHANGES]


def _sections(rows: list[StateRow]) -> list[Section]:
    """By what the states are for; what its source hides from people comes last, folded away."""
    sections = []
    for category, words in CATEGORY_WORDS.items():
        shown = tuple(row for row in rows if row.state.category == category and not row.state.is_hidden)
        folded = category is not StateCategory.PURPOSE and len(shown) >= FOLDED_FROM
        sections.append(Section(category, str(words), shown, folded))
    hidden = tuple(row for row in rows if row.state.is_hidden)
    sections = [section for section in sections if section.rows]
    if hidden:
        sections.append(Section("hidden", gettext("Hidden by its source"), hidden, bool(sections)))
    return sections


def _facts(state: EntityState) -> list[str]:
    facts = []
    sensor = getattr(state, "sensor", None)
    kind = read_word(sensor.device_class) if sensor is not None else ""
    if kind and kind != "enum" and kind not in state.name.lower():
        facts.append(kind)
    return facts
