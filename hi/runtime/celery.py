"""`python -m hi.runtime.celery worker …`: Celery's own commands, without those that hi does not run.

`celery` itself loads all of them: a shell and, found on the path, Flower, which take 13 MB in every process.
"""

import sys

import django
from celery.bin.base import CLIContext
from celery.bin.beat import beat
from celery.bin.worker import worker
from django.db import connections

from hi.celery import app
from hi.settings import env
from hi.utils.own_process import call_this_process

COMMANDS = {"worker": worker, "beat": beat}
# A worker's threads stay, and so may their connections; under ASGI each request has a thread of its own.
KEEP_CONNECTIONS_SECONDS = 300


def main() -> None:
    name, *words = sys.argv[1:]
    call_this_process(f"hi-{env.text('HI_ROLE')}")
    for database in connections.databases.values():
        database["CONN_MAX_AGE"] = KEEP_CONNECTIONS_SECONDS
    if env.text("HI_ROLE") == "listener":
        _install_listener()
    COMMANDS[name].main(words, prog_name=f"celery {name}", obj=CLIContext(app=app, no_color=False, workdir=None))


def _install_listener() -> None:
    """Not from one of Celery's signals: it swallows what a receiver raises, and a listener without its step would look
    alive."""
    # The step's module imports models.
    django.setup()
    from hi.tasks import listening

    listening.install(app)


if __name__ == "__main__":
    main()
