"""`hub inbox`: what is new at a source, and what becomes of it."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from django.db.models import Q, QuerySet
from django.utils import timezone

from hi.api.schemas.choosing import InboxItemOut
from hi.cli.listing import write_json
from hi.cli.named import find_integration
from hi.cli.refusal import DONE, RefusalError
from hi.cli.session import Session
from hi.cli.table import Cell, Column, build_table
from hi.cli.terminal import plain
from hi.console import times, words
from hi.console.thing_parts import type_words
from hi.integration import choosing
from hi.integration.enums import Decision
from hi.integration.models import InboxItem

MOST_TOLD = 12
DECISIONS = {
    "approve": (choosing.approve, "mirror these from now on", "approved"),
    "ignore": (choosing.ignore, "never mirror these, until `hub inbox unignore`", "ignored"),
    "unignore": (choosing.unignore, "take back that these are ignored", "ignored no more"),
}


def add_arguments(parser: ArgumentParser, add: Callable[[object, str, str], ArgumentParser]) -> None:
    deeds = parser.add_subparsers(dest="deed", metavar="WHAT", required=True)
    listed = add(deeds, "list", "what waits, of all integrations or of one")
    listed.add_argument("integration", nargs="?", metavar="INTEGRATION", help="its name or its id")
    listed.add_argument(
        "--decision", choices=[str(one) for one in Decision], default=Decision.WAITING, help="waiting if left out"
    )
    listed.set_defaults(run=list_items)
    for deed, (_decide, told, _word) in DECISIONS.items():
        one = add(deeds, deed, told)
        one.add_argument("integration", metavar="INTEGRATION", help="its name or its id")
        one.add_argument("things", nargs="*", metavar="THING", help="ids or names, as `hub inbox list` tells them")
        one.add_argument("--all", action="store_true", help="all that it lists")
        one.set_defaults(run=decide)


def list_items(session: Session, options: Namespace) -> int:
    items = InboxItem.objects.filter(decision=options.decision, instance__is_draft=False).select_related("instance")
    if options.integration:
        items = items.filter(instance=find_integration(options.integration))
    found = list(items.order_by("instance__label", "instance_id", "name", "pk"))
    if options.json:
        return write_json(session, map(InboxItemOut.build, found))
    if not found:
        session.terminal.tell("Nothing waits." if options.decision == Decision.WAITING else "There is nothing.")
        return DONE
    now = timezone.now()
    columns = (
        Column("Id", right=True), Column("Thing", least=16), Column("Kind", least=8, may_go=True),
        Column("Place", least=8, may_go=True), Column("From", least=8), Column("Found", may_go=True),
    )  # fmt: skip
    rows = [
        (str(item.pk), Cell(item.name, "strong"), type_words(item.entity_type), item.place, item.instance.label,
         Cell(times.ago(item.found_at, now), "muted"))
        for item in found
    ]  # fmt: skip
    session.terminal.write_lines(build_table(columns, rows, session.terminal))
    return DONE


def decide(session: Session, options: Namespace) -> int:
    decision, _told, word = DECISIONS[options.deed]
    instance = find_integration(options.integration)
    listed = Decision.IGNORED if options.deed == "unignore" else Decision.WAITING
    items = instance.inbox.filter(decision=listed)
    if options.all == bool(options.things):
        raise RefusalError(
            "Name the things, or say --all." if not options.all else "Name things or say --all, not both."
        )
    # What is listed now: nobody decides on what comes in between.
    ids = [item.pk for item in items] if options.all else [_find(items, name).pk for name in options.things]
    number = decision(instance, instance.inbox.filter(pk__in=ids), session.user)
    verb = "is" if number == 1 else "are"
    session.terminal.tell(f"{session.terminal.mark('ok')} {words.plural(number, 'thing')} {verb} {word}.")
    return DONE


def _find(items: QuerySet[InboxItem], name: str) -> InboxItem:
    by_id = Q(pk=int(name)) if name.isascii() and name.isdigit() and len(name) < 19 else Q(pk=0)
    found = list(items.filter(by_id)) or list(items.filter(name__iexact=name.strip()).order_by("pk")[: MOST_TOLD + 1])
    if len(found) == 1:
        return found[0]
    if not found:
        raise RefusalError(
            f"Nothing there is called “{plain(name)[:80]}”.", hint="`hub inbox list` tells what there is."
        )
    told = [f"  {item.pk}  {plain(item.name)}{f', {plain(item.place)}' if item.place else ''}" for item in found]
    raise RefusalError(
        "\n".join([f"More than one is called “{plain(name)[:80]}”:", *told]), hint="Give the id of the one you mean."
    )
