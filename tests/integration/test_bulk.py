"""Many rows by one statement, on both databases."""

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from hi.entity.enums import ControlType, EntityType
from hi.entity.models import Controller, Entity
from hi.integration import bulk
from tests.factories import EntityFactory, EntityStateFactory

pytestmark = pytest.mark.database


def test_rows_get_new_ids_in_their_order_and_the_defaults_of_their_model() -> None:
    gone = EntityFactory()
    last = gone.pk
    gone.delete()
    ids = bulk.insert(Entity, [{"source_name": "Lamp", "source_type": EntityType.LIGHT}, {"source_name": "Pump"}])
    assert min(ids) > last  # an id is never given twice
    lamp, pump = (Entity.objects.get(pk=pk) for pk in ids)
    assert (lamp.name, lamp.entity_type, lamp.source_labels, lamp.user_name) == ("Lamp", "light", [], None)
    assert (pump.name, pump.entity_type, pump.user_notes) == ("Pump", "other", "")
    assert pump.created_at is not None
    assert EntityFactory().pk > max(ids)


def test_an_update_changes_the_columns_that_are_said_and_no_others() -> None:
    lamp, pump, other = EntityFactory(user_name="Mine"), EntityFactory(), EntityFactory(source_name="Other")
    rows = [
        {"id": one.pk, "source_name": f"New {number}", "source_labels": ["ä", number]}
        for number, one in enumerate((lamp, pump))
    ]
    bulk.update(Entity, rows)
    for one in (lamp, pump, other):
        one.refresh_from_db()
    assert [(one.source_name, one.source_labels) for one in (lamp, pump)] == [("New 0", ["ä", 0]), ("New 1", ["ä", 1])]
    assert (lamp.name, pump.name, other.source_name) == ("Mine", "New 1", "Other")


def test_a_row_that_is_there_is_updated_and_one_that_is_not_inserted() -> None:
    first, second = EntityStateFactory(), EntityStateFactory()
    row = {"control": ControlType.NUMBER, "minimum": 0, "maximum": 2.5, "step": None, "options": ("a", "b")}
    row |= {"asks_first": False, "code_format": "", "without_code": ()}
    bulk.upsert(Controller, [{"state_id": first.pk, **row}], unique="state_id")
    bulk.upsert(
        Controller, [{"state_id": state.pk, **row, "minimum": 1} for state in (first, second)], unique="state_id"
    )
    told = list(Controller.objects.order_by("state").values_list("state", "control", "minimum", "maximum", "options"))
    assert told == [(pk, "number", 1.0, 2.5, ["a", "b"]) for pk in sorted((first.pk, second.pk))]


def test_many_rows_take_as_many_statements_as_few() -> None:
    def statements(number: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            bulk.insert(Entity, [{"source_name": f"Thing {index}"} for index in range(number)])
        return len(captured)

    assert statements(5) == statements(5000)
    assert Entity.objects.count() == 5005


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no longest text")
def test_a_text_that_is_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(DataError):
        bulk.insert(Entity, [{"source_name": "x" * 256}])
