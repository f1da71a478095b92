"""The Flower process: `python -m hi.runtime.flower`. Never without a password, since its pages can stop workers."""

import os
import sys

from hi.settings import env
from hi.utils import keys

USER = "hi"


def main() -> None:
    path = env.data_dir() / "keys" / keys.FLOWER_PASSWORD
    password = keys.read_key(path)
    if not password:
        sys.exit(f"hi: Flower has no password in {path}: start hi once with `make run`.")
    # By environment: a command line is there for every user of the machine to read.
    os.environ["FLOWER_BASIC_AUTH"] = f"{USER}:{password}"
    os.execv(  # nosec B606 - no shell: this Python, with words that are checked
        sys.executable,
        [
            *(sys.executable, "-m", "celery", "-A", "hi", "flower"),
            f"--address={env.text('HI_FLOWER_HOST', '127.0.0.1')}",
            f"--port={env.port('HI_FLOWER_PORT', 9412)}",
            "--max_tasks=5000",
        ],
    )


if __name__ == "__main__":
    main()
