"""ZmCameras against the simulator: pictures, streams, and recordings to their end."""

from datetime import timedelta
from itertools import islice

import pytest

from hi.integration import exceptions
from hi.services.zoneminder.cameras import ZmCameras
from hi.testing.zoneminder import VIEWER_RIGHTS, SimulatedZoneMinder

pytestmark = pytest.mark.wire
Config = dict[str, str]
BEGIN, END = b"\xff\xd8\xff", b"\xff\xd9"


def is_picture(data: bytes) -> bool:
    return data.startswith(BEGIN) and data.endswith(END)


def test_a_picture_is_as_large_as_it_was_asked_for(config: Config) -> None:
    with ZmCameras(config) as cameras:
        small, large = (cameras.snapshot("1.video", width) for width in (320, 1280))
    assert is_picture(small)
    assert is_picture(large)
    assert len(small) < len(large)


def test_a_stream_goes_on_and_ends_where_nobody_takes_the_next(sim: SimulatedZoneMinder, config: Config) -> None:
    with ZmCameras(config) as cameras:
        pictures = list(islice(cameras.stream("1.video", 320), 4))
    assert all(map(is_picture, pictures))
    sim.wait_for(lambda: sim.connections == 0)


def test_a_recording_has_a_picture_and_ends_when_it_is_over(sim: SimulatedZoneMinder, config: Config) -> None:
    event = sim.add_event(1, sim.now() - timedelta(seconds=61), sim.now() - timedelta(seconds=60))
    with ZmCameras(config) as cameras:
        assert is_picture(cameras.recording_picture(str(event), 320))
        pictures = list(cameras.recording(str(event), 320))
    assert 2 <= len(pictures) <= 10
    assert all(map(is_picture, pictures))


def test_a_deleted_event_is_gone_by_zoneminders_own_word(sim: SimulatedZoneMinder, config: Config) -> None:
    event = sim.add_event(1, sim.now() - timedelta(seconds=61), sim.now() - timedelta(seconds=60))
    with ZmCameras(config) as cameras:
        sim.fail(404, "/zm/index.php")  # it has the event, and no picture of it
        with pytest.raises(exceptions.MissingError) as missing:
            cameras.recording_picture(str(event), 320)
        assert not isinstance(missing.value, exceptions.GoneError)
        sim.heal()
        sim.delete_event(event)
        for look in (cameras.recording_picture, lambda key, width: list(cameras.recording(key, width))):
            with pytest.raises(exceptions.GoneError):
                look(str(event), 320)


def test_whoever_may_not_look_sees_nothing(sim: SimulatedZoneMinder, config: Config) -> None:
    sim.add_user("guest", "guest", **VIEWER_RIGHTS, monitor_ids=frozenset({2}))
    with ZmCameras(config | {"user": "guest", "password": "guest"}) as cameras:
        with pytest.raises(exceptions.IntegrationError):
            cameras.snapshot("1.video", 320)
        with pytest.raises(exceptions.IntegrationError):
            next(cameras.stream("1.video", 320))


def test_pictures_go_on_where_all_tokens_were_revoked(sim: SimulatedZoneMinder, config: Config) -> None:
    with ZmCameras(config) as cameras:
        assert is_picture(cameras.snapshot("1.video", 320))
        for look in (lambda: cameras.snapshot("1.video", 320), lambda: next(cameras.stream("1.video", 320))):
            sim.advance(1)
            sim.revoke_tokens()
            sim.advance(1)
            assert is_picture(look())
    assert sim.failed_logins == 0
