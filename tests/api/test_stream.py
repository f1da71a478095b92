"""What changes is told as it changes, to everybody who listens, and to who comes back."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import timedelta
from functools import wraps
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.test import AsyncClient, Client
from django.utils import timezone

from hi.accounts.models import ApiToken, User
from hi.api import feed as feeds
from hi.api import stream
from hi.entity.models import Entity, EntityState
from hi.integration.models import IntegrationInstance
from tests.api.world import ROOT, make_entity, make_instance

pytestmark = pytest.mark.database(transaction=True)
WAIT_SECONDS = 10


def on_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @wraps(test)
    def run(*args: Any, **fixtures: Any) -> None:
        async_to_sync(test)(*args, **fixtures)

    return run


@pytest.fixture
def lamp() -> Entity:
    return make_entity("Lamp", make_instance())


async def events(answer: Any) -> AsyncIterator[tuple[str, Any, str]]:
    """Name, data and id of each."""
    text = ""
    async for piece in answer.streaming_content:
        text += piece.decode()
        while "\n\n" in text:
            event, text = text.split("\n\n", 1)
            fields = dict(line.split(": ", 1) for line in event.splitlines() if not line.startswith(":"))
            if "data" in fields:
                yield fields["event"], json.loads(fields["data"]), fields["id"]


async def follow(token: str, **headers: str) -> Any:
    headers = {"Authorization": f"Bearer {token}", **headers}
    answer = await AsyncClient().get(f"{ROOT}/stream", headers=headers)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/event-stream; charset=utf-8"
    return answer


@sync_to_async
def say(state: EntityState, value: str) -> None:
    EntityState.objects.filter(pk=state.pk).update(value=value, received_at=timezone.now())


async def hear(found: AsyncIterator[tuple[str, Any, str]]) -> tuple[str, Any, str]:
    return await asyncio.wait_for(anext(found), WAIT_SECONDS)


async def hear_the_end(pieces: AsyncIterator[bytes]) -> None:
    async for _piece in pieces:
        pass


@on_a_loop
async def test_a_change_reaches_everybody_who_listens(token: str, lamp: Entity) -> None:
    state = await sync_to_async(lambda: lamp.states.order_by("pk")[0])()
    listeners = [events(await follow(token)) for _ in range(2)]
    heard = [asyncio.ensure_future(hear(one)) for one in listeners]
    await asyncio.sleep(0.2)
    await say(state, "off")
    for one in heard:
        name, data, _id = await one
        assert (name, data["id"], data["entity_id"], data["value"]) == ("state", state.pk, lamp.pk, "off")
    for one in listeners:
        await one.aclose()  # type: ignore[attr-defined]


@on_a_loop
async def test_an_integration_that_is_heard_no_more_is_told(token: str, lamp: Entity) -> None:
    found = events(await follow(token))
    heard = asyncio.ensure_future(hear(found))
    await asyncio.sleep(1.5)
    lost = IntegrationInstance.objects.filter(label="House")
    await sync_to_async(lost.update)(status="DEGRADED", live_since=None, live_lost_at=timezone.now())
    name, data, _id = await heard
    while data["status"] == "ACTIVE":  # new to a thread that looked before
        name, data, _id = await hear(found)
    assert (name, data["label"], data["status"], data["is_live"]) == ("integration", "House", "DEGRADED", False)
    await found.aclose()  # type: ignore[attr-defined]


@on_a_loop
async def test_who_comes_back_is_told_what_was_missed(token: str, lamp: Entity) -> None:
    state = await sync_to_async(lambda: lamp.states.order_by("pk")[0])()
    before = timezone.now() - timedelta(minutes=5)
    await sync_to_async(EntityState.objects.filter(pk=state.pk).update)(
        value="off", received_at=before + timedelta(minutes=1)
    )
    found = events(await follow(token, **{"Last-Event-ID": before.isoformat()}))
    name, data, event_id = await hear(found)
    assert (name, data["value"]) == ("state", "off")
    assert event_id > before.isoformat()
    await found.aclose()  # type: ignore[attr-defined]


@on_a_loop
async def test_what_was_written_after_something_younger_was_told_is_told_to_who_comes_back(
    token: str, lamp: Entity
) -> None:
    state = await sync_to_async(lambda: lamp.states.order_by("pk")[0])()
    told_at = timezone.now() - timedelta(seconds=2)
    await sync_to_async(EntityState.objects.filter(pk=state.pk).update)(
        value="late", received_at=told_at - timedelta(seconds=1)
    )
    found = events(await follow(token, **{"Last-Event-ID": told_at.isoformat()}))
    assert (await hear(found))[1]["value"] == "late"
    await found.aclose()  # type: ignore[attr-defined]


@on_a_loop
async def test_more_than_can_be_told_is_told_as_such(token: str, lamp: Entity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST_AT_ONCE", 1)
    long_ago = timezone.now() - timedelta(days=9)
    await sync_to_async(lamp.states.update)(received_at=timezone.now() - timedelta(minutes=1))
    found = events(await follow(token, **{"Last-Event-ID": long_ago.isoformat()}))
    assert (await hear(found))[0] == "reset"
    await found.aclose()  # type: ignore[attr-defined]


@on_a_loop
async def test_the_thread_ends_when_nobody_listens(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "EVERY_SECONDS", 0.05)
    pieces = (await follow(token)).streaming_content
    await anext(pieces)
    waiting = asyncio.ensure_future(anext(pieces))
    await asyncio.sleep(0.2)
    assert feeds.feed._is_looking
    waiting.cancel()  # as the server does when a client goes
    for _ in range(100):
        if not feeds.feed._is_looking:
            break
        await asyncio.sleep(0.05)
    assert not feeds.feed._is_looking


@on_a_loop
async def test_a_listener_whose_loop_has_ended_is_let_go_and_keeps_nobody_else_from_hearing(
    token: str, lamp: Entity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "EVERY_SECONDS", 0.05)
    state = await sync_to_async(lambda: lamp.states.order_by("pk")[0])()
    gone = feeds.Listener(asyncio.new_event_loop())
    gone.loop.close()
    feeds.feed._listeners.add(gone)
    found = events(await follow(token))
    for value in ("off", "on"):  # whoever stands before the other, the thread goes on
        heard = asyncio.ensure_future(hear(found))
        await asyncio.sleep(0.2)
        await say(state, value)
        assert (await heard)[1]["value"] == value
    assert gone not in feeds.feed._listeners
    await found.aclose()  # type: ignore[attr-defined]


@on_a_loop
async def test_it_ends_after_a_while(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LIFE_SECONDS", 0.3)
    monkeypatch.setattr(stream, "QUIET_SECONDS", 0.1)
    pieces = [piece async for piece in (await follow(token)).streaming_content]
    assert pieces[0] == b"retry: 2000\n\n"
    assert pieces[-1].startswith(b":")


@pytest.mark.parametrize(
    "end",
    [lambda: ApiToken.objects.get().revoke(), lambda: User.objects.update(is_active=False)],
    ids=["token", "user"],
)
def test_who_may_not_listen_any_more_hears_no_more(
    token: str, lamp: Entity, monkeypatch: pytest.MonkeyPatch, end: Callable[[], object]
) -> None:
    monkeypatch.setattr(stream, "QUIET_SECONDS", 0.2)

    @async_to_sync
    async def listen() -> None:
        pieces = (await follow(token)).streaming_content
        for _quiet_time in range(3):
            await asyncio.wait_for(anext(pieces), WAIT_SECONDS)
        await sync_to_async(end)()
        await asyncio.wait_for(hear_the_end(pieces), WAIT_SECONDS)

    listen()


@pytest.mark.parametrize("event_id", ["yesterday", "9999-99-99", "x" * 41])
def test_what_is_no_id_of_an_event_is_refused(api: Client, event_id: str) -> None:
    answer = api.get(f"{ROOT}/stream", headers={"Last-Event-ID": event_id})
    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"


def test_no_more_listen_than_are_served(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST_LISTENERS", 0)
    assert api.get(f"{ROOT}/stream").status_code == 503
