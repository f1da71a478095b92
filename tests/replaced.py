"""One simulated server in the place of another."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from hi.testing.hass import SimulatedHass


@contextmanager
def in_place_of(first: SimulatedHass, **options: Any) -> Iterator[SimulatedHass]:
    """The first one has gone; this one answers at its address, to its token. Options as the simulator's."""
    first.stop()
    deadline = time.monotonic() + 10
    with ExitStack() as serving:
        while True:
            try:
                second = serving.enter_context(SimulatedHass.running(port=first.port, token=first.token, **options))
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        yield second
