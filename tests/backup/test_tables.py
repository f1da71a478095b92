"""Every table is in a backup, or is named with the reason why not."""

import pytest
from django.apps import apps

from hi.backup import tables
from hi.backup.errors import BackupError
from hi.backup.migrated import applied_migrations, check_known, code_for
from tests.backup.squashed import every_squashed, half_way

pytestmark = pytest.mark.database


def test_every_table_is_carried_or_left_out_for_a_reason() -> None:
    """And of each that is carried the tests of backups find a row again: `test_a_row_of_every_table_is_carried`."""
    carried = {table.label for table in tables.describe(applied_migrations())}
    models = {model._meta.label_lower for model in apps.get_models(include_auto_created=True)}
    assert carried == models - tables.NOT_CARRIED.keys()
    assert models > tables.NOT_CARRIED.keys()
    assert all(tables.NOT_CARRIED.values())


def test_nothing_that_is_carried_leads_to_what_is_not() -> None:
    for table in tables.describe(applied_migrations()):
        fields = [field for field in apps.get_model(table.label)._meta.concrete_fields if field.remote_field]
        assert not {field.related_model._meta.label_lower for field in fields} & tables.NOT_CARRIED.keys(), table.label


def test_a_table_is_described_as_its_model_has_it() -> None:
    for table in tables.describe(applied_migrations()):
        model = apps.get_model(table.label)
        assert table.name == model._meta.db_table
        written = {field.column for field in model._meta.concrete_fields if not field.generated}
        assert set(table.columns) == written


def test_migrations_that_this_hi_does_not_have_are_refused() -> None:
    check_known(applied_migrations(), "It")
    with pytest.raises(BackupError, match=r"^It is of a newer hi, which knows entity\.9999_later"):
        check_known(applied_migrations() | {("entity", "9999_later")}, "It")


def test_migrating_to_the_newest_applies_all() -> None:
    code = code_for(applied_migrations())
    reached = {key for newest in code.newest() for key in code.loader.graph.forwards_plan(newest)}
    assert reached == code.there
    assert code.missing("default") == set()


def test_a_squashed_migration_counts_as_applied_when_all_that_it_replaces_is() -> None:
    whole = applied_migrations()
    before = whole.difference(every_squashed())
    assert before < whole
    assert tables.describe(before) == tables.describe(whole)
    assert code_for(before).missing("default") == set()


def test_what_is_half_way_to_a_squashed_migration_is_described_as_it_is() -> None:
    half = half_way()
    code = code_for(half)
    assert code.there == half
    assert code.missing("default") == applied_migrations().difference(every_squashed(), half)
    carried = {table.label for table in tables.describe(half)}
    assert {"accounts.user", "entity.entity", "entity.statehistory", "integration.job"} <= carried
