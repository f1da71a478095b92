import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from hi.integration.models import IntegrationAttribute
from tests.api.world import ROOT, make_instance

pytestmark = pytest.mark.either_database


@pytest.fixture
def schema(client: Client) -> dict[str, Any]:
    """The description, read by somebody without any right."""
    found: dict[str, Any] = client.get(f"{ROOT}/openapi.json").json()
    return found


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            yield path, operation


def parts(schema: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = schema["components"][kind]
    return found


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_route_is_described(schema: dict[str, Any]) -> None:
    routes = {f"{method.upper()} {path}" for path, methods in schema["paths"].items() for method in methods}
    assert routes == {
        "GET /api/v1/integrations",
        "GET /api/v1/integrations/{integration_id}",
        "POST /api/v1/integrations/{integration_id}/sync",
        "POST /api/v1/integrations/{integration_id}/test",
        "POST /api/v1/integrations/{integration_id}/activate",
        "POST /api/v1/integrations/{integration_id}/deactivate",
        "GET /api/v1/integrations/{integration_id}/selection",
        "PUT /api/v1/integrations/{integration_id}/selection",
        "GET /api/v1/integrations/{integration_id}/inbox",
        "POST /api/v1/integrations/{integration_id}/inbox/approve",
        "POST /api/v1/integrations/{integration_id}/inbox/ignore",
        "POST /api/v1/integrations/{integration_id}/inbox/unignore",
        "GET /api/v1/entities",
        "GET /api/v1/entities/{entity_id}",
        "PATCH /api/v1/entities/{entity_id}",
        "PUT /api/v1/entities/{entity_id}/attributes/{name}",
        "DELETE /api/v1/entities/{entity_id}/attributes/{name}",
        "GET /api/v1/locations",
        "GET /api/v1/integrations/kinds",
        "POST /api/v1/integrations",
        "PATCH /api/v1/integrations/{integration_id}",
        "DELETE /api/v1/integrations/{integration_id}",
        "POST /api/v1/integrations/{integration_id}/pause",
        "POST /api/v1/integrations/{integration_id}/selection/preview",
        "GET /api/v1/integrations/{integration_id}/offers",
        "POST /api/v1/integrations/{integration_id}/offers/ignore",
        "GET /api/v1/integrations/{integration_id}/runs",
        "GET /api/v1/integrations/{integration_id}/runs/{run_id}",
        "GET /api/v1/repairs",
        "POST /api/v1/repairs/{repair_id}/approve",
        "POST /api/v1/repairs/{repair_id}/accept",
        "PATCH /api/v1/entities/{entity_id}/states/{state_id}",
        "GET /api/v1/entities/{entity_id}/states/{state_id}/history",
        "GET /api/v1/entities/{entity_id}/states/{state_id}/camera",
        "GET /api/v1/entities/{entity_id}/recordings",
        "POST /api/v1/entities/{entity_id}/files",
        "GET /api/v1/entities/{entity_id}/files/{file_id}",
        "DELETE /api/v1/entities/{entity_id}/files/{file_id}",
        "POST /api/v1/entities/{entity_id}/ignore",
        "POST /api/v1/entities/{entity_id}/unignore",
        "POST /api/v1/locations",
        "PATCH /api/v1/locations/{location_id}",
        "POST /api/v1/locations/{location_id}/shift",
        "DELETE /api/v1/locations/{location_id}",
        "POST /api/v1/jobs/unacknowledge",
        "GET /api/v1/activity",
        "GET /api/v1/system",
        "GET /api/v1/integrations/{integration_id}/diagnostics",
        "GET /api/v1/people",
        "POST /api/v1/people",
        "PATCH /api/v1/people/{person_id}",
        "POST /api/v1/people/{person_id}/link",
        "DELETE /api/v1/people/{person_id}",
        "POST /api/v1/people/{person_id}/sign-out",
        "GET /api/v1/people/{person_id}/sessions",
        "DELETE /api/v1/people/{person_id}/sessions/{session_id}",
        "DELETE /api/v1/people/{person_id}/tokens/{token_id}",
        "GET /api/v1/stream",
        "POST /api/v1/commands",
        "GET /api/v1/commands",
        "GET /api/v1/commands/{command_id}",
        "GET /api/v1/jobs",
        "GET /api/v1/jobs/{job_id}",
        "POST /api/v1/jobs/{job_id}/cancel",
        "POST /api/v1/jobs/acknowledge",
    }


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    known = {f"#/components/{kind}/{name}" for kind in schema["components"] for name in parts(schema, kind)}
    assert set(references(schema)) <= known


def test_operations_have_names_of_their_own_and_declare_their_parameters(schema: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _path, operation in operations(schema)]
    assert len(ids) == len(set(ids))
    for path, operation in operations(schema):
        declared = {item["name"] for item in operation["parameters"] if item["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path))


def test_every_operation_needs_a_token_and_is_refused_with_a_problem(schema: dict[str, Any]) -> None:
    (name,) = parts(schema, "securitySchemes")
    assert parts(schema, "securitySchemes")[name] == {"type": "http", "scheme": "bearer"}
    for _path, operation in operations(schema):
        (requirement,) = operation["security"]
        assert set(requirement) == {name}
        for status in (401, 403, 503):
            assert operation["responses"][str(status)] == {"$ref": f"#/components/responses/problem-{status}"}
    for problem in parts(schema, "responses").values():
        assert set(problem["content"]) == {"application/problem+json"}


def test_what_may_be_asked_for_again_is_described_with_its_etag(schema: dict[str, Any]) -> None:
    reading = schema["paths"]["/api/v1/entities/{entity_id}"]["get"]
    assert {"200", "304", "404", "412"} <= set(reading["responses"])
    for status in ("200", "304"):
        assert "ETag" in reading["responses"][status]["headers"]
    assert "If-None-Match" in {parameter["name"] for parameter in reading["parameters"]}


def test_every_link_leads_to_an_operation_and_names_its_parameters(schema: dict[str, Any]) -> None:
    known = {operation["operationId"]: operation for _path, operation in operations(schema)}
    links = [
        link
        for operation in known.values()
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    assert links
    for link in links:
        needed = {item["name"] for item in known[link["operationId"]]["parameters"] if item["in"] == "path"}
        assert set(link["parameters"]) == needed


def test_what_takes_time_is_described_with_its_location(schema: dict[str, Any]) -> None:
    described = {path.rsplit("/", 1)[1]: operation for path, operation in operations(schema) if "{" in path}
    for action in ("sync", "test", "activate", "deactivate"):
        assert set(described[action]["responses"]) == {"202", "401", "403", "404", "409", "422", "503"}
        assert "Location" in described[action]["responses"]["202"]["headers"]


def test_limits_are_described(schema: dict[str, Any]) -> None:
    for path in ("integrations", "entities", "commands", "jobs"):
        parameters = schema["paths"][f"/api/v1/{path}"]["get"]["parameters"]
        limit = next(item["schema"] for item in parameters if item["name"] == "limit")
        assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 500, 100)


def test_the_description_holds_nothing_of_this_installation(client: Client, schema: dict[str, Any]) -> None:
    instance = make_instance("Canary house")
    IntegrationAttribute.objects.create(instance=instance, integration_attr_key="token", value="canary", is_secret=True)
    text = client.get(f"{ROOT}/openapi.json").content.decode()
    assert json.loads(text) == schema
    for secret in ("anary", settings.SECRET_KEY, *settings.HI_SECRET_KEYS, str(settings.HI_DATA_DIR)):
        assert secret not in text


def test_no_page_of_documentation_loads_scripts_from_elsewhere(client: Client) -> None:
    assert client.get(f"{ROOT}/docs").status_code == 404
