"""`python -m hi.testing.hass --port 9413 --rate 2`: the demo home as a server of its own.

The token comes from the environment, HI_DEMO_TOKEN, or is made up and printed. Ends on SIGTERM and SIGINT.
"""

import os
import secrets
import sys

from hi.testing.hass import home
from hi.testing.hass.model import stable_ulid
from hi.testing.hass.simulator import SimulatedHass
from hi.testing.runner import process_options, run_process

HOMES = {"demo": home.demo, "small": home.small}


def main(arguments: list[str]) -> int:
    parser = process_options("hi.testing.hass", "A simulated Home Assistant.", 9413, 2.0, "changes a second")
    parser.add_argument("--home", choices=HOMES, default="demo", help="which home (default demo)")
    parser.add_argument("--entities", type=int, metavar="N", help="a synthetic home of N entities instead")
    options = parser.parse_args(arguments)
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

    return run_process([simulator], "The demo home", options.port, say_ready)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
