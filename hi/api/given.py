"""What requests may hold: parts of their bodies and parameters."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

# RFC 3339: of a mere number nobody can tell what it counts.
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")


class Given(BaseModel):
    """A request's body: an object, with members that are known. ninja's own base would take anything for an object that
    lacks all that may be left out."""

    model_config = ConfigDict(extra="forbid")


def _require_plain(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("nul", "leave out the NUL character")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise PydanticCustomError("surrogate", "leave out halves of characters")
    return text


def _require_moment(given: Any) -> Any:
    if isinstance(given, datetime) or (isinstance(given, str) and MOMENT.match(given)):
        return given
    raise PydanticCustomError("moment", "say it like 2026-01-31T12:00:00Z")


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as err:
        raise PydanticCustomError("moment", "say a moment of our time") from err


# What a database takes: PostgreSQL knows no NUL character and no half of a pair, and neither knows larger ids.
PlainText = Annotated[str, AfterValidator(_require_plain)]
RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]
# In JSON a number is no text; in an address there is nothing but text.
GivenId = Annotated[RowId, Strict()]
UtcMoment = Annotated[AwareDatetime, AfterValidator(_to_utc)]
GivenMoment = Annotated[UtcMoment, BeforeValidator(_require_moment)]
