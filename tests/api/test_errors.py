import base64
import json
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.api.world import ROOT, make_job

pytestmark = pytest.mark.database

SOME_ID = UUID(int=7)


def cursor(position: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/",
        "/integrations/7",
        "/integrations/seven",
        "/integrations/",
        "/integrations/99999999999999999999999",
        "/integrations/7/explode",
        "/entities/7",
        "/entities/99999999999999999999999",
        "/jobs/7",
        "/jobs/a%0Ab",
        f"/jobs/{SOME_ID}",
    ],
)
def test_what_is_not_there_is_a_problem_in_json(api: Client, path: str) -> None:
    response = api.get(ROOT + path)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert set(problem) == {"type", "title", "status", "detail"}
    assert (problem["title"], problem["status"]) == ("Not Found", 404)


def test_a_method_that_does_nothing_is_a_problem_in_json(api: Client) -> None:
    response = api.delete(f"{ROOT}/system")
    assert response.status_code == 405
    assert response["Allow"] == "GET"
    assert response["Content-Type"] == "application/problem+json"


def test_an_answer_that_is_another_than_expected_is_a_problem_in_json(api: Client) -> None:
    response = api.get(f"{ROOT}/entities", headers={"If-Match": '"another"'})
    assert response.status_code == 412
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/integrations", "/entities", "/jobs"])
@pytest.mark.parametrize(
    "after",
    [
        "nonsense",
        "ünsinn",
        "====",
        "AAAA",
        cursor(None),
        cursor([]),
        cursor({"a": 1}),
        cursor(["Lamp", "1"]) + "!",
        cursor(["Lamp", 2**63]),
        cursor(["La\x00mp", 1]),
        cursor(["\ud800", 1]),
        cursor(["2026-11-23T12:00:00", str(SOME_ID)]),
        cursor(["0001-01-01T00:00:00+23:00", str(SOME_ID)]),
        cursor(["2026-11-23T12:00:00Z", "7"]),
    ],
)
def test_a_cursor_that_no_page_gave_is_refused(api: Client, path: str, after: str) -> None:
    response = api.get(ROOT + path, {"after": after})
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["field"] == "after"


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/entities", {"type": "spaceship"}, "type"),
        ("/entities", {"integration": "house"}, "integration"),
        ("/entities", {"integration": 2**63}, "integration"),
        ("/entities", {"search": "a\x00b"}, "search"),
        ("/entities", {"search": "a" * 201}, "search"),
        ("/jobs", {"status": "DREAMING"}, "status"),
        ("/jobs", {"limit": 501}, "limit"),
        ("/integrations", {"limit": 0}, "limit"),
        ("/integrations", {"cursor": "zzz"}, "cursor"),
        ("/entities", {"limit": 5, "status": "FAILED"}, "status"),
        ("/jobs", {"After": ""}, "After"),
        ("/integrations", {"after": "a" * 4001}, "after"),
    ],
)
def test_a_wrong_parameter_is_named(api: Client, path: str, query: dict[str, Any], field: str) -> None:
    response = api.get(ROOT + path, query)
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["field"] == field
    assert problem["detail"].startswith(f"{field}: ")


def test_a_nul_character_is_told_in_plain_words(api: Client) -> None:
    detail = api.get(f"{ROOT}/entities", {"search": "a\x00b"}).json()["detail"]
    assert detail == "search: leave out the NUL character."


def test_a_fault_of_ours_tells_nothing_of_the_inside_but_is_logged(
    api: Client, caplog: pytest.LogCaptureFixture
) -> None:
    job = make_job(steps=[{"canary": "no step looks like this"}])
    response = api.get(f"{ROOT}/jobs/{job.pk}")
    assert response.status_code == 500
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"] == "Something went wrong here. The log says what."
    record = next(record for record in caplog.records if record.name == "hi.api.errors")
    assert record.exc_info
    assert f"/jobs/{job.pk}" in record.getMessage()
