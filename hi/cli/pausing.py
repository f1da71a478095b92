"""`hub pause`: at once, and without a job."""

from argparse import ArgumentParser, Namespace

from hi.cli.named import find_integration
from hi.cli.refusal import DONE
from hi.cli.session import Session
from hi.integration import operations


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="INTEGRATION", help="its name or its id")


def run(session: Session, options: Namespace) -> int:
    instance = find_integration(options.name)
    operations.pause(instance, session.user)
    session.terminal.tell(
        f"{session.terminal.mark('ok')} {instance.label} is paused: everything is kept as last heard."
    )
    return DONE
