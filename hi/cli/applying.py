"""`hub apply`: make this hub as a file says."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from hi.cli import alive
from hi.cli.refusal import DONE, PENDING, RefusalError
from hi.cli.session import Session
from hi.cli.table import Cell, Column, build_table
from hi.cli.terminal import plain, wrap
from hi.integration.config_file.applying import apply
from hi.integration.config_file.nodes import MAX_BYTES, FileError
from hi.integration.config_file.outcome import Change, Outcome
from hi.integration.config_file.reading import read_document
from hi.integration.enums import ProcessRole

SECTIONS = ("integrations", "places", "things")
MOST_PENDING = 20


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="as `hub export` writes it; - for standard input")
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")
    parser.epilog = "Exit code 3: applied, but for what no source has told of yet; apply it again after the first sync."


def run(session: Session, options: Namespace) -> int:
    try:
        document = read_document(_read(options.file))
        outcome = apply(document, session.user, dry_run=options.dry_run)
    except FileError as err:
        name = "standard input" if options.file == "-" else options.file
        lines = [f"{plain(name)}:{problem.line or ''}".rstrip(":") + f": {plain(problem)}" for problem in err.problems]
        hints = dict.fromkeys(problem.hint for problem in err.problems if problem.hint)
        raise RefusalError("\n".join(lines), hint=" ".join([*hints, "Nothing was changed."])) from err
    return _tell(session, outcome, dry_run=options.dry_run)


def _read(path: str) -> bytes:
    try:
        if path == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as err:
        raise RefusalError(f"{plain(path)} can't be read ({err.strerror}).") from err


def _tell(session: Session, outcome: Outcome, *, dry_run: bool) -> int:
    terminal = session.terminal
    for section in SECTIONS:
        changes = [change for change in outcome.changes if change.section == section]
        if changes:
            terminal.write(terminal.style(section.capitalize(), "strong"))
            terminal.write_lines(f"  {line}".rstrip() for line in _build_lines(session, changes, dry_run=dry_run))
    for note in outcome.notes:
        terminal.warn(plain(note))
    if not outcome.changes:
        terminal.write(f"{terminal.mark('ok')} Nothing to change.")
    elif dry_run:
        terminal.write(f"{len(outcome.changes):,} to change. Nothing was changed: this was a dry run.")
    else:
        terminal.write(f"{terminal.mark('ok')} {len(outcome.changes):,} changed.")
        _tell_that_it_waits(session, outcome)
    return _tell_pending(session, outcome)


def _build_lines(session: Session, changes: Sequence[Change], *, dry_run: bool) -> list[str]:
    columns = (
        Column("", 1), Column("Name", least=14), Column("What", least=10),
        Column("Was", least=8, may_go=True), Column("Will be" if dry_run else "Is", least=8),
    )  # fmt: skip
    rows, before = [], ""
    for change in changes:
        sign = Cell("+", "ok") if change.is_new else Cell("~", "warn")
        # Of several lines about one thing the first names it.
        name = Cell("" if change.subject == before else change.subject, "strong")
        after = Cell("new" if change.is_new else change.after or "—", "ok" if change.is_new else "")
        rows.append((sign, name, change.what, Cell(change.before, "muted"), after))
        before = change.subject
    return build_table(columns, rows, session.terminal.narrower(2))


def _tell_that_it_waits(session: Session, outcome: Outcome) -> None:
    missing = alive.find_missing(ProcessRole.WORKER)
    if missing and any(change.section == "integrations" for change in outcome.changes):
        session.terminal.warn(f"{missing}: what is to be tested and synced waits until it does.", alive.START)


def _tell_pending(session: Session, outcome: Outcome) -> int:
    if not outcome.pending:
        return DONE
    number = len(outcome.pending)
    session.terminal.warn(f"{number:,} of the file {'is' if number == 1 else 'are'} not there yet:")
    for told in outcome.pending[:MOST_PENDING]:
        for line in wrap(plain(told), session.terminal.columns - 4):
            session.terminal.tell(f"    {line}")
    if number > MOST_PENDING:
        session.terminal.tell(f"    and {number - MOST_PENDING:,} more")
    session.terminal.tell("  Apply the file again once they have been synced.")
    return PENDING
