"""`hub export`: this hub as a file."""

from argparse import ArgumentParser, Namespace

from hi.cli.refusal import DONE
from hi.cli.session import Session
from hi.cli.terminal import plain
from hi.integration.config_file.describing import describe
from hi.integration.config_file.writing import write_document


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = "Written to standard output: python manage.py hub export > hi.yaml"


def run(session: Session, _options: Namespace) -> int:
    described = describe()
    session.terminal.out.write(write_document(described.document))
    session.terminal.out.flush()
    for told in described.left_out:
        session.terminal.warn(f"Left out: {plain(told)}.")
    return DONE
