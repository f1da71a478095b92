"""Pictures of ZoneMinder's monitors and events, by its streaming server."""

import math
import time
from collections.abc import Iterator, Mapping
from typing import Any

from hi.integration import exceptions
from hi.integration.client_cameras import ClientCameras
from hi.integration.core.decode import read_loose_number, read_mapping
from hi.services.zoneminder.client import ZmClient

STREAMER, PAGE = "/cgi-bin/nph-zms", "/index.php"
FRAMES_PER_SECOND = 5
# It takes percents of what the camera sends, which is most often so wide or wider.
FULL_WIDTH = 1280


class ZmCameras(ClientCameras[ZmClient]):
    client_class = ZmClient

    def snapshot(self, address: str, width: int) -> bytes:
        return self.client.fetch_picture(
            STREAMER, mode="single", monitor=address.partition(".")[0], scale=_scale(width)
        )

    def stream(self, address: str, width: int) -> Iterator[bytes]:
        return self._stream(width, monitor=address.partition(".")[0], maxfps=FRAMES_PER_SECOND)

    def recording_picture(self, key: str, width: int) -> bytes:
        try:
            return self.client.fetch_picture(PAGE, view="image", eid=key, fid="snapshot", width=width)
        except exceptions.MissingError:  # so also where it cannot make one
            self._find_event(key)
            raise

    def recording(self, key: str, width: int) -> Iterator[bytes]:
        """In its own pace. Its end has to be counted: the last picture is sent again and again (source)."""
        event = self._find_event(key)
        seconds = (read_loose_number(event.get("Length")) or 0.0) if event.get("EndDateTime") else math.inf
        began = math.inf
        for picture in self._stream(width, source="event", event=key):
            began = min(began, time.monotonic())
            yield picture
            if time.monotonic() > began + seconds:
                return

    def _find_event(self, key: str) -> Mapping[str, Any]:
        answer = self.client.ask(f"events/view/{key}", may_miss=True)
        if answer is None:
            raise exceptions.GoneError(f"ZoneMinder has no event {key} any more.")
        return read_mapping(read_mapping(read_mapping(answer, "answer").get("event"), "event").get("Event"), "event")

    def _stream(self, width: int, **query: Any) -> Iterator[bytes]:
        return self.read_stream(STREAMER, mode="jpeg", scale=_scale(width), **query)


def _scale(width: int) -> int:
    return max(10, min(100, 100 * width // FULL_WIDTH))
