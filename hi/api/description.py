"""What ninja's description of the API leaves out: who may do an operation, every problem that it may answer with, and
the headers of its answers."""

from collections.abc import Iterator, Mapping
from typing import Any

from hi.accounts import roles
from hi.accounts.roles import Permission
from hi.api.errors import MEDIA_TYPE, Problem

Described = dict[str, Any]

PROBLEMS = {
    400: "what was sent cannot be read",
    401: "no valid token",
    403: "the token's scope, or its owner's role, does not allow it",
    404: "there is no such thing, or none any more",
    409: "it cannot be done now",
    412: "it is another than `If-Match` says",
    422: "something in the request cannot be right",
    503: "the database does not answer, or too many programs listen",
}
HEADERS: Described = {
    "Cache-Control": {
        "description": "what was read may be kept, and is asked about by its ETag; nothing else is kept",
        "required": True,
        "schema": {"type": "string", "enum": ["private, no-cache", "no-store"]},
    },
    "ETag": {
        "description": "sent back as `If-None-Match`, an answer that is still the same costs a 304",
        "required": True,
        "schema": {"type": "string"},
    },
    "WWW-Authenticate": {"description": "what opens it", "required": True, "schema": {"type": "string"}},
    "Retry-After": {"description": "seconds", "schema": {"type": "integer"}},
}
HEADERS_OF = {401: ("WWW-Authenticate",), 503: ("Retry-After",)}
IF_NONE_MATCH: Described = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "an ETag that was answered before",
}


def describe_accepted(name: str, *operations: str) -> Described:
    """A 202: where the job or command is told that was begun, and what can be done with it."""
    location = {"description": f"where the {name} is told", "required": True, "schema": {"type": "string"}}
    return {"headers": {"Location": location}, "links": link(f"{name}_id", "$response.body#/id", *operations)}


def link(parameter: str, source: str, *operations: str, **others: str) -> Described:
    """Which operations go on with what was answered: `source` says where in the answer stands their parameter."""
    parameters = {parameter: source, **others}
    return {operation: {"operationId": operation, "parameters": parameters} for operation in operations}


def refer_to_problem(status: int) -> Described:
    return {"$ref": f"#/components/responses/problem-{status}"}


def complete(schema: Described, needs: Mapping[str, Permission]) -> None:
    """`needs`: the permission of each operation, by its id."""
    components = schema["components"]
    components["schemas"]["Problem"] = Problem.model_json_schema()
    components["headers"] = HEADERS
    components["responses"] = {f"problem-{status}": _describe_problem(status) for status in PROBLEMS}
    for operations in schema["paths"].values():
        for method, operation in operations.items():
            _tell_need(operation, needs[operation["operationId"]])
            _add_answers(method, operation)


def _describe_problem(status: int) -> Described:
    return {
        "description": PROBLEMS[status],
        "headers": _refer("Cache-Control", *HEADERS_OF.get(status, ())),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _tell_need(operation: Described, permission: Permission) -> None:
    """In words, and for programs: a security requirement names the scope, `x-role` the least role of the owner."""
    scope, role = roles.least_scope(permission).value, roles.least_role(permission).value
    said = operation.get("description", "")
    operation["description"] = f"{said} Needs the scope {scope}, of somebody with the role {role}.".strip()
    operation["security"] = [{name: [scope] for name in scheme} for scheme in operation["security"]]
    operation["x-role"] = role


def _add_answers(method: str, operation: Described) -> None:
    answers = operation["responses"]
    problems = list(_list_problems(method, operation))
    for answer in answers.values():
        if "$ref" not in answer:
            answer["headers"] = {**answer.get("headers", {}), **_refer("Cache-Control")}
    if method == "get" and "application/json" in answers[200].get("content", {}):
        answers[200]["headers"] |= _refer("ETag")
        answers[304] = {"description": "it is still the same", "headers": _refer("Cache-Control", "ETag")}
        operation["parameters"].append(IF_NONE_MATCH)
        problems.append(412)
    for status in problems:
        answers[status] = refer_to_problem(status)
    operation["responses"] = dict(sorted(answers.items()))


def _list_problems(method: str, operation: Described) -> Iterator[int]:
    yield from (401, 403, 503)
    places = {parameter["in"] for parameter in operation["parameters"]}
    if "path" in places:
        yield 404
    if "requestBody" in operation or places - {"path"}:
        yield 400
    if method != "get" or places - {"path"}:
        yield 422
    if method != "get":
        yield 409


def _refer(*names: str) -> Described:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
