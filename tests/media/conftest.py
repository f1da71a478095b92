"""A camera, its state in the home, the media process, and the web process that its pictures come through."""

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
import uvicorn

from hi.accounts.models import ApiToken
from hi.accounts.roles import Role
from hi.accounts.viewers import Viewer
from hi.entity.enums import EntityStateType, EntityType
from hi.entity.models import EntityState
from hi.integration import configuration
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.media_links import MediaKind, MediaLink, build_url
from hi.integration.models import IntegrationInstance, Recording
from hi.media.app import MediaApp
from hi.media.stills import Stills
from hi.media.streams import Streams
from hi.media.viewers import Viewers
from tests.factories import EntityStateFactory, InstanceFactory, UserFactory, mirror
from tests.media.camera import GATEWAY, TOKEN, Camera
from tests.porch import installed


@contextmanager
def serving(app: Any, bound: socket.socket) -> Iterator[None]:
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=[[bound]], daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def camera() -> Iterator[Camera]:
    with Camera().running() as camera:
        yield camera


@pytest.fixture
def lens(camera: Camera, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[IntegrationInstance]:
    """The instance that looks through it."""
    with installed("lens", GATEWAY, tmp_path, monkeypatch) as kind:
        yield make_lens(kind, camera)


def make_lens(kind: str, camera: Camera) -> IntegrationInstance:
    instance = InstanceFactory(integration_type=kind)
    settings = {"url": camera.url, "token": TOKEN}
    configuration.write_configuration(instance, get_integration_gateway(kind).settings, settings)
    return instance


def make_camera_state(instance: IntegrationInstance, **columns: Any) -> EntityState:
    given = {"state_type": EntityStateType.VIDEO, "value": "idle", "entity__source_type": EntityType.CAMERA}
    state: EntityState = EntityStateFactory(**given | columns)
    mirror(state.entity, instance)
    return state


@pytest.fixture
def state(lens: IntegrationInstance) -> EntityState:
    return make_camera_state(lens)


class Servers(NamedTuple):
    address: str  # where the media process listens
    url: str  # where the web process does


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """For all tests of a module, since they take a while to leave. A short path, as a socket's must be."""
    app = MediaApp(
        Stills(answer_seconds=1.5, failed_seconds=0.2),
        Streams(look_seconds=0.2),
        Viewers(look_seconds=0.2),
        watch_seconds=3,
    )
    with (
        tempfile.TemporaryDirectory(prefix="hi-media-") as folder,
        socket.socket(socket.AF_UNIX) as unix,
        socket.create_server(("127.0.0.1", 0)) as inet,
    ):
        unix.bind(f"{folder}/media.sock")
        with serving(app, unix), serving("hi.asgi:application", inet):
            yield Servers(f"unix:{folder}/media.sock", f"http://127.0.0.1:{inet.getsockname()[1]}")


@pytest.fixture
def web(servers: Servers, settings: Any) -> str:
    settings.HI_MEDIA_ADDRESS = servers.address
    return servers.url


Get = Callable[..., requests.Response]


@pytest.fixture
def get(web: str) -> Iterator[Get]:
    """Asks for a link, or for whatever path."""
    with requests.Session() as session:
        session.trust_env = False

        def ask(what: MediaLink | str, **options: Any) -> requests.Response:
            path = what if isinstance(what, str) else path_to(what)
            return session.get(web + path, timeout=20, **options)

        yield ask


def path_to(link: MediaLink, viewer: Viewer | None = None, now: datetime | None = None) -> str:
    """What the link's address is for one who may look; by default for whoever has a token."""
    return build_url(link, viewer or Viewer.of_token(ApiToken.objects.first() or make_token()), now)


def make_token() -> ApiToken:
    user = UserFactory.create(role=Role.VIEWER)
    ApiToken.issue(user, "to look")
    return ApiToken.objects.get(user=user)


def link_to(row: EntityState | Recording, kind: MediaKind = MediaKind.SNAPSHOT, width: int = 320) -> MediaLink:
    return MediaLink(kind, row.pk, width)
