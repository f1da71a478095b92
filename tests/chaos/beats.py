"""`python -m tests.chaos.beats`: two beats for three minutes, and ten systems that sync every five seconds. Whichever
beat leads is killed twice, and is back two seconds later. No slot may run twice, and none be missed but while one beat
takes over from the other. Prints one JSON object; ends with 1 when something was found.
"""

import os
import sys

from tests.chaos.faults import LEADER
from tests.chaos.plan import Planned
from tests.chaos.run import execute

LASTING_SECONDS = 180.0
PLAN = [Planned(at, "kill", LEADER, 2.0) for at in (60.0, 120.0)]
INTERVALS = (5,) * 10


def main() -> int:
    verdict = execute(
        int(os.environ.get("SEED") or 1),
        PLAN,
        database=os.environ.get("DATABASE") or "sqlite",
        intervals=INTERVALS,
        seconds=["beat2"],
        lasting=LASTING_SECONDS,
    )
    if verdict.skipped:
        verdict.findings.append(f"the leader was killed only {len(PLAN) - verdict.skipped} times")
    print(verdict.to_json(), flush=True)
    return 0 if verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
