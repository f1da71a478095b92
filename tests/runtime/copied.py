"""What a copy of a process is and has, as JSON; then it ends as its word says."""

import json
import os
import signal
import sys
import time


def tell_half_a_character() -> None:
    print("\ud83d", file=sys.stderr)


END = {
    "half": tell_half_a_character,
    "code": lambda: sys.exit(7),
    "words": lambda: sys.exit("it is broken"),
    "crash": lambda: 1 / 0,
    "well": int,
}

if __name__ == "__main__":
    if sys.argv[1] == "wait":
        print("waiting", flush=True)
        time.sleep(60)
    known = {
        "words": sys.argv[1:],
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "leads its session": os.getsid(0) == os.getpid(),
        # The listing itself takes one.
        "open": sorted(int(name) for name in os.listdir("/proc/self/fd"))[:-1],
        "handlers": [number.name for number in (signal.SIGTERM, signal.SIGCHLD) if callable(signal.getsignal(number))],
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    }
    print(json.dumps(known))
    END[sys.argv[1]]()
