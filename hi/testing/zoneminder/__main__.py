"""`python -m hi.testing.zoneminder --port 9414 --rate 2`: the demo cameras as a server of its own.

User and password come from the environment, HI_DEMO_CAMERAS="user:password", or are made up and printed. Ends on
SIGTERM and SIGINT.
"""

import os
import secrets
import sys

from hi.testing.demo import CAMERAS_VARIABLE
from hi.testing.runner import process_options, run_process
from hi.testing.zoneminder.simulator import SimulatedZoneMinder


def main(arguments: list[str]) -> int:
    parser = process_options("hi.testing.zoneminder", "A simulated ZoneMinder.", 9414, 2.0, "motions a minute")
    parser.add_argument("--events", type=int, default=40, help="how many the last day had (default 40)")
    parser.add_argument("--time-zone", default="Europe/Berlin", help="the server's (default Europe/Berlin)")
    options = parser.parse_args(arguments)
    given = os.environ.get(CAMERAS_VARIABLE)
    user, _, password = (given or f"demo:{secrets.token_urlsafe(16)}").partition(":")
    simulator = SimulatedZoneMinder(
        user=user,
        password=password,
        time_zone=options.time_zone,
        rate=options.rate,
        events=options.events,
        port=options.port,
        host=options.host,
        seed=options.seed,
        change_seconds=2.0,
    )

    def say_ready() -> None:
        shown = f"from {CAMERAS_VARIABLE}" if given else f"{user}:{password}"
        count = len(simulator.house.monitors)
        print(f"Demo cameras ready at {simulator.url} with {count} monitors, account {shown}", flush=True)

    return run_process([simulator], "The demo cameras", options.port, say_ready)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
