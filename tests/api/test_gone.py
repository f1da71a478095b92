"""Somebody deletes an integration while another request is about it; found by `make test-api`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from hi.integration.models import IntegrationInstance
from tests.api.world import ROOT, make_instance

pytestmark = pytest.mark.database


@contextmanager
def deleting_before_anything_is_written(instance: IntegrationInstance) -> Iterator[None]:
    is_there = True

    def look(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal is_there
        if is_there and sql.startswith("SAVEPOINT"):
            is_there = False
            IntegrationInstance.objects.filter(pk=instance.pk).delete()
        return execute(sql, *rest)

    with connection.execute_wrapper(look):
        yield
    assert not is_there


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("delete", "", {}, 409),
        ("patch", "", {"label": "Barn"}, 404),
        ("patch", "", {"sync_interval_seconds": 60}, 404),
        ("post", "/deactivate", {}, 404),
        ("put", "/selection", {"areas": ["kitchen"]}, 404),
        ("post", "/pause", {}, 409),
    ],
)
def test_what_goes_meanwhile_is_told_as_gone(
    api: Client, method: str, path: str, body: dict[str, Any], status: int
) -> None:
    house = make_instance()
    with deleting_before_anything_is_written(house):
        call = getattr(api, method)
        response = call(f"{ROOT}/integrations/{house.pk}{path}", body, content_type="application/json")
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
