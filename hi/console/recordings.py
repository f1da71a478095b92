"""What cameras recorded, on the page of a thing: by day, newest first, a page at a time; and what is new meanwhile."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hi.console import times
from hi.console.addresses import read_cursor, read_number, write_cursor
from hi.console.cameras import Camera
from hi.console.live import LivePart
from hi.console.requests import ConsoleRequest
from hi.entity.models import Entity
from hi.integration.models import Recording
from hi.integration.recordings import MAX_NEW, count_newer, list_ended, list_recordings, place_of
from hi.utils.keyset import Cursor

# A thing's page has other things to tell; whoever wants more wants many.
PAGE, PAGE_OF_MORE = 6, 24
NEWS_SECONDS = 5


@dataclass(frozen=True, slots=True)
class RecordingRow:
    recording: Recording

    @property
    def url(self) -> str:
        return reverse("console:thing-recording", args=[self.recording.entity_id, self.recording.pk])

    @property
    def title(self) -> str:
        return self.recording.title or _("Recording")

    @property
    def time(self) -> str:
        return f"{timezone.localtime(self.recording.began_at):%H:%M:%S}"

    @property
    def took(self) -> str:
        """Empty while it goes on."""
        began_at, ended_at = self.recording.began_at, self.recording.ended_at
        return times.span(round((ended_at - began_at).total_seconds())) if ended_at else ""


@dataclass(frozen=True, slots=True)
class Day:
    """`continued`: the page before ended in it."""

    words: str
    rows: tuple[RecordingRow, ...]
    continued: bool


def build_recordings(request: ConsoleRequest, entity: Entity, cameras: Iterable[Camera]) -> dict[str, Any]:
    """What the part's template needs, from behind `?after=` on: nothing of a thing of which nothing is recorded, nor
    ever was. One statement."""
    after = read_cursor(request.GET.get("after", ""), read_number)
    found, following = list_recordings(entity.pk, PAGE_OF_MORE if after else PAGE, after)
    if not found and not any(camera.is_recorded for camera in cameras):
        return {}
    more = f"{address(entity)}?{urlencode({'after': write_cursor(following)})}"
    newest = place_of(found[0]) if found else None
    return {
        "recorded": True,
        "days": _by_day(found, after),
        "more_url": more if following else "",
        "is_first": after is None,
        "news": None if after else _build_news(request, entity, newest, 0),
    }


def tell_news(request: ConsoleRequest, entity: Entity, newest: Cursor[int] | None, going: Iterable[int]) -> str:
    """What has come since the newest one that is shown, and which of those that went on have ended; empty for nothing
    that is not shown already."""
    news = _build_news(request, entity, newest, count_newer(entity.pk, newest))
    ended = [RecordingRow(one) for one in list_ended(entity.pk, going)]
    if news.is_shown and not ended:
        return ""
    return news.html + "".join(
        render_to_string("console/part_recording_took.html", {"row": row, "oob": True}, request) for row in ended
    )


def address(entity: Entity) -> str:
    return reverse("console:thing-recordings", args=[entity.pk])


def _build_news(request: ConsoleRequest, entity: Entity, newest: Cursor[int] | None, count: int) -> LivePart:
    return LivePart(
        request,
        "console/recordings_news.html",
        {"entity": entity, "count": count, "is_many": count >= MAX_NEW},
        element_id="recordings-news",
        url=f"{address(entity)}/news?{urlencode({'newest': write_cursor(newest)})}",
        seconds=NEWS_SECONDS,
    )


def _by_day(found: Iterable[Recording], after: Cursor[int] | None) -> list[Day]:
    now, begun = timezone.now(), timezone.localdate(after[0]) if after else None
    return [
        Day(times.day(date, now), tuple(map(RecordingRow, rows)), date == begun)
        for date, rows in groupby(found, key=lambda one: timezone.localdate(one.began_at))
    ]
