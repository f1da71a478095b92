"""Pictures on their whole way: a camera, the media process, the web process, over real sockets."""

import logging
import re
import socket
import threading
from base64 import b64decode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client
from django.utils import timezone

from hi.accounts import sessions
from hi.accounts.models import OpenSession, User
from hi.accounts.viewers import Viewer, ViewerKind
from hi.entity.enums import Quality
from hi.entity.models import EntityState
from hi.integration import metrics
from hi.integration.enums import DesiredState, IntegrationStatus, RepairKind
from hi.integration.media_links import MediaKind
from hi.integration.mjpeg import END, START
from hi.integration.models import IntegrationInstance, Recording, Repair
from hi.media.placeholder import SVG
from hi.media.stills import MAX_AT_ONCE
from tests.e2e.process import wait_until
from tests.media.camera import CANARY, TOKEN, Camera
from tests.media.conftest import Get, link_to, make_camera_state, make_lens, make_token, path_to

pytestmark = pytest.mark.either_database(transaction=True)
PART = re.compile(rb"--picture\r\nContent-Type: ([\w/+]+)\r\nContent-Length: (\d+)\r\n\r\n")


def read_parts(response: requests.Response) -> list[tuple[bytes, bytes]]:
    """All parts of a stream: their type and their bytes."""
    body, parts = response.content, []
    while body:
        head = PART.match(body)
        assert head, body[:80]
        end = head.end() + int(head[2])
        parts.append((head[1], body[head.end() : end]))
        body = body[end:].removeprefix(b"\r\n")
    return parts


