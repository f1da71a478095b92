"""`hub show`: all about one integration or one thing."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable

from django.utils import timezone

from hi.api.reading import get_addresses
from hi.api.schemas.entities import EntityDetail
from hi.api.schemas.integrations import IntegrationOut
from hi.cli import job_view, named
from hi.cli.refusal import DONE
from hi.cli.session import Session
from hi.cli.table import Cell, Column, build_table
from hi.cli.terminal import MARKS, Terminal, plain, plain_lines, width_of, wrap
from hi.console import display, needs, times, words
from hi.console.control_words import build_options
from hi.console.controls import get_controller
from hi.console.run_rows import build_rows
from hi.console.thing_origin import say_bounds
from hi.console.thing_parts import type_words
from hi.entity import places, queries
from hi.entity.models import Entity, EntityState
from hi.integration import choosing, configuration, overview
from hi.integration.config_file.describing import list_settings
from hi.integration.core.selection import Selection
from hi.integration.models import IntegrationInstance

SHOWN_RUNS = 5
Facts = Iterable[tuple[str, str]]


def add_arguments(parser: ArgumentParser, add: Callable[[object, str, str], ArgumentParser]) -> None:
    kinds = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    for what, run, told in (
        ("integration", show_integration, "how it is, what it mirrors, its last syncs"),
        ("thing", show_thing, "its states with their ids and values, and what people added to it"),
    ):
        one = add(kinds, what, told)
        one.add_argument("name", metavar="NAME", help="its name or its id")
        one.set_defaults(run=run)


def show_integration(session: Session, options: Namespace) -> int:
    found = overview.get_instance(named.find_integration(options.name).pk)
    terminal, now = session.terminal, timezone.now()
    if options.json:
        terminal.write(json.dumps(IntegrationOut.build(found).model_dump(mode="json"), indent=2))
        return DONE
    pill, instance = words.status_pill(found), found.instance
    status = terminal.style(f"{MARKS.get(pill.tone, ' ')} {pill.word}", pill.tone)
    terminal.write(f"{terminal.style(plain(instance.label), 'strong')}   {status}")
    _write_facts(terminal, _integration_facts(found))
    for need in needs.list_needs([found]):
        terminal.write()
        told = f"{need.cause} {need.consequence}".strip()
        first, *others = wrap(plain(told), terminal.columns - 2)
        terminal.write_lines([f"{terminal.mark('warn')} {first}", *(f"  {line}" for line in others)])
    for job in found.open_jobs:
        terminal.write()
        job = job_view.read_job(job.pk)
        terminal.write_lines(job_view.build_view(job, session.user.pk, terminal, now))
    runs, _more = overview.list_runs(instance.pk, SHOWN_RUNS)
    if runs:
        terminal.write()
        columns = (
            Column("Syncs"),
            Column("Result", least=10),
            Column("Took", right=True),
            Column("New", right=True),
            Column("Changed", right=True),
            Column("Gone", right=True),
            Column("", least=10, may_go=True),
        )
        rows = [
            (
                times.ago(row.run.started_at, now),
                Cell(str(row.pill.word), row.pill.tone),
                row.took,
                str(row.run.created),
                str(row.run.updated),
                str(row.run.removed),
                row.told,
            )
            for row in build_rows(runs, session.user.pk)
        ]
        terminal.write_lines(build_table(columns, rows, terminal))
    return DONE


def _integration_facts(found: overview.InstanceOverview) -> Facts:
    instance, now = found.instance, timezone.now()
    yield "Id", str(instance.pk)
    yield "Kind", f"{found.info.label} {instance.source_version}".strip()
    yield from _settings(instance)
    yield "Since", f"{times.ago(instance.since, now)}{': ' if instance.reason else ''}{instance.reason}"
    yield "Mirrors", f"{words.plural(found.entity_count, 'thing')}, {words.plural(found.state_count, 'state')}"
    yield "Chosen", choosing.describe(Selection.read(instance.selection))
    waiting = f", {found.waiting_count:,} wait" if found.waiting_count else ""
    yield "New things", ("are mirrored" if instance.new_things == "mirror" else "wait in the inbox") + waiting
    until = f", the next {times.until(found.next_sync_at, now)}" if found.next_sync_at else ""
    yield "Syncs", f"every {times.span(instance.sync_interval_seconds)}{until}"
    yield "When deactivated", f"its things are {'removed' if instance.removal_policy == 'remove' else 'kept'}"


def _settings(instance: IntegrationInstance) -> Facts:
    """Never a secret."""
    told = configuration.read_public_configuration(instance)
    for spec in list_settings(instance):
        yield spec.label, told.get(spec.key, "")


def show_thing(session: Session, options: Namespace) -> int:
    entity = queries.get_entity(named.find_thing(options.name).pk)
    terminal, now = session.terminal, timezone.now()
    if options.json:
        detail = EntityDetail.build(entity, get_addresses([entity]))
        terminal.write(json.dumps(detail.model_dump(mode="json"), indent=2))
        return DONE
    gone = terminal.style("   no source has it any more", "warn") if entity.removed_at else ""
    terminal.write(terminal.style(plain(entity.name), "strong") + gone)
    _write_facts(terminal, _thing_facts(entity))
    columns = (
        Column("Id", right=True),
        Column("State", least=14),
        Column("Value", least=10),
        Column("Heard", may_go=True),
        Column("Can be set to", least=12, may_go=True),
    )
    rows = []
    for state in entity.states.all():
        shown = display.show_state(state, now)
        fresh = shown.freshness == "good"
        heard = times.ago(state.received_at, now) if fresh and state.received_at else shown.note
        rows.append(
            (
                str(state.pk),
                Cell(state.name, "strong" if state.is_primary else ""),
                Cell(shown.words, "on" if shown.is_active else "" if fresh else "muted"),
                Cell(heard, "muted" if fresh else "warn"),
                Cell(_say_settable(state), "muted"),
            )
        )
    if rows:
        terminal.write()
        terminal.write_lines(build_table(columns, rows, terminal))
    _write_noted(terminal, entity)
    return DONE


def _thing_facts(entity: Entity) -> Facts:
    yield "Id", str(entity.pk)
    yield "Kind", type_words(entity.entity_type)
    if entity.location is not None:
        yield "Place", " › ".join(places.get_path(entity.location.pk))
    if entity.user_name:
        yield "Its source says", entity.source_name
    yield "From", ", ".join(overview.list_sources(entity))
    for name, value in (entity.source_details or {}).items():
        yield str(name), str(value)


def _say_settable(state: EntityState) -> str:
    """The words that `hub set` takes."""
    controller = get_controller(state)
    if controller is None:
        return ""
    options = [option.value for option in build_options(controller, state, "")]
    return ", ".join(options) if options else say_bounds(controller, state.unit)


def _write_noted(terminal: Terminal, entity: Entity) -> None:
    facts = [(attribute.name, attribute.value) for attribute in entity.attributes.all()]
    if entity.user_notes:
        terminal.write()
        terminal.write(terminal.style("Notes", "muted"))
        terminal.write_lines(f"  {line}" for line in plain_lines(entity.user_notes))
    if facts:
        terminal.write()
        terminal.write(terminal.style("Facts", "muted"))
        _write_facts(terminal, facts)


def _write_facts(terminal: Terminal, facts: Facts) -> None:
    """Name and value; what is long goes on below."""
    told = [(plain(name), plain(value)) for name, value in facts if value]
    names = min(24, max((width_of(name) for name, _value in told), default=0))
    for name, value in told:
        lines = [value] if terminal.width is None else wrap(value, max(20, terminal.columns - names - 4))
        space = " " * max(2, names + 2 - width_of(name))
        terminal.write(f"  {terminal.style(name, 'muted')}{space}{lines[0]}")
        terminal.write_lines(" " * (names + 4) + line for line in lines[1:])
