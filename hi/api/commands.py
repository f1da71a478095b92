"""`/commands`: what people want states to be, and what has come of it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.urls import reverse
from ninja import Query, Router
from ninja.params.functions import Header
from pydantic import Field

from hi.accounts.roles import Permission
from hi.api.auth import ApiRequest, BearerToken
from hi.api.description import describe_accepted, refer_to_problem
from hi.api.errors import ApiProblem
from hi.api.given import Given, GivenId, PlainText, RowId, UtcMoment
from hi.api.paging import Cursor, PageQuery, refuse_unknown
from hi.api.schemas.commands import CommandOut, CommandPage
from hi.entity.models import EntityState
from hi.integration import commands, exceptions
from hi.integration.core.orders import MAX_CODE, MAX_LENGTH
from hi.integration.models import Command

router = Router(tags=["commands"])
cursor: Cursor[tuple[datetime, UUID]] = Cursor(tuple[UtcMoment, UUID])
ACCEPTED = {"responses": {202: describe_accepted("command", "get_command"), 404: refer_to_problem(404)}}

IDEMPOTENCY_KEY = Header(
    "",
    alias="Idempotency-Key",
    max_length=commands.MAX_KEY,
    description="asked twice with the same key, it is one command; without a key each request is one",
)


class NewCommand(Given):
    """What a state shall be, in hi's words: on, off, a number, one of the options, press, …"""

    state: GivenId = Field(description="the id of the state")
    value: PlainText = Field(max_length=MAX_LENGTH)
    code: PlainText = Field("", max_length=MAX_CODE, description="only where the state asks for one; never told again")


class CommandQuery(PageQuery):
    state: RowId | None = Field(None, description="the id of the state that it sets")


@router.post("", auth=BearerToken(Permission.SET), response={202: CommandOut}, openapi_extra=ACCEPTED)
def create_command(
    request: ApiRequest,
    body: NewCommand,
    response: HttpResponse,
    idempotency_key: Annotated[PlainText, IDEMPOTENCY_KEY],
) -> CommandOut:
    """Ask for a state to be set. Sent within ten seconds or never, and never twice. A lock, and what else
    asks first on the pages, needs a token of an operator."""
    state = EntityState.objects.filter(pk=body.state).first()
    if state is None:
        raise ApiProblem(404, f"There is no state {body.state}.", field="state")
    key = idempotency_key or uuid4().hex
    try:
        command = commands.request(state, body.value, user=request.auth.user, key=key, code=body.code)
    except exceptions.ConfigurationError as err:
        if err.field == "key":
            err.field = "Idempotency-Key"
        raise
    response["Location"] = reverse("api:get_command", args=[command.pk])
    return CommandOut.build(command)


@router.get("", auth=BearerToken(Permission.LOOK), response=CommandPage)
def list_commands(request: ApiRequest, query: Query[CommandQuery]) -> CommandPage:
    """Commands, newest first."""
    refuse_unknown(request, query)
    found, following = commands.list_commands(state_id=query.state, after=cursor.decode(query.after), limit=query.limit)
    return CommandPage(items=[CommandOut.build(command) for command in found], next=cursor.encode(following))


@router.get("/{uuid:command_id}", auth=BearerToken(Permission.LOOK), response=CommandOut)
def get_command(request: ApiRequest, command_id: UUID) -> CommandOut:
    """One command: ask again until `ended_at` is set."""
    try:
        command = Command.objects.select_related("requested_by").defer("code").get(pk=command_id)
    except Command.DoesNotExist as err:
        raise ApiProblem(404, f"There is no command {command_id}.") from err
    return CommandOut.build(command)
