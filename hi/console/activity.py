"""What people did, in words: who, what, to which thing, and what came of it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hi.console.addresses import read_cursor, read_number, write_cursor
from hi.console.display import format_number, read_word
from hi.console.thing_parts import type_words
from hi.console.words import Pill
from hi.integration import audit
from hi.integration.audit import AuditFilter, Verb
from hi.integration.enums import CommandStatus
from hi.integration.models import AuditEntry, Command
from hi.utils.keyset import Cursor

VERB_WORDS: dict[str, Any] = {
    Verb.SET: gettext_lazy("set"),
    Verb.RENAMED: gettext_lazy("renamed"),
    Verb.RETYPED: gettext_lazy("said what it is:"),
    Verb.MOVED: gettext_lazy("moved"),
    Verb.NOTED: gettext_lazy("wrote down"),
    Verb.CLEARED: gettext_lazy("took away"),
    Verb.ATTACHED: gettext_lazy("added a file to"),
    Verb.DETACHED: gettext_lazy("removed a file from"),
    Verb.ADDED: gettext_lazy("added"),
    Verb.REMOVED: gettext_lazy("removed"),
    Verb.APPROVED: gettext_lazy("approved for"),
    Verb.IGNORED: gettext_lazy("ignored for"),
    Verb.CHOSE: gettext_lazy("chose what is mirrored of"),
    Verb.CONFIGURED: gettext_lazy("changed the settings of"),
    Verb.ACTIVATED: gettext_lazy("activated"),
    Verb.PAUSED: gettext_lazy("paused"),
    Verb.DEACTIVATED: gettext_lazy("deactivated"),
    Verb.DELETED: gettext_lazy("deleted"),
    Verb.INVITED: gettext_lazy("invited"),
    Verb.LINKED: gettext_lazy("made a link for"),
    Verb.WITHDREW: gettext_lazy("withdrew the invitation of"),
    Verb.PROMOTED: gettext_lazy("gave another role to"),
    Verb.SHUT_OUT: gettext_lazy("deactivated"),
    Verb.LET_IN: gettext_lazy("activated"),
    Verb.SIGNED_OUT: gettext_lazy("signed out"),
    Verb.ISSUED: gettext_lazy("made a token for"),
    Verb.REVOKED: gettext_lazy("revoked a token of"),
    Verb.SECURED: gettext_lazy("chose a password for"),
}
COMMAND_PILLS: dict[str, tuple[str, str, Any]] = {
    CommandStatus.REQUESTED: ("busy", "ring", gettext_lazy("Under way")),
    CommandStatus.SENT: ("busy", "ring", gettext_lazy("Under way")),
    CommandStatus.ACKNOWLEDGED: ("busy", "ring", gettext_lazy("Under way")),
    CommandStatus.CONFIRMED: ("ok", "check", gettext_lazy("Done")),
    CommandStatus.FAILED: ("bad", "cross", gettext_lazy("Failed")),
    CommandStatus.EXPIRED: ("warn", "clock", gettext_lazy("Not sent")),
    CommandStatus.SUPERSEDED: ("idle", "off", gettext_lazy("Overtaken")),
    CommandStatus.UNKNOWN: ("warn", "warn", gettext_lazy("Not known")),
}
# A slider says a value several times a second: what follows within this is one turn of it, and told as one.
ONE_TURN = timedelta(minutes=1)
TROUBLES = (CommandStatus.FAILED, CommandStatus.EXPIRED, CommandStatus.UNKNOWN)
SHOWN_ON_A_THING = 20
READ_ON_A_THING = 100
GROUP_WORDS: dict[str, Any] = {
    "": gettext_lazy("Everything"),
    "set": gettext_lazy("Switched and set"),
    "home": gettext_lazy("Names, places, notes"),
    "integrations": gettext_lazy("Integrations"),
    "people": gettext_lazy("People"),
}


@dataclass(frozen=True, slots=True)
class Deed:
    """One line. `told` says what changed, `outcome` what came of it; `url` leads to what it was done to."""

    entry: AuditEntry
    who: str
    did: str
    url: str
    told: str
    pill: Pill | None
    outcome: str


@dataclass(frozen=True, slots=True)
class ActivityChoice:
    """What the page was asked for. Anything unreadable in an address chooses nothing."""

    who: int | None = None
    what: str = ""
    thing: int | None = None
    integration: int | None = None
    after: Cursor[int] | None = None

    @classmethod
    def read(cls, given: QueryDict) -> "ActivityChoice":
        what = given.get("what", "")
        return cls(
            who=read_number(given.get("who", "")),
            what=what if what in GROUP_WORDS else "",
            thing=read_number(given.get("thing", "")),
            integration=read_number(given.get("integration", "")),
            after=read_cursor(given.get("after", ""), read_number),
        )

    @property
    def is_narrow(self) -> bool:
        return replace(self, after=None) != ActivityChoice()

    def url(self, **changes: Any) -> str:
        chosen = replace(self, **changes)
        given = {
            "who": chosen.who,
            "what": chosen.what,
            "thing": chosen.thing,
            "integration": chosen.integration,
            "after": write_cursor(chosen.after),
        }
        told = urlencode({name: value for name, value in given.items() if value not in ("", None)})
        return reverse("console:activity") + (f"?{told}" if told else "")

    def first_url(self) -> str:
        return self.url(after=None)

    def build_filter(self) -> AuditFilter:
        return AuditFilter(self.who, self.what, self.thing, self.integration, self.after)


def build_deeds(entries: Iterable[AuditEntry], user_id: int | None) -> list[Deed]:
    """`entries` come newest first."""
    turns: list[list[AuditEntry]] = []
    for entry in entries:
        if turns and _is_same_turn(turns[-1][-1], entry):
            turns[-1].append(entry)
        else:
            turns.append([entry])
    return [_build_deed(turn, user_id) for turn in turns]


def list_deeds_on(entity_id: int, user_id: int | None) -> list[Deed]:
    """The last on one thing, for its own page."""
    return build_deeds(audit.list_for_entity(entity_id, READ_ON_A_THING), user_id)[:SHOWN_ON_A_THING]


def _is_same_turn(later: AuditEntry, earlier: AuditEntry) -> bool:
    """Whether one person set one number again within a minute, and neither time went wrong."""
    commands = later.command, earlier.command
    if commands[0] is None or commands[1] is None or later.user_id is None:
        return False
    return (
        later.user_id == earlier.user_id
        and commands[0].state_id is not None
        and commands[0].state_id == commands[1].state_id
        and all(_is_number(entry.after) for entry in (later, earlier))
        and not any(command.status in TROUBLES for command in commands if command)
        and later.at - earlier.at <= ONE_TURN
    )


def _build_deed(turn: list[AuditEntry], user_id: int | None) -> Deed:
    entry, first = turn[0], turn[-1]
    command = entry.command
    return Deed(
        entry=entry,
        who=_say_who(entry, user_id),
        did=str(VERB_WORDS.get(entry.verb, entry.verb)),
        url=_subject_url(entry),
        told=_say_change(entry, first.before) + _say_times(len(turn)),
        pill=_command_pill(command) if command else None,
        outcome=f"{command.message} {command.hint}".strip() if command else "",
    )


def _say_who(entry: AuditEntry, user_id: int | None) -> str:
    """You, or a name; with the way it came where that is told."""
    _name, _space, way = entry.who.partition(" ")  # no name of an account has a space
    if entry.user_id is not None and entry.user_id == user_id:
        return f"{_('you')} {way}".strip()
    return entry.who or _("hi")


def _subject_url(entry: AuditEntry) -> str:
    if entry.entity_id is not None:
        return reverse("console:thing", args=[entry.entity_id])
    # One whose deletion is under way leads to its end, not to a page that goes.
    if entry.instance_id is not None and entry.verb != Verb.DELETED:
        return reverse("console:integration", args=[entry.instance_id])
    return ""


def _say_times(times: int) -> str:
    if times == 1:
        return ""
    return ngettext(", in %(times)s step", ", in %(times)s steps", times) % {"times": times}


def _say_change(entry: AuditEntry, said_before: str) -> str:
    before, after = _say_value(entry, said_before), _say_value(entry, entry.after)
    if before and after:
        return _("from %(before)s to %(after)s") % {"before": before, "after": after}
    if entry.verb == Verb.SET:
        return _("to %(after)s") % {"after": after}
    return after or before


def _say_value(entry: AuditEntry, value: str) -> str:
    if entry.verb == Verb.RETYPED and value:
        return type_words(value)
    if entry.verb != Verb.SET or not value:
        return value
    state = entry.command.state if entry.command else None
    if state is None or not _is_number(value):
        return read_word(value)
    return f"{format_number(float(value), None)} {state.unit}".strip()


def _is_number(value: str) -> bool:
    try:
        return math.isfinite(float(value))
    except ValueError:
        return False


def _command_pill(command: Command) -> Pill:
    tone, icon, word = COMMAND_PILLS.get(command.status, ("idle", "off", command.status))
    return Pill(tone, icon, str(word))
