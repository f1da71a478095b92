"""What a source wrote down of things that no sync has mapped yet."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hi.integration import unplaced
from hi.integration.core.values import RecordedEvent
from hi.integration.listener import Recorded
from hi.integration.unplaced import Unplaced
from tests.integration.home import reading

pytestmark = pytest.mark.pure
KNOWN = {"light.lamp"}


def recorded(*addresses: str, last: int = 1) -> Recorded:
    values = tuple(reading(address, "on") for address in addresses)
    events = tuple(RecordedEvent(str(last), one.address, one.source_changed_at, None) for one in values)
    return Recorded(values, events, {"last": last})


def test_only_what_has_no_place_waits() -> None:
    waiting = Unplaced()
    waiting.keep(recorded("light.lamp"), KNOWN.__contains__)
    assert waiting.is_empty()
    waiting.keep(recorded("light.lamp", "light.new"), KNOWN.__contains__)
    assert not waiting.is_empty()
    assert waiting.take({"light.new"}) == [recorded("light.new")]
    assert waiting.is_empty()


def test_what_comes_while_it_waits_waits_too_and_keeps_its_order() -> None:
    waiting = Unplaced()
    for last in (1, 2):
        waiting.keep(recorded("light.new", "light.other", last=last), KNOWN.__contains__)
    assert waiting.take({"light.new"}) == [recorded("light.new", last=last) for last in (1, 2)]
    assert not waiting.is_empty()
    assert waiting.take({"light.other"}) == [recorded("light.other", last=last) for last in (1, 2)]


def test_what_a_later_sync_gives_no_place_is_not_wanted() -> None:
    waiting = Unplaced()
    waiting.keep(recorded("light.ignored"), KNOWN.__contains__)
    heard_at = timezone.now()
    assert not waiting.waits_since(heard_at - timedelta(minutes=1))
    waiting.settle(heard_at - timedelta(minutes=1))
    assert not waiting.is_empty()
    assert waiting.waits_since(heard_at)
    waiting.settle(heard_at)
    assert waiting.is_empty()
    waiting.keep(recorded("light.ignored", last=2), KNOWN.__contains__)
    assert waiting.is_empty()


def test_where_no_sync_succeeds_it_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = Unplaced()
    waiting.keep(recorded("light.new"), KNOWN.__contains__)
    monkeypatch.setattr(unplaced, "KEEP_AT_MOST", timedelta(0))
    waiting.keep(recorded("light.new", last=2), KNOWN.__contains__)
    assert waiting.is_empty()


def test_what_was_not_wanted_and_has_gone_again_waits_anew() -> None:
    waiting, known = Unplaced(), {"light.new"}
    waiting.keep(recorded("light.new"), KNOWN.__contains__)
    waiting.settle(timezone.now())
    waiting.keep(recorded("light.new"), known.__contains__)
    waiting.keep(recorded("light.new"), KNOWN.__contains__)
    assert not waiting.is_empty()


def test_what_was_heard_of_before_a_sync_is_settled_by_it_though_it_is_recorded_later() -> None:
    waiting = Unplaced()
    waiting.hear({"light.ignored"})
    began = timezone.now()
    waiting.keep(recorded("light.ignored"), KNOWN.__contains__)
    assert waiting.waits_since(began)
    waiting.settle(began)
    assert waiting.is_empty()
