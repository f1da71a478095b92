"""The Flower process: `python -m hi.runtime.flower`. Never without a password, since its pages can stop workers."""

import os
import sys

from celery.bin.celery import celery

from hi.settings import env
from hi.utils import keys
from hi.utils.own_process import call_this_process

USER = "hi"


def main() -> None:
    call_this_process("hi-flower")
    path = env.data_dir() / "keys" / keys.FLOWER_PASSWORD
    password = keys.read_key(path)
    if not password:
        sys.exit(f"hi: Flower has no password in {path}: start hi once with `make run`.")
    # By environment: a command line is there for every user of the machine to read.
    os.environ["FLOWER_BASIC_AUTH"] = f"{USER}:{password}"
    words = [
        f"--address={env.text('HI_FLOWER_HOST', '127.0.0.1')}",
        f"--port={env.port('HI_FLOWER_PORT', 9412)}",
        "--max_tasks=5000",
    ]
    celery.main(["-A", "hi", "flower", *words], prog_name="celery", auto_envvar_prefix="CELERY")


if __name__ == "__main__":
    main()
