"""What cameras show: whole pictures, and of each failure a sentence, in time and without a secret."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice

import pytest

from hi.integration import exceptions
from hi.integration.camera import CameraSource
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.mjpeg import check_picture
from hi.testing.conformance.faults import FAULTS, MAX_SECONDS, Fault, check_told
from hi.testing.conformance.secrets import find_secrets, spell
from hi.testing.conformance.suite import Suite, needs
from hi.testing.conformance.world import World, wait_until

WIDTH = 320
UNHURRIED = {
    "hi.integration.client.DEADLINE_SECONDS": 6.0,
    "hi.integration.client.READ_SECONDS": 3.0,
    "hi.integration.service_client.ANSWER_SECONDS": 3.0,
    "hi.integration.mjpeg.PICTURE_SECONDS": 6.0,
}
Look = Callable[[CameraSource, str], Iterator[bytes]]


def look_once(source: CameraSource, address: str) -> Iterator[bytes]:
    yield source.snapshot(address, WIDTH)


def watch(source: CameraSource, address: str) -> Iterator[bytes]:
    yield from source.stream(address, WIDTH)


class Pictures(Suite):
    def test_cameras_are_looked_through_where_it_has_any(self) -> None:
        has_cameras = get_integration_gateway(self.integration_type).has_cameras
        assert has_cameras == ("pick_camera" not in self.simulator.cannot)

    @pytest.fixture
    def unhurried(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """A simulator that has to draw what it shows may take a while for it."""
        for path, seconds in UNHURRIED.items():
            monkeypatch.setattr(path, seconds)

    @needs("pick_camera")
    @pytest.mark.usefixtures("unhurried")
    def test_a_camera_shows_whole_pictures_until_nobody_takes_the_next(self, world: World) -> None:
        address = world.far_end.pick_camera()
        with build_source(world) as source:
            for picture in (*look_once(source, address), *islice(watch(source, address), 2)):
                check_picture(picture)
        wait_until(lambda: world.line.open == 0, "the camera is let go")

    @needs("pick_camera")
    @pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
    def test_a_camera_that_cannot_be_seen_says_in_time_what_is_wrong(self, world: World, fault: Fault) -> None:
        address = world.far_end.pick_camera()
        fault(world.line)
        for look in (look_once, watch):
            check_failure(world, look, address)

    @needs("pick_camera")
    @pytest.mark.usefixtures("unhurried")
    def test_a_stream_that_falls_silent_ends(self, world: World) -> None:
        def fall_silent(source: CameraSource, address: str) -> Iterator[bytes]:
            with closing(source.stream(address, WIDTH)) as pictures:  # type: ignore[type-var]
                check_picture(next(pictures))
                world.line.stall()
                yield from pictures

        check_failure(world, fall_silent, world.far_end.pick_camera())


def build_source(world: World) -> CameraSource:
    source = get_integration_gateway(world.integration_type).build_camera_source(world.draft())
    assert source is not None
    return source


def check_failure(world: World, look: Look, address: str) -> None:
    begin = time.monotonic()
    with build_source(world) as source, pytest.raises(exceptions.IntegrationError) as caught:
        list(map(check_picture, look(source, address)))
    assert time.monotonic() - begin < MAX_SECONDS
    check_told(str(caught.value))
    told = f"{caught.value} {caught.value.hint}"
    assert not [key for key, secret in find_secrets(world).items() if any(one in told for one in spell(secret))]
