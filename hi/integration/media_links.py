"""Links to pictures: what somebody may see for the next minute, signed, so that who follows one need not be known.

They are made for whoever is signed in and may look; `hi/media` reads them, and looks whether who watches still may.
What they hold is no secret, and says nothing of the system that the picture comes from.
"""

from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils import timezone

from hi.accounts.viewers import Viewer, ViewerKind

PREFIX = "/media/"
WIDTHS = (320, 640, 1280)
_signer = Signer(salt="hi.integration.media_links")


class MediaKind(StrEnum):
    SNAPSHOT = "snapshot"  # what a camera sees now, as one picture
    LIVE = "live"  # the same, going on
    RECORDING = "recording"  # what it saw
    RECORDING_PICTURE = "recording-picture"  # one picture of that


@dataclass(frozen=True, slots=True)
class MediaLink:
    """`row_id`: of the camera's state, or of the recording."""

    kind: MediaKind
    row_id: int
    width: int


class BadLinkError(Exception):
    """It was not made by this hi, or its time is over."""


def build_url(link: MediaLink, viewer: Viewer, now: datetime | None = None) -> str:
    """A path that opens until `find_end`."""
    told = (*astuple(link), *astuple(viewer), int(find_end(now or timezone.now()).timestamp()))
    return PREFIX + _signer.sign_object(told)


def find_end(now: datetime) -> datetime:
    """When a link that is made now ends to open."""
    return now.replace(microsecond=0) + timedelta(seconds=settings.HI_MEDIA_URL_SECONDS)


def read_path(path: str, now: datetime | None = None) -> tuple[MediaLink, Viewer]:
    """What it leads to, and for whom it was made. Raises BadLinkError."""
    try:
        kind, row_id, width, viewer_kind, viewer_id, ends_at = _signer.unsign_object(path.removeprefix(PREFIX))
        link = MediaLink(MediaKind(kind), int(row_id), int(width))
        viewer = Viewer(ViewerKind(viewer_kind), int(viewer_id))
    except (BadSignature, ValueError, TypeError) as err:
        raise BadLinkError("This link was not made by hi.") from err
    if datetime.fromtimestamp(ends_at, UTC) < (now or timezone.now()):
        raise BadLinkError("This link has had its time.")
    return link, viewer
