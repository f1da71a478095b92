"""`hub record`: what a system and hi say to each other, as a file that helps whoever looks for a fault."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from django.utils import timezone

from hi.cli.named import find_integration
from hi.cli.refusal import DONE, FAILED, INTERRUPTED, RefusalError
from hi.cli.session import Session
from hi.cli.terminal import plain
from hi.integration.cassette import build_cassette, write_cassette
from hi.integration.configuration import read_configuration
from hi.integration.diagnostics import list_people
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.take import Take, record
from hi.integration.taping import MAX_BYTES
from hi.utils.disguise import Disguise

SECONDS, MOST_SECONDS = 30.0, 3600.0
HIDDEN = {
    "secret": "secrets",
    "name": "names of people",
    "host": "hosts and their addresses",
    "mail": "e-mail addresses",
    "device": "addresses of devices",
    "place": "ways to cameras",
    "coordinate": "coordinates",
}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="INSTANCE", help="its name or its id")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help=f"how long to listen to what moves (default {SECONDS:g})"
    )
    parser.add_argument("--output", metavar="FILE", help="a new file (default: cassette-ID-TIME.json, here)")


def run(session: Session, options: Namespace) -> int:
    if not 0 <= options.seconds <= MOST_SECONDS:
        raise RefusalError(f"Give --seconds from 0 to {MOST_SECONDS:g}.")
    instance, tell = find_integration(options.name), session.terminal.tell
    path = Path(options.output or f"cassette-{instance.pk}-{timezone.localtime():%Y%m%d-%H%M%S}.json")
    if path.exists():
        raise RefusalError(f"There is a file {path} already.", hint="Name another one with --output.")
    gateway, config = get_integration_gateway(instance.integration_type), read_configuration(instance)
    take = record(gateway, instance, options.seconds, lambda text: tell(plain(text)))
    tell("Taking out what is nobody's business.")
    document, disguise = build_cassette(
        take, instance.integration_type, gateway.settings, config, list_people(instance)
    )
    try:
        size = write_cassette(path, document)
    except OSError as err:
        raise RefusalError(f"{path} cannot be written: {err.strerror}.", code=FAILED) from err
    session.terminal.write_lines(_say(path, size, take, disguise))
    return INTERRUPTED if take.is_stopped else DONE


def _say(path: Path, size: int, take: Take, disguise: Disguise) -> Iterator[str]:
    tapes = take.recorder.tapes
    requests, messages = sum(bool(tape.method) for tape in tapes), sum(len(tape.messages) for tape in tapes)
    things = len(take.structure.entities) if take.structure else 0
    yield f"{path}, {size / 1000:,.0f} kB, which only you can read."
    yield f"In it: requests with their answers ({requests}), conversations ({len(tapes) - requests}) with messages"
    yield f"  ({messages}), and what hi made of them: things ({things}), states and values."
    for told in take.troubles:
        yield f"  What went wrong: {plain(told)}"
    if take.recorder.is_cut:
        yield f"  It was more than {MAX_BYTES // 2**20} MiB: what came after that is left out."
    hidden = [f"{name} ({disguise.count[what]})" for what, name in HIDDEN.items() if disguise.count[what]]
    yield f"Taken out: {', '.join(hidden) or 'nothing'}; and all pictures."
    yield "hi cannot know all that is private: look through it before you give it away. What your things are called,"
    yield "what they say and when is in it as it was."
