"""The ASGI application: Django, with the liveness probe, static files, pictures and WebSockets answered before it."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

from hi.celery import app as celery_app
from hi.settings import env

__all__ = ["application", "celery_app"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hi.settings.production")

django_application = get_asgi_application()

# After Django, since it reads its settings.
from hi.console.preload import preload  # noqa: E402
from hi.console.static_files import StaticFiles  # noqa: E402
from hi.integration.enums import ProcessRole  # noqa: E402
from hi.media.proxy import MediaProxy  # noqa: E402
from hi.tasks.keeper import Keeper  # noqa: E402
from hi.tasks.lifespan import live  # noqa: E402
from hi.utils.body_limit import count_body, refuse_large  # noqa: E402

static_files = StaticFiles()
pictures = MediaProxy()
keeper = Keeper(ProcessRole.WEB) if env.text("HI_ROLE") == ProcessRole.WEB else None
if keeper is not None:
    keeper.start()

preload()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await live(keeper, receive, send)
        return
    if scope["type"] == "websocket":
        # hi has none, and Django would fail on it: closed before it is accepted, which the caller sees as a 403.
        await send({"type": "websocket.close"})
        return
    # Answered here: a probe must cost nothing, need no login and no Host header that Django would accept.
    if scope["type"] == "http" and scope["path"] == "/health/live":
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok\n"})
        return
    if scope["type"] == "http" and (
        await static_files.answer(scope, send) or await pictures.answer(scope, receive, send)
    ):
        return
    if scope["type"] == "http":
        if await refuse_large(scope, receive, send):
            return
        receive = count_body(receive)
    await django_application(scope, receive, send)
