"""What `/entities/{id}/states/{id}/camera` and `/entities/{id}/recordings` answer. What opens there are paths on hi's
own address."""

from datetime import datetime

from pydantic import BaseModel, Field

from hi.accounts.viewers import Viewer
from hi.api.schemas.times import UtcTime
from hi.integration.media_links import MediaKind, MediaLink, build_url, find_end
from hi.integration.models import Recording

STREAM = "JPEGs, one after the other, as multipart/x-mixed-replace"
EXPIRY = "when they end to open; a stream that has begun goes on, as long as who asked for it may look"


class CameraOut(BaseModel):
    snapshot: str = Field(description="one picture, a JPEG")
    stream: str = Field(description=STREAM)
    expires_at: UtcTime = Field(description=EXPIRY)


class RecordingOut(BaseModel):
    """Something that a camera saw, and that its source keeps."""

    id: int
    began_at: UtcTime
    ended_at: UtcTime | None = Field(description="null while it goes on")
    title: str = Field(description="what it was, as its source says; may be empty")
    picture: str = Field(description="one picture of it, a JPEG")
    clip: str = Field(description=STREAM)
    expires_at: UtcTime = Field(description=EXPIRY)

    @classmethod
    def build(cls, recording: Recording, width: int, viewer: Viewer, now: datetime) -> "RecordingOut":
        picture, clip = (
            build_url(MediaLink(kind, recording.pk, width), viewer, now)
            for kind in (MediaKind.RECORDING_PICTURE, MediaKind.RECORDING)
        )
        return cls(
            id=recording.pk,
            began_at=recording.began_at,
            ended_at=recording.ended_at,
            title=recording.title,
            picture=picture,
            clip=clip,
            expires_at=find_end(now),
        )


class RecordingPage(BaseModel):
    items: list[RecordingOut]
    next: str | None
