"""`python -m hi.runtime`: all of hi under one supervisor. `make run` and `make demo` start it."""

import argparse
import sys


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - told by a sentence, not by a SyntaxError further down
        print(f"hi needs Python 3.11 or newer; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 1
    parser = argparse.ArgumentParser(prog="python -m hi.runtime", description="Run all of hi; Ctrl-C stops it.")
    parser.add_argument("--demo", action="store_true", help="with a simulated home to look at")
    arguments = parser.parse_args()

    from hi.runtime.house import run

    return run(demo=arguments.demo)


if __name__ == "__main__":
    sys.exit(main())
