"""Every error in one shape, `application/problem+json` (RFC 9457), whatever went wrong."""

import logging
from http import HTTPStatus

from django.core.exceptions import ObjectDoesNotExist, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel, Field

from hi.accounts.roles import NotAllowed
from hi.integration import exceptions

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """What went wrong, and where it is known which field to correct and what to do."""

    type: str = "about:blank"
    title: str = Field(description="the status in words")
    status: int
    detail: str = Field(description="a sentence for people")
    field: str | None = Field(None, description="the parameter or setting to correct")
    hint: str | None = Field(None, description="what to do about it")


class ApiProblem(Exception):
    """Ends a request with a problem."""

    def __init__(self, status: int, detail: str, *, field: str = "", hint: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.field = field
        self.hint = hint


def build_problem(status: int, detail: str, *, field: str = "", hint: str = "") -> HttpResponse:
    problem = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, field=field or None, hint=hint or None
    )
    return JsonResponse(problem.model_dump(exclude_none=True), status=status, content_type=MEDIA_TYPE)


def add_handlers(api: NinjaAPI) -> None:
    api.add_exception_handler(ApiProblem, _on_problem)
    api.add_exception_handler(AuthenticationError, _on_authentication)
    api.add_exception_handler(NotAllowed, _on_not_allowed)
    api.add_exception_handler(ValidationError, _on_validation)
    api.add_exception_handler(exceptions.ConfigurationError, _on_configuration)
    api.add_exception_handler(exceptions.IntegrationError, _on_refusal)
    api.add_exception_handler(HttpError, _on_http_error)
    api.add_exception_handler(Http404, _on_not_found)
    api.add_exception_handler(ObjectDoesNotExist, _on_gone)
    api.add_exception_handler(MultiPartParserError, _on_unreadable)
    api.add_exception_handler(SuspiciousOperation, _on_unreadable)
    api.add_exception_handler(OperationalError, _on_database_away)
    api.add_exception_handler(InterfaceError, _on_database_away)
    api.add_exception_handler(Exception, _on_anything_else)


def _on_database_away(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    logger.warning("the database does not answer: %s", error)
    response = build_problem(503, "The database does not answer; hi waits for it.", hint="Try again in a few seconds.")
    response["Retry-After"] = "5"
    return response


def _on_problem(request: HttpRequest, error: ApiProblem | type[ApiProblem]) -> HttpResponse:
    assert isinstance(error, ApiProblem)
    return build_problem(error.status, str(error), field=error.field, hint=error.hint)


def _on_authentication(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    if request.headers.get("Authorization"):
        detail, challenge = (
            "This token is not valid: unknown, revoked or of a closed account.",
            ', error="invalid_token"',
        )
    else:
        detail, challenge = "This needs an API token in the header “Authorization: Bearer …”.", ""
    response = build_problem(401, detail, hint="Make a token with: make -s token NAME=what-for")
    response["WWW-Authenticate"] = f'Bearer realm="hi"{challenge}'
    return response


def _on_not_allowed(request: HttpRequest, error: NotAllowed | type[NotAllowed]) -> HttpResponse:
    assert isinstance(error, NotAllowed)
    return build_problem(403, str(error), hint=error.hint)


def _on_validation(request: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
    assert isinstance(error, ValidationError)
    found = [(str(item["loc"][-1]), item["msg"]) for item in error.errors]
    detail = "; ".join(f"{field}: {message}" for field, message in found)
    return build_problem(422, f"{detail}.", field=found[0][0])


def _on_configuration(
    request: HttpRequest, error: exceptions.ConfigurationError | type[exceptions.ConfigurationError]
) -> HttpResponse:
    assert isinstance(error, exceptions.ConfigurationError)
    return build_problem(422, str(error), field=error.field, hint=error.hint)


def _on_refusal(
    request: HttpRequest, error: exceptions.IntegrationError | type[exceptions.IntegrationError]
) -> HttpResponse:
    assert isinstance(error, exceptions.IntegrationError)
    return build_problem(409, str(error), hint=error.hint)


def _on_http_error(request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    assert isinstance(error, HttpError)
    return build_problem(error.status_code, str(error))


def _on_not_found(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    return build_problem(404, f"There is nothing at {request.path}.")


def _on_gone(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """It was there when the request began. Of what never was, operations tell by themselves."""
    logger.warning("%s %s: %s", request.method, request.path, error)
    return build_problem(404, "Somebody has deleted it just now.")


def _on_unreadable(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    return build_problem(400, "What was sent cannot be read.", hint="Check its Content-Type.")


def _on_anything_else(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, Exception)
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return build_problem(500, "Something went wrong here. The log says what.")
