"""What `/entities/{id}/states/{id}/camera` answers."""

from pydantic import BaseModel, Field

from hi.api.schemas.times import UtcTime


class CameraOut(BaseModel):
    """Paths on hi's own address."""

    snapshot: str = Field(description="one picture, a JPEG")
    stream: str = Field(description="JPEGs, one after the other, as multipart/x-mixed-replace")
    expires_at: UtcTime = Field(description="when they end to open; a stream that has begun goes on")
