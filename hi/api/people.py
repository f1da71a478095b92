"""`/people`: who may do what here."""

from django.http import HttpRequest
from django.urls import reverse
from ninja import Query, Router
from pydantic import Field, StrictBool

from hi.accounts import sessions
from hi.accounts.models import ApiToken, User
from hi.accounts.roles import Permission, Role
from hi.api.auth import ApiRequest, BearerToken
from hi.api.description import link
from hi.api.errors import ApiProblem
from hi.api.given import Given, PlainText, RowId
from hi.api.paging import Cursor, PageQuery, refuse_unknown
from hi.api.schemas.people import Invitation, PersonOut, PersonPage, SessionOut, SignedOut
from hi.integration import household

router = Router(tags=["people"])
cursor: Cursor[int] = Cursor(RowId)
INVITED = {
    "responses": {
        201: {
            "links": link(
                "person_id", "$response.body#/person/id", "change_person", "make_person_link", "withdraw_invitation"
            )
        }
    }
}


class NewPerson(Given):
    name: PlainText = Field(max_length=household.MAX_NAME)
    role: Role = Role.MEMBER


class PersonChange(Given):
    """What to change; what is left out stays."""

    role: Role | None = None
    is_active: StrictBool | None = Field(None, description="false: signed out everywhere, and tokens open nothing")


@router.get("", auth=BearerToken(Permission.PEOPLE), response=PersonPage)
def list_people(request: ApiRequest, page: Query[PageQuery]) -> PersonPage:
    """Everybody, oldest account first."""
    refuse_unknown(request, page)
    found = User.objects.filter(pk__gt=cursor.decode(page.after) or 0).prefetch_related("api_tokens").order_by("pk")
    rows = list(found[: page.limit + 1])
    shown = rows[: page.limit]
    following = cursor.encode(shown[-1].pk) if len(rows) > page.limit else None
    return PersonPage(items=[PersonOut.build(row) for row in shown], next=following)


@router.post("", auth=BearerToken(Permission.PEOPLE), response={201: Invitation}, openapi_extra=INVITED)
def invite_person(request: ApiRequest, body: NewPerson) -> Invitation:
    """Somebody new. `link` is told this once: with it they choose their password."""
    person, text = household.invite(body.name, body.role, request.auth.user)
    return _invitation(request, person, text)


@router.patch("/{int:person_id}", auth=BearerToken(Permission.PEOPLE), response=PersonOut)
def change_person(request: ApiRequest, person_id: int, change: PersonChange) -> PersonOut:
    """Give them another role, shut them out, let them in again. Never the last admin."""
    person, user = _find(person_id), request.auth.user
    if change.role is not None:
        household.give_role(person, change.role, user)
    if change.is_active is not None:
        (household.let_in if change.is_active else household.shut_out)(person, user)
    return PersonOut.build(_find(person_id))


@router.post("/{int:person_id}/link", auth=BearerToken(Permission.PEOPLE), response=Invitation)
def make_person_link(request: ApiRequest, person_id: int) -> Invitation:
    """A new link to choose a password with; those they had open nothing any more."""
    person = _find(person_id)
    return _invitation(request, person, household.issue_link(person, request.auth.user))


@router.delete("/{int:person_id}", auth=BearerToken(Permission.PEOPLE), response={204: None})
def withdraw_invitation(request: ApiRequest, person_id: int) -> None:
    """Of somebody who never signed in and has no token: they are gone. Who has been here is shut out instead."""
    household.withdraw(_find(person_id), request.auth.user)


@router.post("/{int:person_id}/sign-out", auth=BearerToken(Permission.PEOPLE), response=SignedOut)
def sign_person_out(request: ApiRequest, person_id: int) -> SignedOut:
    """Out of every browser."""
    return SignedOut(browsers=household.sign_out(_find(person_id), request.auth.user))


@router.get("/{int:person_id}/sessions", auth=BearerToken(Permission.PEOPLE), response=list[SessionOut])
def list_person_sessions(request: ApiRequest, person_id: int) -> list[SessionOut]:
    """The browsers that they are signed in with, the last used first."""
    return [SessionOut.build(row) for row in sessions.list_open(_find(person_id))]


@router.delete("/{int:person_id}/sessions/{int:session_id}", auth=BearerToken(Permission.PEOPLE), response={204: None})
def end_person_session(request: ApiRequest, person_id: int, session_id: int) -> None:
    """Out of this one browser."""
    if not household.sign_out(_find(person_id), request.auth.user, session_id=session_id):
        raise ApiProblem(404, f"Person {person_id} has no session {session_id}.")


@router.delete("/{int:person_id}/tokens/{int:token_id}", auth=BearerToken(Permission.PEOPLE), response=PersonOut)
def revoke_person_token(request: ApiRequest, person_id: int, token_id: int) -> PersonOut:
    """It opens nothing any more."""
    token = ApiToken.live(_find(person_id)).filter(pk=token_id).first()
    if token is None:
        raise ApiProblem(404, f"Person {person_id} has no token {token_id}.")
    household.revoke_token(token, request.auth.user)
    return PersonOut.build(_find(person_id))


def _invitation(request: HttpRequest, person: User, text: str) -> Invitation:
    link = request.build_absolute_uri(reverse("console:sign-in-link", args=[text]))
    return Invitation(person=PersonOut.build(person), link=link)


def _find(person_id: int) -> User:
    person = User.objects.filter(pk=person_id).first()
    if person is None:
        raise ApiProblem(404, f"There is no person {person_id}.")
    return person
