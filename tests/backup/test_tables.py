"""Every table is in a backup, or is named with the reason why not."""

import pytest
from django.apps import apps

from hi.backup import tables

pytestmark = pytest.mark.database


def test_every_table_is_carried_or_left_out_for_a_reason() -> None:
    carried = {table.label for table in tables.describe(tables.applied_migrations())}
    models = {model._meta.label_lower for model in apps.get_models(include_auto_created=True)}
    assert carried | tables.NOT_CARRIED.keys() == models
    assert not carried & tables.NOT_CARRIED.keys()
    assert all(tables.NOT_CARRIED.values())


def test_a_table_is_described_as_its_model_has_it() -> None:
    for table in tables.describe(tables.applied_migrations()):
        model = apps.get_model(table.label)
        assert table.name == model._meta.db_table
        written = {field.column for field in model._meta.concrete_fields if not field.generated}
        assert set(table.columns) == written


def test_migrations_that_this_hi_does_not_have_are_refused() -> None:
    tables.check_known(tables.applied_migrations(), "It")
    with pytest.raises(tables.BackupError, match=r"^It is of a newer hi, which knows entity\.9999_later"):
        tables.check_known(tables.applied_migrations() | {("entity", "9999_later")}, "It")


def test_migrating_to_the_newest_applies_all() -> None:
    applied = tables.applied_migrations()
    graph = tables._code().graph
    reached = {key for newest in tables.newest(applied) for key in graph.forwards_plan(newest)}
    assert reached == applied & set(graph.nodes)
