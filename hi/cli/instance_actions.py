"""`hub activate`, `deactivate`, `sync`, `test`: what ends in a job is watched to its end."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from hi.accounts.models import User
from hi.cli.named import find_integration
from hi.cli.session import Session
from hi.cli.watching import follow
from hi.integration import operations
from hi.integration.models import IntegrationInstance, Job

Action = Callable[[IntegrationInstance, User], Job]
ACTIONS: dict[str, Action] = {
    "activate": operations.activate,
    "deactivate": operations.deactivate,
    "sync": operations.sync_now,
    "test": operations.test_connection,
}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="INTEGRATION", help="its name or its id")
    parser.add_argument("--no-wait", action="store_true", help="ask for it, and do not wait for its end")


def run(session: Session, options: Namespace) -> int:
    action = ACTIONS[options.command]
    return follow(session, action(find_integration(options.name), session.user), options)
