"""Many rows at once: one `executemany` for each table, whichever database it is."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.management.color import no_style
from django.db import connections, router, transaction
from django.db.models import AutoField, Max, Model


def next_id(model: type[Model]) -> int:
    """From where on ids are free."""
    return int(model._default_manager.aggregate(most=Max("pk"))["most"] or 0) + 1


def insert_rows(model: type[Model], rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert rows, each the values of some columns by attribute name (`entity_id`); the others get their defaults.

    Ids must be given where a table counts them (see `next_id`). Returns how many there were.
    """
    alias = router.db_for_write(model)
    connection = connections[alias]
    columns = [field for field in model._meta.concrete_fields if not field.generated]
    usual = {field.attname: field.get_db_prep_save(field.pre_save(model(), True), connection) for field in columns}

    def adapt(row: Mapping[str, Any]) -> list[Any]:
        unknown = row.keys() - usual.keys()
        assert not unknown, f"{model.__name__} has no {unknown}"
        return [
            field.get_db_prep_save(row[field.attname], connection) if field.attname in row else usual[field.attname]
            for field in columns
        ]

    adapted = [adapt(row) for row in rows]
    if not adapted:
        return 0
    names = ", ".join(f'"{field.column}"' for field in columns)
    marks = ", ".join(["%s"] * len(columns))
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        cursor.executemany(f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})', adapted)
        if isinstance(model._meta.pk, AutoField) or model._meta.pk.get_internal_type() == "BigAutoField":
            for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
                cursor.execute(statement)
    return len(adapted)
