"""A page costs a fixed number of statements, however much there is to show."""

from contextlib import ExitStack

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hi.integration import configuration
from hi.integration.enums import JobStatus, RepairKind
from hi.integration.integration_factory import get_integration_gateway
from tests.factories import (
    ControllerFactory,
    EntityFactory,
    EntityStateFactory,
    InstanceFactory,
    JobFactory,
    LocationFactory,
    RepairFactory,
    RunFactory,
    SensorFactory,
    mirror,
    record,
)

pytestmark = pytest.mark.database
BUDGET = 15
PAGES = {
    "home": "/",
    "things by room": "/things/",
    "things by type": "/things/?by=type",
    "things by integration": "/things/?by=integration&q=thing&show=lights",
    "a poll of things": "/things/live?" + "&".join(f"t={pk}.x" for pk in range(1, 60)),
    "a thing": "/things/{thing}/",
    "editing a thing": "/things/{thing}/edit",
    "a thing's origin": "/things/{thing}/about",
    "editing a state": "/things/{thing}/states/{state}/",
    "places": "/places/",
    "a place": "/places/{place}/",
    "integrations": "/integrations/",
    "an integration": "/integrations/{instance}/",
    "a poll of an integration": "/integrations/{instance}/live",
    "deleting": "/integrations/{instance}/delete",
    "adding": "/integrations/add",
    "jobs": "/jobs/",
    "a job": "/jobs/{job}/",
    "the system": "/system/",
}


def fill(porch: str, times: int) -> dict[str, object]:
    floor = LocationFactory(kind="floor")
    for _ in range(times):
        instance = InstanceFactory(integration_type=porch)
        specs = get_integration_gateway(porch).settings
        configuration.write_configuration(instance, specs, {"url": "http://porch.local", "token": "x"})
        job = JobFactory(instance=instance, status=JobStatus.RUNNING, ended_at=None)
        RunFactory.create_batch(3, instance=instance)
        RepairFactory(instance=instance, data={"field": "token"})
        RepairFactory(instance=instance, kind=RepairKind.REMOVAL_REVIEW, data={"keys": [["entity", "a", "A"]]})
        for _thing in range(6):
            thing = EntityFactory(source_location=LocationFactory(source_parent=floor))
            for number in range(4):
                state = EntityStateFactory(entity=thing, is_primary=not number)
                SensorFactory(state=state)
                ControllerFactory(state=state)
                record(state, ["off", "on"])
            mirror(thing, instance)
    return {"thing": thing.pk, "instance": instance.pk, "job": job.pk, "state": state.pk, "place": floor.pk}


def count_queries(browser: Client, url: str) -> int:
    different = {
        id(connections[alias]): connections[alias] for alias in connections
    }  # one, where both are one database
    with ExitStack() as stack:
        captured = [stack.enter_context(CaptureQueriesContext(connection)) for connection in different.values()]
        assert browser.get(url).status_code == 200
    return sum(len(one) for one in captured)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_costs_the_same_for_a_hut_and_for_a_castle(browser: Client, porch: str, name: str) -> None:
    url = PAGES[name]
    small = count_queries(browser, url.format(**fill(porch, 1)))
    big = count_queries(browser, url.format(**fill(porch, 4)))
    assert big == small
    assert big <= BUDGET
