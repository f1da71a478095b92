"""`/integrations`: connecting a system, changing how it is connected, and letting it go. On the router of
`integrations`: what is under one path must be on one router."""

from typing import Annotated

from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from pydantic import Field, StrictBool

from hi.accounts.roles import Permission
from hi.api.auth import ApiRequest, BearerToken
from hi.api.errors import ApiProblem
from hi.api.given import Given, PlainText
from hi.api.integrations import ACCEPTED, find_instance, router
from hi.api.schemas.integrations import IntegrationDetail, IntegrationKind
from hi.api.schemas.jobs import JobOut
from hi.integration import exceptions, operations, overview
from hi.integration.app_config import list_integrations
from hi.integration.core.settings import MAX_LENGTH
from hi.integration.discovery import find_integrations
from hi.integration.enums import RemovalPolicy
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import Job

__all__ = ["router"]

MOST_SETTINGS = 50
Settings = Annotated[
    dict[Annotated[PlainText, Field(max_length=100)], Annotated[PlainText, Field(max_length=MAX_LENGTH)]],
    Field(max_length=MOST_SETTINGS, description="by the keys that `/integrations/kinds` tells"),
]
Label = Annotated[PlainText, Field(max_length=operations.MAX_LABEL)]


class NewIntegration(Given):
    integration_type: PlainText = Field(max_length=60)
    label: Label = Field("", description="what to call it; the kind's own name if left out")
    settings: Settings
    activate: StrictBool = Field(True, description="false: only test it. What is not activated goes in a day")


class IntegrationChange(Given):
    """What to change; what is left out stays."""

    label: Label | None = None
    settings: Settings | None = Field(None, description="a secret that is left out or empty keeps the stored one")
    sync_interval_seconds: int | None = Field(None, ge=1, le=2**31 - 1, strict=True)
    removal_policy: RemovalPolicy | None = None


@router.get("/kinds", auth=BearerToken(Permission.LOOK), response=list[IntegrationKind])
def list_kinds(request: ApiRequest) -> list[IntegrationKind]:
    """What can be connected, each with the settings that it asks for."""
    found = []
    for info in list_integrations():
        try:
            found.append(IntegrationKind.build(info, get_integration_gateway(info.integration_type).settings))
        except exceptions.IntegrationError:
            continue  # what cannot be loaded cannot be connected; the console says why
    return found


@router.post("", auth=BearerToken(Permission.CONNECT), response={202: JobOut}, openapi_extra=ACCEPTED)
def add_integration(request: ApiRequest, body: NewIntegration, response: HttpResponse) -> JobOut:
    """Connect a system. The job tests the connection, mirrors what is there, and names the integration."""
    if body.integration_type not in find_integrations():
        raise ApiProblem(
            422, f"There is no kind {body.integration_type}.", field="integration_type", hint="See /integrations/kinds."
        )
    with transaction.atomic():
        instance = operations.create_draft(body.integration_type, body.label, body.settings)
        begin = operations.activate if body.activate else operations.test_connection
        return _tell(begin(instance, request.auth.user), response)


@router.patch("/{int:integration_id}", auth=BearerToken(Permission.CONNECT), response=IntegrationDetail)
def change_integration(
    request: ApiRequest, integration_id: int, change: IntegrationChange, response: HttpResponse
) -> IntegrationDetail:
    """All or nothing. New settings of one that had stopped activate it again; `Location` then names the job."""
    instance, user = find_instance(integration_id, drafts=True), request.auth.user
    with transaction.atomic():
        if change.label is not None:
            operations.rename(instance, change.label, user)
        if change.sync_interval_seconds is not None:
            operations.set_interval(instance, change.sync_interval_seconds, user)
        if change.removal_policy is not None:
            operations.set_removal_policy(instance, change.removal_policy, user)
        if change.settings is not None:
            _refuse_unknown_settings(instance.integration_type, change.settings)
            if job := operations.update_settings(instance, change.settings, user):
                _tell(job, response)
    return IntegrationDetail.build(overview.get_instance(integration_id))


@router.post("/{int:integration_id}/pause", auth=BearerToken(Permission.CONNECT), response=IntegrationDetail)
def pause_integration(request: ApiRequest, integration_id: int) -> IntegrationDetail:
    """Stop listening and syncing; everything is kept as it was last heard."""
    operations.pause(find_instance(integration_id), request.auth.user)
    return IntegrationDetail.build(overview.get_instance(integration_id))


@router.delete(
    "/{int:integration_id}", auth=BearerToken(Permission.CONNECT), response={202: JobOut}, openapi_extra=ACCEPTED
)
def delete_integration(request: ApiRequest, integration_id: int, response: HttpResponse) -> JobOut:
    """Delete it with all that only it mirrors, what people added to that included. It cannot be taken back."""
    return _tell(operations.delete(find_instance(integration_id, drafts=True), request.auth.user), response)


def _refuse_unknown_settings(integration_type: str, given: dict[str, str]) -> None:
    """Raises ApiProblem: a misspelt setting would be taken for one that stays as it is."""
    known = [spec.key for spec in get_integration_gateway(integration_type).settings]
    if unknown := sorted(set(given) - set(known)):
        raise ApiProblem(
            422, f"There is no setting {unknown[0][:40]}.", field="settings", hint=f"There is {', '.join(known)}."
        )


def _tell(job: Job, response: HttpResponse) -> JobOut:
    response["Location"] = reverse("api:get_job", args=[job.pk])
    return JobOut.build(job)
