"""`hub activate`, `pause`, `deactivate`, `sync`, `test`: what ends in a job is watched to its end."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from hi.accounts.models import User
from hi.cli.named import find_integration
from hi.cli.refusal import DONE
from hi.cli.session import Session
from hi.cli.watching import follow
from hi.integration import operations
from hi.integration.models import IntegrationInstance, Job

Action = Callable[[IntegrationInstance, User], Job]
JOBS: dict[str, tuple[Action, str]] = {
    "activate": (operations.activate, "test the connection, sync, and keep it live"),
    "deactivate": (operations.deactivate, "stop mirroring; what was mirrored is removed or kept, as its policy says"),
    "sync": (operations.sync_now, "read again what there is"),
    "test": (operations.test_connection, "test the connection, step by step"),
}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="INTEGRATION", help="its name or its id")


def add_waiting(parser: ArgumentParser) -> None:
    parser.add_argument("--no-wait", action="store_true", help="ask for it, and do not wait for its end")


def run(session: Session, options: Namespace) -> int:
    action, _told = JOBS[options.command]
    return follow(session, action(find_integration(options.name), session.user), options)


def pause(session: Session, options: Namespace) -> int:
    """At once, and without a job."""
    instance = find_integration(options.name)
    operations.pause(instance, session.user)
    session.terminal.tell(
        f"{session.terminal.mark('ok')} {instance.label} is paused: everything is kept as last heard."
    )
    return DONE
