"""`python -m hi.testing.hass --port 9413 --rate 2`: the demo home as a server of its own.

The token comes from the environment, HI_DEMO_TOKEN, or is made up and printed. Ends on SIGTERM and SIGINT.
"""

import argparse
import asyncio
import os
import secrets
import signal
import sys
from functools import partial

from hi.testing.hass import home
from hi.testing.hass.model import stable_ulid
from hi.testing.hass.simulator import SimulatedHass

HOMES = {"demo": home.demo, "small": home.small}


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m hi.testing.hass", description="A simulated Home Assistant.")
    parser.add_argument("--port", type=int, default=9413, help="0 for any (default 9413)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default this machine's alone)")
    parser.add_argument("--rate", type=float, default=2.0, help="changes a second (default 2)")
    parser.add_argument("--home", choices=HOMES, default="demo", help="which home (default demo)")
    parser.add_argument("--entities", type=int, metavar="N", help="a synthetic home of N entities instead")
    parser.add_argument("--seed", type=int, default=0, help="of what happens; the home is always the same (default 0)")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    given = os.environ.get("HI_DEMO_TOKEN")
    token = given or secrets.token_urlsafe(32)
    model = home.sized(options.entities) if options.entities else HOMES[options.home]()
    simulator = SimulatedHass(
        token=token,
        home=model,
        rate=options.rate,
        host=options.host,
        port=options.port,
        seed=options.seed,
        server_id=stable_ulid(model.seed, "server"),
    )

    def say_ready() -> None:
        shown = "from HI_DEMO_TOKEN" if given else token
        print(f"{model.name} ready at {simulator.url} with {len(model.states)} states, token {shown}", flush=True)

    async def serve() -> None:
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(signal_number, partial(_end, simulator))
        await simulator.serve(say_ready)

    try:
        asyncio.run(serve())
    except OSError as err:
        print(f"The demo home cannot listen on port {options.port}: {err.strerror}.", file=sys.stderr)
        return 1
    return 0


def _end(simulator: SimulatedHass) -> None:
    simulator.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
