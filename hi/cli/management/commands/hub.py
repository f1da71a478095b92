"""`manage.py hub`: parses, and hands over to the modules of hi/cli."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandParser, OutputWrapper

from hi.cli import (
    adding,
    applying,
    cancelling,
    exporting,
    inbox,
    instance_actions,
    listing,
    setting,
    showing,
    watching,
)
from hi.cli.refusal import INTERRUPTED, RefusalError, refusal_of
from hi.cli.session import open_session
from hi.cli.terminal import Terminal
from hi.integration import audit, exceptions
from hi.utils import trace

Simple = tuple[Callable[[argparse.ArgumentParser], None], Callable[..., int], str]
# Those that have a command of their own, and those with more than one below them.
SIMPLE: dict[str, Simple] = {
    "watch": (watching.add_arguments, watching.run, "follow a job to its end"),
    "cancel": (cancelling.add_arguments, cancelling.run, "end a job that waits or is at work"),
    "set": (setting.add_arguments, setting.run, "set a state, and say what came of it"),
    "pause": (instance_actions.add_arguments, instance_actions.pause, "stop listening, and keep everything as it is"),
    "export": (exporting.add_arguments, exporting.run, "this hub as a file: systems, places, what people added"),
    "apply": (applying.add_arguments, applying.run, "make this hub as a file says"),
}
NESTED = {
    "list": (listing.add_arguments, "integrations, things, jobs or places"),
    "show": (showing.add_arguments, "all about one integration or thing"),
    "add": (adding.add_arguments, "connect a system"),
    "inbox": (inbox.add_arguments, "what is new at a source: list, approve, ignore"),
}
WITHOUT_JSON = ("pause", "cancel", "export", "apply")


class Command(BaseCommand):
    help = "Look at this hub and act on it. Exit codes: 0 done, 1 failed, 2 asked wrongly."
    requires_system_checks = ()
    # Django's own options mean nothing here.
    suppressed_base_arguments = {
        "--version", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color", "--force-color",
        "--skip-checks",
    }  # fmt: skip

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
        for name, (add_nested, told) in NESTED.items():
            add_nested(commands.add_parser(name, help=told, description=_sentence(told)), _add_parser)
        for name, (add_arguments, run, told) in SIMPLE.items():
            one = _add_parser(commands, name, told, json=name not in WITHOUT_JSON)
            add_arguments(one)
            one.set_defaults(run=run)
        for name, (_action, told) in instance_actions.JOBS.items():
            one = _add_parser(commands, name, told)
            instance_actions.add_arguments(one)
            instance_actions.add_waiting(one)
            one.set_defaults(run=instance_actions.run)

    def handle(self, *_args: Any, **options: Any) -> None:
        terminal = Terminal.find(_stream(self.stdout), _stream(self.stderr))
        try:
            with _only_what_matters():
                code = run(terminal, argparse.Namespace(**options))
        except KeyboardInterrupt:
            code = INTERRUPTED
        except BrokenPipeError:  # whoever read has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = 0
        if code:
            sys.exit(code)


def run(terminal: Terminal, options: argparse.Namespace) -> int:
    """Do what was asked for; what is refused is said in a sentence. One id is in all log lines of it."""
    try:
        session = open_session(terminal, options.as_user)
        with trace.bind(), audit.by_way_of(session.way):
            code: int = options.run(session, options)
        return code
    except exceptions.IntegrationError as err:
        refusal = refusal_of(err)
    except RefusalError as err:
        refusal = err
    terminal.refuse(str(refusal), refusal.hint)
    return refusal.code


def _add_parser(commands: Any, name: str, told: str, *, json: bool = True) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=told, description=_sentence(told))
    whose = "whose deed it is; the first administrator's if left out"
    parser.add_argument("--as", dest="as_user", default="", metavar="USER", help=whose)
    if json:
        parser.add_argument("--json", action="store_true", help="answer in JSON, as the API does")
    return parser


def _sentence(told: str) -> str:
    return f"{told[:1].upper()}{told[1:].rstrip('.')}."


def _stream(wrapper: OutputWrapper) -> Any:
    return getattr(wrapper, "_out", wrapper)


@contextmanager
def _only_what_matters() -> Iterator[None]:
    """What hi logs as it goes is for its files; here the answer says it. HI_LOG_LEVEL=DEBUG tells all."""
    logs = logging.getLogger()
    level = logs.level
    logs.setLevel(level if level <= logging.DEBUG else logging.ERROR)
    try:
        yield
    finally:
        logs.setLevel(level)
