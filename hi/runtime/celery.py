"""`python -m hi.runtime.celery worker …`: Celery's own commands, without those that hi does not run.

`celery` itself loads all of them: a shell and, found on the path, Flower, which take 13 MB in every process.
"""

import sys

from celery.bin.base import CLIContext
from celery.bin.beat import beat
from celery.bin.worker import worker

from hi.celery import app

COMMANDS = {"worker": worker, "beat": beat}


def main() -> None:
    name, *words = sys.argv[1:]
    COMMANDS[name].main(words, prog_name=f"celery {name}", obj=CLIContext(app=app, no_color=False, workdir=None))


if __name__ == "__main__":
    main()
