"""What `/people` answers."""

from pydantic import BaseModel, Field

from hi.accounts.models import ApiToken, OpenSession, User
from hi.api.schemas.times import UtcTime


class TokenOut(BaseModel):
    """An API token that opens something; its text is told nowhere."""

    id: int
    name: str
    prefix: str = Field(description="how it begins")
    scope: str
    created_at: UtcTime
    last_used_at: UtcTime | None

    @classmethod
    def build(cls, token: ApiToken) -> "TokenOut":
        return cls(
            id=token.pk,
            name=token.name,
            prefix=token.prefix,
            scope=token.scope,
            created_at=token.created_at,
            last_used_at=token.last_used_at,
        )


class PersonOut(BaseModel):
    id: int
    name: str
    role: str
    is_active: bool
    last_login: UtcTime | None
    tokens: list[TokenOut]

    @classmethod
    def build(cls, person: User) -> "PersonOut":
        return cls(
            id=person.pk,
            name=person.get_username(),
            role=person.role,
            is_active=person.is_active,
            last_login=person.last_login,
            tokens=[TokenOut.build(token) for token in person.api_tokens.all() if token.revoked_at is None],
        )


class PersonPage(BaseModel):
    items: list[PersonOut]
    next: str | None


class Invitation(BaseModel):
    person: PersonOut
    link: str = Field(description="opens a page, once, where they choose a password; told this once")


class SessionOut(BaseModel):
    """A browser that somebody is signed in with."""

    id: int
    since: UtcTime
    last_used_at: UtcTime = Field(description="within a few minutes")
    address: str
    agent: str = Field(description="what the browser calls itself")

    @classmethod
    def build(cls, row: OpenSession) -> "SessionOut":
        return cls(id=row.pk, since=row.since, last_used_at=row.last_used_at, address=row.address, agent=row.agent)


class SignedOut(BaseModel):
    browsers: int
