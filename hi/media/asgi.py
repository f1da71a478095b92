"""The ASGI application of the media process."""

import os
from typing import Any

import django

from hi.celery import app as celery_app
from hi.settings import env

__all__ = ["application", "celery_app"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hi.settings.production")
django.setup()

# After Django, since they read its settings.
from hi.integration.enums import ProcessRole  # noqa: E402
from hi.media.app import MediaApp  # noqa: E402
from hi.tasks.keeper import Keeper  # noqa: E402
from hi.tasks.lifespan import live  # noqa: E402

app = MediaApp()
keeper = Keeper(ProcessRole.MEDIA) if env.text("HI_ROLE") == ProcessRole.MEDIA else None
if keeper is not None:
    keeper.start()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await live(keeper, receive, send)
    elif scope["type"] == "http":
        await app(scope, receive, send)
