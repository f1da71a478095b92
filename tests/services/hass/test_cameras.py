"""Home Assistant's cameras, as its own pages show them."""

from collections.abc import Iterator
from itertools import islice

import pytest

from hi.integration import exceptions
from hi.integration.integration_factory import get_integration_gateway
from hi.services.hass.hass_gateway import HassCameras
from hi.testing.hass import SimulatedHass, home
from hi.testing.hass.specs import DeviceSpec, camera

pytestmark = pytest.mark.wire
PORCH, YARD = "camera.porch", "camera.yard"


@pytest.fixture
def sim() -> Iterator[SimulatedHass]:
    with SimulatedHass.running(home=home.small()) as simulator:
        for name, is_streaming in (("Porch", True), ("Yard", False)):
            simulator.add_device(DeviceSpec(name, "Hall", "reolink", "Reolink", "E1", (camera(is_streaming),)))
        yield simulator


def cameras(sim: SimulatedHass, token: str = "") -> HassCameras:
    return HassCameras({"url": sim.url, "token": token or sim.token})


def size(jpeg: bytes) -> tuple[int, int]:
    start = jpeg.index(b"\xff\xc0") + 5
    return int.from_bytes(jpeg[start + 2 : start + 4]), int.from_bytes(jpeg[start : start + 2])


def test_its_gateway_has_cameras() -> None:
    assert get_integration_gateway("hass").has_cameras


@pytest.mark.parametrize(
    ("width", "sent"), [(320, (320, 180)), (300, (320, 180)), (1200, (1280, 720)), (1920, (1280, 720))]
)
def test_a_picture_is_as_wide_as_is_shown_where_it_can_be(
    sim: SimulatedHass, width: int, sent: tuple[int, int]
) -> None:
    with cameras(sim) as source:
        assert size(source.snapshot(f"{YARD}#whatever", width)) == sent


def test_a_stream_goes_on_from_picture_to_picture(sim: SimulatedHass) -> None:
    with cameras(sim) as source:
        first, again, other = islice(source.stream(PORCH, 320), 3)

    assert size(first) == (1280, 720)
    assert first == again != other, "the first one comes twice"


def ask(source: HassCameras, what: str, address: str) -> object:
    return source.snapshot(address, 320) if what == "snapshot" else next(source.stream(address, 320))


@pytest.mark.parametrize("what", ["snapshot", "stream"])
def test_what_cannot_be_seen_says_why(sim: SimulatedHass, what: str) -> None:
    sim.make_unavailable(PORCH)
    with cameras(sim) as source:
        with pytest.raises(exceptions.ConnectionError, match="an error of its own"):
            ask(source, what, PORCH)
        with pytest.raises(exceptions.ProtocolError, match="does not exist"):
            ask(source, what, "camera.gone")
        sim.fail(503, "/api/camera_proxy")  # as for one that is off
        with pytest.raises(exceptions.ConnectionError, match="an error of its own"):
            ask(source, what, YARD)


@pytest.mark.parametrize("what", ["snapshot", "stream"])
def test_a_refused_token_is_told_as_everywhere(sim: SimulatedHass, what: str) -> None:
    with cameras(sim, "another-token") as source, pytest.raises(exceptions.AuthenticationError) as caught:
        ask(source, what, YARD)

    assert caught.value.field == "token"
    sim.ban()
    with cameras(sim) as source, pytest.raises(exceptions.AccessDeniedError, match="refuses this machine"):
        ask(source, what, YARD)
