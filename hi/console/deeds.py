"""What people did, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from hi.console.thing_parts import type_words
from hi.integration.audit import Verb
from hi.integration.models import AuditEntry

LONG = 80


@dataclass(frozen=True, slots=True)
class Deed:
    who: str
    at: datetime
    words: str


def tell_deeds(entries: Iterable[AuditEntry]) -> list[Deed]:
    return [Deed(entry.who or "hi", entry.at, _words(entry)) for entry in entries]


def _words(entry: AuditEntry) -> str:
    before, after = _short(entry.before), _short(entry.after)
    subject = _short(entry.subject)
    told = {"subject": subject, "before": before, "after": after}
    match entry.verb:
        case Verb.RENAMED:
            return _("renamed “%(before)s” to “%(after)s”") % told
        case Verb.RETYPED:
            return _("made it one of “%(after)s”") % {"after": type_words(entry.after)}
        case Verb.MOVED:
            words = _("moved %(subject)s to %(after)s") if after else _("moved %(subject)s out of %(before)s")
            return words % told
        case Verb.NOTED:
            return (_("noted %(subject)s: %(after)s") if after else _("took away %(subject)s")) % told
        case Verb.ATTACHED:
            return _("added the file %(after)s") % told
        case Verb.DETACHED:
            return _("took the file %(before)s away") % told
        case Verb.SET:
            return _("set %(subject)s to %(after)s") % told
    return f"{entry.verb} {subject}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONG else f"{line[:LONG]}…"
