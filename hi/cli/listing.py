"""`hub list`: what there is, with the filters of the pages."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from django.utils import timezone
from pydantic import BaseModel

from hi.api.reading import get_addresses
from hi.api.schemas.entities import EntityOut
from hi.api.schemas.integrations import IntegrationOut
from hi.api.schemas.jobs import JobOut
from hi.api.schemas.locations import LocationOut
from hi.cli import named
from hi.cli.refusal import DONE
from hi.cli.session import Session
from hi.cli.table import Cell, Column, Row, build_table
from hi.cli.terminal import MARKS
from hi.cli.watching import short_id
from hi.console import display, times, words
from hi.console.job_choice import ASKED, PERIODS, STATES, JobChoice
from hi.console.thing_parts import type_words
from hi.console.tiles import primary_state
from hi.entity import places, queries
from hi.entity.enums import EntityType
from hi.entity.models import Entity
from hi.entity.queries import QUICK_FILTERS, EntityFilter
from hi.integration import job_lists, overview
from hi.integration.enums import JobKind
from hi.integration.models import Job

JOBS_SHOWN = 25
MOST = 1_000_000
VALUE_STYLES = {"good": "", "old": "muted", "none": "muted"}


def add_arguments(parser: ArgumentParser, add: Callable[[object, str, str], ArgumentParser]) -> None:
    """`add` makes the parser of each kind of list."""
    kinds = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    integrations = add(kinds, "integrations", "the systems that are mirrored")
    integrations.set_defaults(run=list_integrations)
    _add_things(add(kinds, "things", "what is in the home, each with its value"))
    _add_jobs(add(kinds, "jobs", "queued work and what came of it, newest first"))
    add(kinds, "places", "buildings, floors and rooms").set_defaults(run=list_places)


def _add_things(parser: ArgumentParser) -> None:
    parser.set_defaults(run=list_things)
    parser.add_argument("search", nargs="*", metavar="WORD", help="words of the name or the place; all must be found")
    parser.add_argument("--type", choices=[str(one) for one in EntityType], metavar="TYPE", help=", ".join(EntityType))
    parser.add_argument("--place", help="the things in this place alone")
    parser.add_argument("--integration", metavar="NAME", help="those that it mirrors")
    parser.add_argument("--show", choices=list(QUICK_FILTERS), help="lights that are on, what is open, and so on")
    parser.add_argument("--label", default="", help="those that their source has under this label")
    parser.add_argument("--hidden", action="store_true", help="those that are hidden, instead of the others")
    parser.add_argument("--limit", type=_count, default=MOST, metavar="N", help="no more than so many")


def _add_jobs(parser: ArgumentParser) -> None:
    parser.set_defaults(run=list_jobs)
    parser.add_argument("--status", choices=[one for one in STATES if one], help="look: failed, and nobody saw it")
    parser.add_argument("--kind", choices=[str(one) for one in JobKind])
    parser.add_argument("--integration", metavar="NAME", help="those that are about it")
    parser.add_argument("--asked", choices=[one for one in ASKED if one], help="who or what asked for it")
    parser.add_argument("--period", choices=[one for one in PERIODS if one])
    parser.add_argument("--limit", type=_count, default=JOBS_SHOWN, metavar="N", help=f"{JOBS_SHOWN} if left out")


def list_integrations(session: Session, options: Namespace) -> int:
    found = overview.list_instances()
    if options.json:
        return write_json(session, map(IntegrationOut.build, found))
    now = timezone.now()
    columns = (
        Column("Id", right=True),
        Column("Name", least=12),
        Column("Kind", least=8, may_go=True),
        Column("Status", least=10),
        Column("Things", right=True),
        Column("States", right=True, may_go=True),
        Column("Last sync", may_go=True),
        Column("Next sync", may_go=True),
    )
    rows = []
    for item in found:
        pill, instance = words.status_pill(item), item.instance
        rows.append(
            (
                str(instance.pk),
                Cell(instance.label, "strong"),
                item.info.label,
                _pill_cell(pill),
                f"{item.entity_count:,}",
                f"{item.state_count:,}",
                times.ago(instance.last_sync_at, now) if instance.last_sync_at else "never",
                times.until(item.next_sync_at, now) if item.next_sync_at else "",
            )
        )
    return _write(session, columns, rows, "Nothing is connected yet. `hub add --help` tells how.")


def list_things(session: Session, options: Namespace) -> int:
    chosen = EntityFilter(
        search=" ".join(options.search),
        entity_type=options.type or "",
        location_id=named.find_place(options.place).location.pk if options.place else None,
        instance_id=named.find_integration(options.integration).pk if options.integration else None,
        quick=options.show or "",
        label=options.label,
        is_hidden=options.hidden,
    )
    things = list(islice(_read_things(chosen, options.limit), options.limit))
    if options.json:
        addresses = get_addresses(things)
        return write_json(session, (EntityOut.build(thing, addresses) for thing in things))
    now = timezone.now()
    columns = (
        Column("Id", right=True),
        Column("Name", least=20),
        Column("Value", least=10),
        Column("Heard", may_go=True),
        Column("Place", least=8, may_go=True),
        Column("Kind", least=8, may_go=True),
    )
    rows = []
    for thing in things:
        state = primary_state(thing)
        shown = display.show_state(state, now) if state else None
        style = "on" if shown and shown.is_active else VALUE_STYLES.get(shown.freshness if shown else "none", "")
        heard = times.ago(state.received_at, now) if state and state.received_at else ""
        fresh = shown is not None and shown.freshness == "good"
        rows.append(
            (
                str(thing.pk),
                Cell(thing.name, "strong"),
                Cell(shown.words if shown else display.DASH, style),
                Cell(heard if fresh or not shown else shown.note, "muted" if fresh else "warn"),
                str(thing.location.name) if thing.location else "",
                type_words(thing.entity_type),
            )
        )
    return _write(session, columns, rows, "There is no such thing.")


def list_jobs(session: Session, options: Namespace) -> int:
    chosen = JobChoice(
        status=options.status or "",
        kind=options.kind or "",
        integration=named.find_integration(options.integration).pk if options.integration else None,
        asked=options.asked or "",
        period=options.period or "",
    )
    jobs = list(islice(_read_jobs(chosen, session.user.pk, options.limit), options.limit))
    if options.json:
        return write_json(session, map(JobOut.build, jobs))
    now = timezone.now()
    columns = (
        Column("Id"),
        Column("What", least=16),
        Column("Status", least=10),
        Column("Asked for", may_go=True),
        Column("By", least=6, may_go=True),
        Column("Took", right=True, may_go=True),
    )
    rows = []
    for job in jobs:
        took = job.run(now) if job.ended_at else None
        asked_by = words.asked_by(job, session.user.pk)
        rows.append(
            (
                short_id(job),
                Cell(words.job_title(job), "strong"),
                _pill_cell(words.JOB_PILLS[job.status]),
                times.ago(job.created_at, now),
                asked_by,
                times.took(took.total_seconds()) if took else "",
            )
        )
    return _write(session, columns, rows, "There is no such job.")


def list_places(session: Session, options: Namespace) -> int:
    tree = places.read_tree()
    if options.json:
        return write_json(session, map(LocationOut.build, tree))
    columns = (
        Column("Id", right=True),
        Column("Name", least=16),
        Column("Kind"),
        Column("Things", right=True),
        Column("", may_go=True),
    )
    rows = [
        (
            str(place.location.pk),
            Cell("  " * place.depth + str(place.location.name), "" if place.depth else "strong"),
            place.location.kind,
            f"{place.all_things:,}",
            Cell("yours" if place.location.is_own else "its source has lost it" if place.is_gone else "", "muted"),
        )
        for place in tree
    ]
    return _write(session, columns, rows, "There is no place yet.")


def write_json(session: Session, items: Iterable[BaseModel]) -> int:
    """As the API answers them."""
    session.terminal.write(json.dumps([item.model_dump(mode="json") for item in items], indent=2))
    return DONE


def _read_things(chosen: EntityFilter, limit: int) -> Iterable[Entity]:
    while True:
        page, after = queries.list_entities(chosen, min(limit, queries.MAX_PAGE))
        yield from page
        if after is None:
            return
        chosen = EntityFilter(**{**{name: getattr(chosen, name) for name in chosen.__slots__}, "after": after})


def _read_jobs(choice: JobChoice, user_id: int, limit: int) -> Iterable[Job]:
    while True:
        page, after = job_lists.list_jobs(choice.build_filter(user_id), min(limit, queries.MAX_PAGE))
        yield from page
        if after is None:
            return
        choice = choice.beginning(after=after)


def _pill_cell(pill: words.Pill) -> Cell:
    return Cell(f"{MARKS.get(pill.tone, ' ')} {pill.word}", pill.tone)


def _write(session: Session, columns: Sequence[Column], rows: Sequence[Row], nothing: str) -> int:
    """A list that is empty says so beside the answer, which stays empty."""
    if not rows:
        session.terminal.tell(nothing)
        return DONE
    session.terminal.write_lines(build_table(columns, rows, session.terminal))
    return DONE


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number
