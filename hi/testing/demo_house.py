"""`python -m hi.testing.demo_house`: the demo home and its cameras, in one process, as `make demo` starts it.

The secret that lets hi into both comes from the environment, HI_DEMO_TOKEN.
"""

import argparse
import os
import sys

from hi.settings import env, places
from hi.testing.demo import CAMERAS_USER, TOKEN_VARIABLE
from hi.testing.hass import SimulatedHass, home
from hi.testing.hass.model import stable_ulid
from hi.testing.runner import run_process
from hi.testing.zoneminder import SimulatedZoneMinder

CHANGES_A_SECOND = 2.0
MOTIONS_A_MINUTE = 2.0
EVENTS_OF_YESTERDAY = 40


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m hi.testing.demo_house", description="The demo home with cameras.")
    parser.add_argument("--port", type=int, default=9413, help="of the home (default 9413)")
    parser.add_argument("--cameras-port", type=int, default=9414, help="of the cameras (default 9414)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default this machine's alone)")
    options = parser.parse_args(arguments)
    token = os.environ.get(TOKEN_VARIABLE)
    if not token:
        print(f"{TOKEN_VARIABLE} is not set: start the demo with `make demo`.", file=sys.stderr)
        return 1
    model = home.demo()
    house = SimulatedHass(
        token=token,
        home=model,
        rate=CHANGES_A_SECOND,
        host=options.host,
        port=options.port,
        server_id=stable_ulid(model.seed, "server"),
    )
    cameras = SimulatedZoneMinder(
        user=CAMERAS_USER,
        password=token,
        rate=MOTIONS_A_MINUTE,
        events=EVENTS_OF_YESTERDAY,
        numbers_by_time=True,
        time_zone=env.time_zone("HI_TIME_ZONE") or places.machine_time_zone(),
        host=options.host,
        port=options.cameras_port,
        change_seconds=2.0,
    )
    ports = f"{options.port} or {options.cameras_port}"
    return run_process(
        [house, cameras], "The demo home", ports, lambda: print(f"{house.url} and {cameras.url} are ready")
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
