"""A sync and somebody who changes places in the same moment, each on a connection of its own."""

import threading
from dataclasses import replace

import pytest
from django.db import connections, transaction

from hi.entity import places
from hi.entity.models import Location
from hi.integration.core.specs import LocationSpec, Structure
from tests.integration.home import FLOOR, KITCHEN, lamp, make_instance, sync

pytestmark = pytest.mark.database(transaction=True)
HALL = LocationSpec("area:hall", "Hall", KITCHEN.kind)
GALLEY = replace(KITCHEN, name="Galley")


def structure(*locations: LocationSpec, room: str = KITCHEN.key) -> Structure:
    return Structure(entities=(lamp(room=room),), locations=locations)


def number_places() -> None:
    try:
        places.settle_order()
    finally:
        connections.close_all()


@pytest.mark.parametrize(
    ("after", "names"),
    [
        (structure(HALL, FLOOR, GALLEY, room=HALL.key), ["Hall", "Ground floor", "Galley"]),
        (structure(replace(HALL, name="Corridor"), FLOOR, GALLEY), ["Corridor", "Ground floor", "Galley"]),
        (structure(FLOOR, GALLEY), ["Ground floor", "Galley"]),
    ],
    ids=["puts a thing into it", "renames it", "removes it"],
)
def test_a_sync_that_has_changed_a_place_and_goes_on_to_an_earlier_one_gets_through(
    after: Structure, names: list[str]
) -> None:
    instance = make_instance()
    sync(instance, structure(HALL, FLOOR, KITCHEN))
    numbering = threading.Thread(target=number_places)
    with transaction.atomic():
        sync(instance, structure(HALL, FLOOR, GALLEY))
        numbering.start()
        numbering.join(0.5)  # it has what comes before the kitchen, or waits
        sync(instance, after)
    numbering.join(20)
    live = Location.objects.filter(removed_at=None)
    assert list(live.order_by("pk").values_list("source_name", flat=True)) == names
    assert not live.filter(rank=0).exists()