def count(name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(name, labels) or 0.0


def test_a_link_opens_to_the_picture_and_nothing_else_of_the_camera(
    get: Get, state: EntityState, camera: Camera, web: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    still, stream = get(link_to(state)), get(link_to(state, MediaKind.LIVE))
    assert (still.status_code, still.headers["Content-Type"]) == (200, "image/jpeg")
    assert still.content.startswith(START)
    assert still.content.endswith(END)
    parts = read_parts(stream)  # its time is over
    assert {kind for kind, _body in parts} == {b"image/jpeg"}
    assert all(body == still.content for _kind, body in parts)
    assert 8 <= len(parts) <= 31  # three seconds, ten a second at most
    told = "".join(f"{one.url} {one.headers}" for one in (still, stream)).encode() + still.content + stream.content
    for canary in (TOKEN, CANARY, camera.url, camera.url.removeprefix("http://127.0.0.1")):
        assert canary.encode() not in told
    assert TOKEN not in caplog.text
    assert path_to(link_to(state)) not in caplog.text


@pytest.mark.parametrize("kind", [MediaKind.SNAPSHOT, MediaKind.RECORDING])
def test_every_answer_is_kept_by_nobody_and_of_use_to_no_other_site(get: Get, state: EntityState, kind: str) -> None:
    for answer in (get(link_to(state, MediaKind(kind))), get("/media/x")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_link_that_is_old_or_was_changed_opens_nothing(get: Get, state: EntityState, camera: Camera) -> None:
    old = path_to(link_to(state), now=timezone.now() - timedelta(seconds=62))
    fresh = path_to(link_to(state))
    changed = fresh[:12] + ("a" if fresh[12] != "a" else "b") + fresh[13:]
    for path in (old, changed, fresh[:-1], "/media/", "/media/x:y", "/media/%0d%0aHost:%20x", "/media/ä"):
        assert get(path).status_code == 403, path
    assert requests.post(fresh_url(get, fresh), timeout=5).status_code == 405
    assert not camera.asked


def fresh_url(get: Get, path: str) -> str:
    return str(get("/health/live").url).replace("/health/live", path)


def test_many_who_ask_within_a_second_share_one_picture(get: Get, state: EntityState, camera: Camera) -> None:
    paths = [path_to(link_to(state, width=width)) for width in (320, 640)] * 6
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(get, paths))
    assert {one.status_code for one in answers} == {200}
    assert len({one.content for one in answers}) == 2
    assert camera.asked["/snapshot"] <= 3  # whoever comes late on a slow machine


def break_by_status(camera: Camera) -> None:
    camera.status = 500


def break_by_page(camera: Camera) -> None:
    camera.body = b"<html>" + CANARY.encode()


def stall(camera: Camera) -> None:
    camera.stalls = True


@pytest.mark.parametrize("break_it", [break_by_status, break_by_page, stall])
def test_a_camera_that_gives_no_picture_is_told_by_a_placeholder(
    get: Get, state: EntityState, camera: Camera, break_it: Callable[[Camera], None]
) -> None:
    break_it(camera)
    for kind in (MediaKind.SNAPSHOT, *([MediaKind.LIVE] if break_it is break_by_status else [])):
        answer = get(link_to(state, kind))
        assert (answer.status_code, answer.headers["Content-Type"]) == (503, "image/svg+xml")
        assert answer.content == SVG


def change(row: IntegrationInstance | EntityState, **columns: Any) -> None:
    type(row).objects.filter(pk=row.pk).update(**columns)


@pytest.mark.parametrize(
    "columns",
    [
        {"live_lost_at": timezone.now(), "live_since": None},
        {"desired_state": DesiredState.PAUSED, "status": IntegrationStatus.PAUSED},
        {"integration_type": "absent"},
    ],
    ids=["not heard", "paused", "not installed"],
)
def test_nothing_is_asked_of_a_system_that_is_not_there(
    get: Get, state: EntityState, lens: IntegrationInstance, camera: Camera, columns: dict[str, object]
) -> None:
    change(lens, **columns)
    assert get(link_to(state)).status_code == 503
    assert not camera.asked


@pytest.mark.parametrize("how", [{"value": "off"}, {"value": None, "quality": Quality.UNAVAILABLE}])
def test_a_camera_that_is_off_is_not_asked_for_a_picture_that_would_look_like_any(
    get: Get, state: EntityState, camera: Camera, how: dict[str, Any]
) -> None:
    with get(link_to(state, MediaKind.LIVE), stream=True) as answer:
        change(state, **how)
        assert read_parts(answer)[-1] == (b"image/svg+xml", SVG)
    assert get(link_to(state)).status_code == 503
    assert not camera.asked["/snapshot"]


def test_a_state_that_is_no_camera_has_no_picture(get: Get, lens: IntegrationInstance, camera: Camera) -> None:
    lamp = make_camera_state(lens, state_type="on_off")
    assert get(link_to(lamp)).status_code == 503
    assert not camera.asked


def test_a_refused_sign_in_stops_the_integration_and_a_refused_camera_does_not(
    get: Get, state: EntityState, lens: IntegrationInstance, camera: Camera
) -> None:
    camera.status = 403
    assert get(link_to(state)).status_code == 503
    assert not Repair.objects.exists()
    camera.status = 401
    assert get(link_to(state, width=640)).status_code == 503
    assert Repair.objects.get().kind == RepairKind.AUTHENTICATION
    asked = camera.asked.total()
    assert get(link_to(state, width=1280)).status_code == 503
    assert camera.asked.total() == asked


def test_all_who_watch_a_camera_share_one_stream_and_no_more_than_four_watch_it(
    get: Get, state: EntityState, camera: Camera
) -> None:
    link = link_to(state, MediaKind.LIVE)
    with ExitStack() as watching:
        for _watcher in range(4):
            answer = watching.enter_context(get(link, stream=True))
            assert answer.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=picture"
        assert camera.asked["/stream"] == camera.open == 1
        refused = get(link)
        assert (refused.status_code, refused.headers["Retry-After"], refused.content) == (429, "5", SVG)
    wait_until(lambda: camera.open == 0, "nobody watches any more, and the stream ends", seconds=5)
    with get(link, stream=True) as again:
        assert again.status_code == 200


def test_no_more_than_sixteen_watch_at_all(
    get: Get, state: EntityState, lens: IntegrationInstance, camera: Camera
) -> None:
    states = [state, *(make_camera_state(lens) for _camera in range(4))]
    with ExitStack() as watching:
        for number in range(16):
            link = link_to(states[number // 4], MediaKind.LIVE)
            assert watching.enter_context(get(link, stream=True)).status_code == 200
        assert get(link_to(states[4], MediaKind.LIVE)).status_code == 429
        assert camera.open == 4


def test_operators_see_how_many_watch_and_how_many_pictures_fail(
    get: Get, state: EntityState, camera: Camera, lens: IntegrationInstance
) -> None:
    before = {outcome: count("hi_media_pictures_total", outcome=outcome) for outcome in ("shown", "failed")}
    get(link_to(state))
    with get(link_to(state, MediaKind.LIVE), stream=True):
        assert count("hi_media_watchers") == 1
    wait_until(lambda: count("hi_media_watchers") == 0, "nobody watches", seconds=5)
    camera.status = 500
    get(link_to(make_camera_state(lens)))
    after = {outcome: count("hi_media_pictures_total", outcome=outcome) for outcome in ("shown", "failed")}
    assert {outcome: after[outcome] - before[outcome] for outcome in after} == {"shown": 1, "failed": 1}


def test_who_is_slow_misses_pictures_and_holds_up_nobody(get: Get, state: EntityState, web: str) -> None:
    host, port = web.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        path = path_to(link_to(state, MediaKind.LIVE, width=1280))
        slow.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert slow.recv(1024).startswith(b"HTTP/1.1 200")
        parts = read_parts(get(link_to(state, MediaKind.LIVE, width=1280)))
        assert len(parts) >= 8


def test_a_stream_that_breaks_ends_with_the_placeholder(get: Get, state: EntityState, camera: Camera) -> None:
    def break_down() -> None:
        camera.status = 500
        camera.cut()

    with get(link_to(state, MediaKind.LIVE), stream=True) as answer:
        threading.Timer(0.5, break_down).start()
        parts = read_parts(answer)
    assert parts[0][0] == b"image/jpeg"
    assert parts[-1] == (b"image/svg+xml", SVG)
    assert {body for kind, body in parts if kind == b"image/jpeg"} == {parts[0][1]}


def test_a_stream_that_drips_is_no_stream_and_is_let_go(
    get: Get, state: EntityState, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hi.integration.mjpeg.PICTURE_SECONDS", 0.5)
    camera.drips = True
    answer = get(link_to(state, MediaKind.LIVE))
    assert (answer.status_code, answer.content) == (503, SVG)
    wait_until(lambda: camera.open == 0, "the camera is let go", seconds=5)


def test_a_system_that_does_not_answer_holds_up_no_other(
    get: Get, state: EntityState, lens: IntegrationInstance, camera: Camera
) -> None:
    camera.stalls = True
    with Camera().running() as working, ThreadPoolExecutor(8) as crowd:
        other = make_camera_state(make_lens(lens.integration_type, working))
        asked = [crowd.submit(get, link_to(make_camera_state(lens))) for _camera in range(8)]
        wait_until(lambda: camera.asked["/snapshot"] == MAX_AT_ONCE, "as many wait as may", seconds=5)
        assert get(link_to(other)).status_code == 200
        assert camera.asked["/snapshot"] == MAX_AT_ONCE
        assert {one.result().status_code for one in asked} == {503}
        camera.stalls = False
        assert get(link_to(state)).status_code == 200
        assert camera.asked["/snapshot"] == MAX_AT_ONCE + 1  # of those that nobody waits for any more none is asked for


def test_who_stops_the_integration_stops_its_streams(
    get: Get, state: EntityState, lens: IntegrationInstance, camera: Camera
) -> None:
    with get(link_to(state, MediaKind.LIVE), stream=True) as answer:
        change(lens, desired_state=DesiredState.INACTIVE)
        assert read_parts(answer)[-1] == (b"image/svg+xml", SVG)
    wait_until(lambda: camera.open == 0, "the camera is let go", seconds=5)


@pytest.mark.parametrize("how", ["token", "browser", "person"])
def test_who_is_shut_out_sees_no_more_and_all_others_do(get: Get, state: EntityState, camera: Camera, how: str) -> None:
    link, looks, others = link_to(state, MediaKind.LIVE), make_token(), Viewer.of_token(make_token())
    viewer = Viewer.of_token(looks)
    if how == "browser":
        browser = Client()
        browser.force_login(looks.user)
        browser.get("/")
        viewer = Viewer(ViewerKind.BROWSER, OpenSession.objects.get().pk)
    with get(path_to(link, viewer), stream=True) as answer, get(path_to(link, others), stream=True) as theirs:
        camera.per_second = 0.05  # nothing new to see
        if how == "token":
            looks.revoke()
        elif how == "browser":
            sessions.end_all(looks.user)
        else:
            User.objects.filter(pk=looks.user_id).update(is_active=False)
        assert {kind for kind, _body in read_parts(answer)} == {b"image/jpeg"}
        wait_until(lambda: count("hi_media_watchers") == 1, "the others go on", seconds=1)
        for again in (link, link_to(state)):
            assert get(path_to(again, viewer)).status_code == 403
        assert get(path_to(link_to(state), others)).status_code == 200
        assert read_parts(theirs)


def test_where_nothing_shows_pictures_web_says_so_at_once(get: Get, state: EntityState, settings: Any) -> None:
    for address in ("unix:/nobody/listens.sock", "127.0.0.1:9"):
        settings.HI_MEDIA_ADDRESS = address
        answer = get(link_to(state))
        assert (answer.status_code, answer.content, answer.headers["Cache-Control"]) == (503, SVG, "no-store")


def test_what_its_source_does_not_have_any_more_is_not_listed_either(
    get: Get, state: EntityState, lens: IntegrationInstance, camera: Camera
) -> None:
    """By its own word alone: at its address it may be missing for many reasons."""
    for key in ("broken", "missing", "gone"):
        Recording.objects.create(instance=lens, integration_key=key, entity=state.entity, began_at=timezone.now())
    for row, camera.status in zip(Recording.objects.order_by("pk"), (500, 404, 410), strict=True):
        assert get(link_to(row, MediaKind.RECORDING_PICTURE)).status_code == 503
    assert [row.integration_key for row in Recording.objects.order_by("pk")] == ["broken", "missing"]


def test_a_recording_is_asked_for_by_its_own_key_and_ends_by_itself(
    get: Get, state: EntityState, lens: IntegrationInstance, camera: Camera
) -> None:
    row = Recording.objects.create(
        instance=lens, integration_key="canary-event", entity=state.entity, began_at=timezone.now()
    )
    picture, moving = (get(link_to(row, kind)) for kind in (MediaKind.RECORDING_PICTURE, MediaKind.RECORDING))
    assert picture.content == get(link_to(state)).content
    assert set(read_parts(moving)) == {(b"image/jpeg", picture.content)}  # and no placeholder: it has not broken off
    assert camera.events == ["canary-event"] * 2
    assert b"canary-event" not in b64decode(urlsplit(picture.url).path.split("/")[-1].split(":")[0] + "==")
    Recording.objects.all().delete()
    assert get(link_to(row, MediaKind.RECORDING)).status_code == 503
