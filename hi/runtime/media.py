"""The media process: `python -m hi.runtime.media`. It looks through cameras, so that no page waits for one."""

import os

import uvicorn

from hi.media.address import to_listen
from hi.utils.own_process import call_this_process


def main() -> None:
    call_this_process("hi-media")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hi.settings.production")
    uvicorn.run(
        "hi.media.asgi:application",
        **to_listen(),
        # As in `web.py`.
        log_config=None,
        access_log=False,
        lifespan="on",
        server_header=False,
        ws="none",
        # Streams never end by themselves.
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
