"""What cameras see, as the real server's `homeassistant/components/camera` answers: pictures and streams of them."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime
from functools import partial

from hi.testing.hass.core import Core
from hi.testing.hass.model import State
from hi.testing.http import Answer, Request, plain
from hi.testing.pictures import picture

PICTURE_PATH, STREAM_PATH = "/api/camera_proxy/", "/api/camera_proxy_stream/"
FRAME_SECONDS = 0.5
WIDTH, HEIGHT = 1280, 720
# In eighths of the size: the steps in which a JPEG can be made smaller without being drawn anew.
SCALES = (1, 2, 3, 4, 5, 6, 7)

_STREAM_TYPE = "multipart/x-mixed-replace; boundary=--frameboundary"
_FRAME = b"--frameboundary\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n"


def answer(core: Core, request: Request) -> Answer:
    """An entity is there or not, whoever asks; of one that is there a token of its own is as good as a person's."""
    is_stream = request.path.startswith(STREAM_PATH)
    entity_id = request.path.removeprefix(STREAM_PATH if is_stream else PICTURE_PATH)
    state = core.home.states.get(entity_id)
    if state is None or not entity_id.startswith("camera.") or state.attributes.get("restored"):
        return plain(404)
    if refused := _refuse(core, request, state):
        return refused
    if state.state == "unavailable":
        return plain(500)
    if is_stream:
        return Answer(200, content_type=_STREAM_TYPE, stream=partial(_stream, core, entity_id))
    return Answer(200, _see(core, state, *_scale(request)), "image/jpeg")


def _refuse(core: Core, request: Request, state: State) -> Answer | None:
    """Only a wrong sign-in counts for a ban."""
    if request.query.get("token", "") == state.attributes.get("access_token"):
        return None
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not scheme:
        return plain(403)
    return None if core.check_token(token if scheme == "Bearer" else None) else plain(401)


def _scale(request: Request) -> tuple[int, int]:
    """As small as may be with neither side below what is asked for; of one side alone nothing comes."""
    width, height = (int(request.query.get(side) or 0) for side in ("width", "height"))
    sizes = [(WIDTH * scale // 8, HEIGHT * scale // 8) for scale in SCALES]
    fitting = (size for size in sizes if size[0] >= width and size[1] >= height)
    return next(fitting, (WIDTH, HEIGHT)) if width and height else (WIDTH, HEIGHT)


async def _stream(core: Core, entity_id: str) -> AsyncGenerator[bytes, None]:
    """What is seen anew only, but the first twice: browsers show the one before the last."""
    last = b""
    while (state := core.home.states.get(entity_id)) and state.state != "unavailable":
        seen = _see(core, state)
        if seen != last:
            yield _FRAME % (len(seen), seen) * (1 if last else 2)
        last = seen
        await asyncio.sleep(FRAME_SECONDS)


def _see(core: Core, state: State, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    name, now = str(state.attributes.get("friendly_name", state.entity_id)), datetime.fromtimestamp(core.home.clock())
    return picture(name, now, width, height, text=f"{name} {now:%H:%M:%S}", motion=state.state != "idle")
