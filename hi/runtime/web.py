"""The web process: `python -m hi.runtime.web`."""

import os

import uvicorn

from hi.settings import env
from hi.utils.own_process import call_this_process


def main() -> None:
    call_this_process("hi-web")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hi.settings.production")
    uvicorn.run(
        "hi.asgi:application",
        host=env.text("HI_HOST", "127.0.0.1"),
        port=env.port("HI_PORT", 9411),
        # Django has set up logging when the application is imported; uvicorn's own handlers would redact nothing.
        log_config=None,
        access_log=False,
        lifespan="on",
        server_header=False,
        # Open live streams never end by themselves.
        timeout_graceful_shutdown=env.integer("HI_WEB_STOP_SECONDS", 2),
        # Whose X-Forwarded-* headers are believed: a reverse proxy on this machine, unless told otherwise.
        forwarded_allow_ips=env.text("HI_TRUSTED_PROXIES", "127.0.0.1"),
    )


if __name__ == "__main__":
    main()
