"""Recording a live exchange: the connection test, what exists, and then what moves, with nothing written here."""

import asyncio
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, field

from hi.integration import exceptions
from hi.integration.configuration import read_configuration
from hi.integration.core.specs import Structure
from hi.integration.core.values import StateValue
from hi.integration.integration_gateway import IntegrationGateway
from hi.integration.listener import Changes, Listener, Recorded, Snapshot
from hi.integration.models import IntegrationInstance
from hi.integration.taping import MAX_BYTES, Recorder, running

# Between two attempts to connect.
PAUSE_SECONDS = 2.0

Tell = Callable[[str], None]


@dataclass
class Take:
    """What was said, and what hi made of it: `steps` of the connection test with what each found, the first snapshot
    of all values, those that were told `later`, and what went wrong."""

    recorder: Recorder = field(default_factory=Recorder)
    steps: list[tuple[str, str]] = field(default_factory=list)
    structure: Structure | None = None
    snapshot: tuple[StateValue, ...] = ()
    later: dict[str, StateValue] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    is_stopped: bool = False
    is_refused: bool = False


def record(
    gateway: IntegrationGateway, instance: IntegrationInstance, seconds: float, tell: Tell, max_bytes: int = MAX_BYTES
) -> Take:
    """Listens for so many seconds. What goes wrong, in the service or in hi, is in the take, and Ctrl-C ends it with
    what there is. Credentials that were refused are not tried again."""
    take, config = Take(), read_configuration(instance)
    with running(max_bytes) as take.recorder:
        try:
            with _noted(take, tell):
                _test(gateway, config, take, tell)
            with _noted(take, tell):
                _fetch(gateway, instance, take, tell)
            source, _fallback = gateway.build_sources(instance)
            if source is not None and not take.is_refused:
                tell(f"Listening for {seconds:g} seconds; Ctrl-C ends it earlier.")
                asyncio.run(_listen(source, take, seconds, tell))
        except KeyboardInterrupt:
            take.is_stopped = True
    return take


@contextmanager
def _noted(take: Take, tell: Tell) -> Iterator[None]:
    try:
        yield
    except exceptions.IntegrationError as err:
        take.is_refused |= isinstance(err, exceptions.AuthenticationError)
        take.troubles.append(f"{err} {err.hint}".strip())
        tell(f"Noted: {err}")
    except Exception as err:  # noqa: BLE001 - a fault of hi's own is what a take is for
        take.troubles.append(f"hi itself failed: {type(err).__name__}: {err}")
        tell(f"Noted: {take.troubles[-1]}")


def _test(gateway: IntegrationGateway, config: Mapping[str, str], take: Take, tell: Tell) -> None:
    for name, step in gateway.connection_steps(config):
        tell(f"{name} …")
        try:
            take.steps.append((name, step()))
        except exceptions.IntegrationError as err:
            take.steps.append((name, f"failed: {err}"))
            raise


def _fetch(gateway: IntegrationGateway, instance: IntegrationInstance, take: Take, tell: Tell) -> None:
    synchronizer = None if take.is_refused else gateway.build_synchronizer(instance)
    if synchronizer is not None:
        take.structure = synchronizer.fetch(lambda _done, _total, told: tell(told))


async def _listen(source: Listener, take: Take, seconds: float, tell: Tell) -> None:
    loop = asyncio.get_running_loop()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds) as limit:

            def stop() -> None:
                take.is_stopped = True
                limit.reschedule(loop.time())

            # Otherwise it may be heard only when the loop wakes up for something else.
            loop.add_signal_handler(signal.SIGINT, stop)
            while not take.is_refused:
                with _noted(take, tell):
                    await _hear(source, take)
                await asyncio.sleep(PAUSE_SECONDS)


async def _hear(source: Listener, take: Take) -> None:
    async with aclosing(source.stream()) as events:
        async for event in events:
            if isinstance(event, Snapshot) and not take.snapshot:
                take.snapshot = event.values
            elif isinstance(event, Snapshot | Changes) or (isinstance(event, Recorded) and not event.is_past):
                take.later.update((value.address, value) for value in event.values)
