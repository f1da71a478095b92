"""`hub set`: a command to a thing, from the wish to what came of it."""

import json
import time
from argparse import ArgumentParser, Namespace
from contextlib import nullcontext
from uuid import uuid4

from django.utils import timezone

from hi.api.schemas.commands import CommandOut
from hi.cli import alive
from hi.cli.interrupt import heard_between_looks
from hi.cli.job_view import SPINNER
from hi.cli.live_lines import LiveLines
from hi.cli.named import describe_state, find_settable
from hi.cli.refusal import DONE, FAILED, INTERRUPTED, USAGE, RefusalError
from hi.cli.secrets import read_secret
from hi.cli.session import Session
from hi.cli.terminal import cut, plain, width_of, wrap
from hi.console import control_words, display, times
from hi.console.activity import COMMAND_PILLS
from hi.console.controls import get_controller, read_value
from hi.entity.models import Controller, EntityState
from hi.integration import commands
from hi.integration.core.orders import clean_order
from hi.integration.enums import CommandStatus, ProcessRole
from hi.integration.models import Command

LOOK_SECONDS = 0.1
WAITS = {
    CommandStatus.REQUESTED: "waiting for the control worker",
    CommandStatus.SENT: "sent",
    CommandStatus.ACKNOWLEDGED: "taken; waiting for the state to follow",
}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("state", metavar="STATE", help="its id, its address, THING, or THING/STATE")
    parser.add_argument("value", metavar="VALUE", help="on, off, a number, one of its options, press, …")
    parser.add_argument("--yes", action="store_true", help="do not ask first, also of a lock, a garage or an alarm")
    parser.add_argument("--code-file", default="", metavar="PATH", help="the code that it asks for, from a file")
    parser.add_argument("--code-env", default="", metavar="VARIABLE", help="the same, from the environment")
    parser.add_argument("--no-wait", action="store_true", help="ask for it, and do not wait for what comes of it")


def run(session: Session, options: Namespace) -> int:
    state = find_settable(options.state)
    controller = get_controller(state)
    if controller is None:
        raise RefusalError(f"{plain(describe_state(state))} can be read, but not set.", code=FAILED)
    if missing := alive.find_missing(ProcessRole.CONTROL):
        # A wish lives for ten seconds: it would only expire.
        raise RefusalError(f"{missing}, so nothing can be set.", hint=alive.START, code=FAILED)
    value = clean_order(commands.read_spec(controller), read_value(controller, options.value))
    code = _read_code(session, options, controller, value)
    if controller.asks_first and not options.yes and not _agrees(session, controller, state, value):
        return USAGE
    command = commands.request(state, value, user=session.user, key=uuid4().hex, code=code)
    if not options.no_wait:
        try:
            command = _wait(session, command, is_silent=options.json)
        except KeyboardInterrupt:
            session.terminal.tell("")
            session.terminal.tell("It is on its way, and is not taken back. Activity tells what came of it.")
            return INTERRUPTED
    _write(session, command, state, as_json=options.json)
    return DONE if command.status == CommandStatus.CONFIRMED or options.no_wait else FAILED


def _read_code(session: Session, options: Namespace, controller: Controller, value: str) -> str:
    """Only where one is needed is anybody asked for it."""
    given = options.code_file or options.code_env
    if not given and not commands.read_spec(controller).needs_code(value):
        return ""
    return read_secret("Code", session.terminal, path=options.code_file, variable=options.code_env)


def _agrees(session: Session, controller: Controller, state: EntityState, value: str) -> bool:
    question = plain(control_words.question(controller, state, value))
    if not session.terminal.asks:
        raise RefusalError(f"This asks first: {question}", hint="Say --yes where nobody can be asked.")
    if session.terminal.confirm(question):
        return True
    session.terminal.tell("Nothing was sent.")
    return False


def _wait(session: Session, command: Command, *, is_silent: bool) -> Command:
    """Returns it as it has ended. Raises KeyboardInterrupt if somebody stops looking."""
    begin, beat = time.monotonic(), 0
    lives = session.terminal.lives and not is_silent
    with heard_between_looks() as check, LiveLines(session.terminal) if lives else nullcontext() as lines:
        while command.ended_at is None:
            if lines is not None:
                lines.show([_say_going(session, command, time.monotonic() - begin, beat)])
            time.sleep(LOOK_SECONDS)
            check()
            command, beat = _read(command), beat + 1
        if lines is not None:
            lines.show([])
    return command


def _say_going(session: Session, command: Command, seconds: float, beat: int) -> str:
    spinner = session.terminal.style(SPINNER[beat % len(SPINNER)], "busy")
    wait = f"  {_say_wait(command, seconds)}"
    told = f"{plain(command.subject)} → {plain(display.read_word(command.value))}"
    told = cut(told, max(10, session.terminal.columns - width_of(wait) - 2))
    return f"{spinner} {told}{session.terminal.style(wait, 'muted')}"


def _say_wait(command: Command, seconds: float) -> str:
    told = WAITS.get(CommandStatus(command.status), "")
    return f"{told}, {times.span(int(seconds))}" if seconds >= 2 else told


def _read(command: Command) -> Command:
    return Command.objects.select_related("requested_by").defer("code").get(pk=command.pk)


def _write(session: Session, command: Command, state: EntityState, *, as_json: bool) -> None:
    terminal = session.terminal
    if as_json:
        terminal.write(json.dumps(CommandOut.build(_read(command)).model_dump(mode="json"), indent=2))
        return
    tone, _icon, word = COMMAND_PILLS[command.status]
    value = f"{plain(display.read_word(command.value))} {state.unit if command.value[:1].isdigit() else ''}".strip()
    took = f" in {times.took((command.ended_at - command.created_at).total_seconds())}" if command.ended_at else ""
    terminal.write(
        f"{terminal.mark(tone)} {terminal.style(plain(command.subject), 'strong')} → {value}: {_lower(str(word))}{took}"
    )
    if command.status != CommandStatus.CONFIRMED and command.ended_at is not None:
        for line in wrap(plain(f"{command.message} {command.hint}".strip()), terminal.columns - 2):
            terminal.write(f"  {line}")
    elif command.ended_at is None:
        until = max(0.0, (command.expires_at - timezone.now()).total_seconds())
        terminal.write(terminal.style(f"  It is sent within {until:.0f} s or never.", "muted"))


def _lower(word: str) -> str:
    return word[:1].lower() + word[1:]
