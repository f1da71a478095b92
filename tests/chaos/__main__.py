"""`python -m tests.chaos`: FAULTS (40) faults drawn from SEED, on DATABASE (sqlite or postgres). With MINUTES whole
seeds, one after the other, until that time is over. Progress goes to standard error; each seed is a line of JSON on
standard output, and with MINUTES a sum. Ends with 1 when something was found.
"""

import json
import os
import random
import sys
import time

from tests.chaos.plan import draw_plan
from tests.chaos.run import Verdict, execute


def main() -> int:
    chosen = os.environ.get("SEED", "")
    seed = int(chosen) if chosen else random.SystemRandom().randrange(10**6)
    minutes = float(os.environ.get("MINUTES") or 0)
    if not minutes:
        return 0 if _run(seed).is_good else 1
    ends_at = time.monotonic() + 60 * minutes
    verdicts = []
    while time.monotonic() < ends_at:
        verdicts.append(_run(seed + len(verdicts)))
    names = ("faults", "lost", "duplicated", "stuck", "seconds", "skipped")
    total = {name: round(sum(getattr(verdict, name) for verdict in verdicts), 1) for name in names}
    bad = [verdict.seed for verdict in verdicts if not verdict.is_good]
    print(json.dumps({"seeds": len(verdicts), "bad_seeds": bad, **total}), flush=True)
    return 1 if bad else 0


def _run(seed: int) -> Verdict:
    plan = draw_plan(seed, int(os.environ.get("FAULTS") or 40))
    verdict = execute(seed, plan, database=os.environ.get("DATABASE") or "sqlite")
    for finding in verdict.findings:
        print(f"FOUND {finding}", file=sys.stderr, flush=True)
    if verdict.folder:
        print(f"Its logs and databases are in {verdict.folder}", file=sys.stderr, flush=True)
    print(verdict.to_json(), flush=True)
    return verdict


if __name__ == "__main__":
    sys.exit(main())
