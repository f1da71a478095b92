"""Where the media process listens: a socket of this machine (`unix:/path/of.sock`), or host:port on another."""

import asyncio
from typing import Any

from django.conf import settings

UNIX = "unix:"


async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Raises OSError where nothing listens there."""
    address: str = settings.HI_MEDIA_ADDRESS
    if address.startswith(UNIX):
        return await asyncio.open_unix_connection(address.removeprefix(UNIX))
    host, _colon, port = address.rpartition(":")
    return await asyncio.open_connection(host.strip("[]"), int(port))


def to_listen() -> dict[str, Any]:
    """In uvicorn's words."""
    address: str = settings.HI_MEDIA_ADDRESS
    if address.startswith(UNIX):
        return {"uds": address.removeprefix(UNIX)}
    host, _colon, port = address.rpartition(":")
    return {"host": host.strip("[]"), "port": int(port)}
