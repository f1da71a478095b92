"""`manage.py hub`: parses, and hands over to the modules of hi/cli."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandParser, OutputWrapper

from hi.accounts.roles import NotAllowed, Permission
from hi.cli.refusal import FAILED, INTERRUPTED, RefusalError, refusal_of
from hi.cli.session import open_session
from hi.cli.terminal import Terminal
from hi.integration import audit, exceptions
from hi.utils import trace

# name -> the module of hi/cli that does it, what whoever asks must be allowed, and what it is for. Of what is set it is
# looked at once more: some states need more than others.
P = Permission
COMMANDS = {
    "list": ("listing", P.LOOK, "integrations, things, jobs or places"),
    "show": ("showing", P.LOOK, "all about one integration or thing"),
    "add": ("adding", P.CONNECT, "connect a system"),
    "inbox": ("inbox", P.DECIDE, "what is new at a source: list, approve, ignore"),
    "watch": ("watching", P.LOOK, "follow a job to its end"),
    "cancel": ("cancelling", P.RUN, "end a job that waits or is at work"),
    "set": ("setting", P.SET, "set a state, and say what came of it"),
    "pause": ("pausing", P.CONNECT, "stop listening, and keep everything as it is"),
    "record": ("cassettes", P.CONNECT, "what a system and hi say to each other, as a file for a report"),
    "export": ("exporting", P.LOOK, "this hub as a file: systems, places, what people added"),
    "apply": ("applying", P.CONNECT, "make this hub as a file says"),
    "activate": ("instance_actions", P.CONNECT, "test the connection, sync, and keep it live"),
    "deactivate": (
        "instance_actions", P.CONNECT, "stop mirroring; what was mirrored is removed or kept, as its policy says",
    ),
    "sync": ("instance_actions", P.RUN, "read again what there is"),
    "test": ("instance_actions", P.RUN, "test the connection, step by step"),
}  # fmt: skip
WITH_MORE_BELOW = ("list", "show", "add", "inbox")
WITHOUT_JSON = ("pause", "cancel", "record", "export", "apply")


class LateParser(CommandParser):
    """Of one command. Its module is loaded when its words are read: those of all would take as long as the rest."""

    def __init__(self, *, fill: Callable[[argparse.ArgumentParser], None] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._fill = fill

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self._fill is not None:
            self._fill(self)
            self._fill = None
        return super().parse_known_args(args, namespace)


class Command(BaseCommand):
    help = "Look at this hub and act on it. Exit codes: 0 done, 1 failed, 2 asked wrongly."
    requires_system_checks = ()
    # Django's own options mean nothing here.
    suppressed_base_arguments = {
        "--version", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color", "--force-color",
        "--skip-checks",
    }  # fmt: skip

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=LateParser)
        for name, (_module, _needed, told) in COMMANDS.items():
            fill = partial(fill_parser, name)
            if name in WITH_MORE_BELOW:
                commands.add_parser(name, help=told, description=_sentence(told), fill=fill)
            else:
                _add_parser(commands, name, told, json=name not in WITHOUT_JSON, fill=fill)

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
        session.require(COMMANDS[options.command][1])
        with trace.bind(), audit.by_way_of(session.way):
            code: int = options.run(session, options)
        return code
    except exceptions.IntegrationError as err:
        refusal = refusal_of(err)
    except NotAllowed as err:
        refusal = RefusalError(str(err), hint=err.hint, code=FAILED)
    except RefusalError as err:
        refusal = err
    terminal.refuse(str(refusal), refusal.hint)
    return refusal.code


def fill_parser(name: str, parser: argparse.ArgumentParser) -> None:
    """With the words of a command."""
    module = import_module(f"hi.cli.{COMMANDS[name][0]}")
    if name in WITH_MORE_BELOW:
        module.add_arguments(parser, _add_parser)
    else:
        module.add_arguments(parser)
        parser.set_defaults(run=module.run)


def _add_parser(commands: Any, name: str, told: str, *, json: bool = True, **more: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=told, description=_sentence(told), **more)
    add_whose(parser)
    if json:
        parser.add_argument("--json", action="store_true", help="answer in JSON, as the API does")
    return parser


def add_whose(parser: argparse.ArgumentParser) -> None:
    whose = "whose deed it is; the first administrator's if left out"
    parser.add_argument("--as", dest="as_user", default="", metavar="USER", help=whose)


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
