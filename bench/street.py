"""A street of simulated homes in one process: `python -m bench.street 20`.

Prints a line of JSON with their addresses: so many healthy ones, then one called `drip`, one called `fail`, one called
`silent`, and `nameless`, a healthy one that does not tell which server it is, so that any number of instances may
mirror it. All are healthy until the process hears SIGUSR1; then those three do as they are called. The token comes
from the environment, HI_DEMO_TOKEN.
"""

import asyncio
import json
import os
import signal
import sys

from hi.testing.hass import SimulatedHass, home

# Slow enough that no reading ends in its time, quick enough that each answer begins in its own: a sync of it lasts as
# long as one may.
DRIP_SECONDS = 0.02


def main(healthy: int) -> None:
    token = os.environ["HI_DEMO_TOKEN"]
    names = [*(f"healthy-{number}" for number in range(healthy)), "drip", "fail", "silent"]
    homes = {name: SimulatedHass(token=token, home=home.small(name)) for name in [*names, "nameless"]}
    # Of no device there it is known what brought it: nothing to tell the server by.
    for device in homes["nameless"].home.devices.values():
        device |= {"config_entries": [], "identifiers": []}
    asyncio.run(_serve(homes))


async def _serve(homes: dict[str, SimulatedHass]) -> None:
    def turn_bad() -> None:
        homes["drip"].drip(DRIP_SECONDS)
        homes["fail"].fail(500)
        homes["silent"].stall()
        for name in ("drip", "fail"):
            homes[name].cut()  # the listener meets it too

    def end() -> None:
        for each in homes.values():
            each.stop()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, turn_bad)
    loop.add_signal_handler(signal.SIGTERM, end)
    ready = asyncio.Semaphore(0)
    served = [asyncio.create_task(each.serve(ready.release)) for each in homes.values()]
    for _home in homes:
        await ready.acquire()
    print(json.dumps({name: each.url for name, each in homes.items()}), flush=True)
    await asyncio.gather(*served)


if __name__ == "__main__":
    main(int(sys.argv[1]))
