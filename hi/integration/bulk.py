"""Writes many rows of a table by one statement: `executemany` on SQLite, arrays on PostgreSQL.

For what writes a whole home at once. Django's own ways send at most 999 values a statement on SQLite, and describe an
UPDATE of many rows by a CASE for each. Rows are mappings of column values by attribute name (`entity_id`).
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from django.db import connections, router
from django.db.models import Field, Model

AnyField: TypeAlias = "Field[Any, Any]"
Row: TypeAlias = Mapping[str, Any]


def insert(model: type[Model], rows: Sequence[Row]) -> list[int]:
    """Insert rows with new ids, which it returns in their order. What a row does not say gets the model's default."""
    if not rows:
        return []
    table = _Table(model)
    ids = table.new_ids(len(rows))
    fields = [field for field in model._meta.concrete_fields if not field.generated and not field.primary_key]
    blank = model()
    usual = {field.attname: field.pre_save(blank, True) for field in fields}
    table.write(
        [model._meta.pk, *fields],
        [{**usual, **row, "id": pk} for pk, row in zip(ids, rows, strict=True)],
        "INSERT INTO {table} ({columns}) {values}",
    )
    return ids


def update(model: type[Model], rows: Sequence[Row]) -> None:
    """Update rows by their `id`. Each says the same columns."""
    if rows:
        table = _Table(model)
        table.update([table.field(name) for name in rows[0] if name != "id"], rows)


def upsert(model: type[Model], rows: Sequence[Row], unique: str) -> None:
    """Insert rows, or where one with the same `unique` column is there, update that. Each says the same
    columns, and all that have no default in the table."""
    if rows:
        table = _Table(model)
        fields = [table.field(name) for name in rows[0]]
        changed = ", ".join(f"{each.column} = excluded.{each.column}" for each in fields if each.attname != unique)
        # Here and below: names of tables and columns, as the models declare them. Values are always parameters.
        conflict = f"ON CONFLICT ({table.field(unique).column}) DO UPDATE SET {changed}"  # nosec B608 - models' names
        table.write(fields, rows, f"INSERT INTO {{table}} ({{columns}}) {{values}} {conflict}")


class _Table:
    def __init__(self, model: type[Model]) -> None:
        self._meta = model._meta
        self._name = model._meta.db_table
        self._connection = connections[router.db_for_write(model)]
        self._is_sqlite = self._connection.vendor == "sqlite"
        self._by_name: dict[str, AnyField] = {field.attname: field for field in self._meta.concrete_fields}

    def field(self, name: str) -> AnyField:
        return self._by_name[name]

    def new_ids(self, number: int) -> list[int]:
        """Ids that were never given. On SQLite only this transaction can write, on PostgreSQL the sequence tells."""
        with self._connection.cursor() as cursor:
            if self._is_sqlite:
                cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [self._name])
                last = (cursor.fetchone() or (0,))[0]
                return list(range(last + 1, last + 1 + number))
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [self._name, number]
            )
            return [pk for (pk,) in cursor.fetchall()]

    def write(self, fields: Sequence[AnyField], rows: Iterable[Row], statement: str) -> None:
        """`statement` has places for the table, its columns and their values."""
        columns = ", ".join(str(field.column) for field in fields)
        marks = ", ".join(["%s"] * len(fields))
        values = f"VALUES ({marks})"
        if not self._is_sqlite:
            values = f"SELECT * FROM {self._arrays(fields)}"  # nosec B608 - types of the models' columns
        self._execute(statement.format(table=self._name, columns=columns, values=values), fields, rows)

    def update(self, fields: Sequence[AnyField], rows: Iterable[Row]) -> None:
        if self._is_sqlite:
            changed = ", ".join(f"{field.column} = %s" for field in fields)
            statement = f"UPDATE {self._name} SET {changed} WHERE id = %s"  # nosec B608 - the models' names
            self._execute(statement, [*fields, self._meta.pk], rows)
            return
        changed = ", ".join(f"{field.column} = new.{field.column}" for field in fields)
        fields = [*fields, self._meta.pk]
        names = ", ".join(str(field.column) for field in fields)
        source = f"{self._arrays(fields)} AS new ({names})"
        fits = f"WHERE {self._name}.id = new.id"
        statement = f"UPDATE {self._name} SET {changed} FROM {source} {fits}"  # nosec B608 - the models' names
        self._execute(statement, fields, rows)

    def _execute(self, statement: str, fields: Sequence[AnyField], rows: Iterable[Row]) -> None:
        adapters = [(field.attname, self._adapter(field)) for field in fields]
        if self._is_sqlite:
            adapted = [[adapt(row[name]) for name, adapt in adapters] for row in rows]
            with self._connection.cursor() as cursor:
                cursor.executemany(statement, adapted)
            return
        rows = list(rows)
        with self._connection.cursor() as cursor:
            cursor.execute(statement, [[adapt(row[name]) for row in rows] for name, adapt in adapters])

    def _arrays(self, fields: Sequence[AnyField]) -> str:
        return f"unnest({', '.join(f'%s::{self._array_type(field)}[]' for field in fields)})"

    def _array_type(self, field: AnyField) -> str:
        """Texts without a length: a cast to one would cut them silently, where the table refuses them."""
        kind = str(field.rel_db_type(self._connection) if field.primary_key else field.db_type(self._connection))
        return "text" if kind.startswith("varchar") else kind

    def _adapter(self, field: AnyField) -> Callable[[Any], Any]:
        """An array is of one type, so members of enumerations become plain texts, and whole numbers floats."""
        kind = field.get_internal_type()
        plain: dict[str, Callable[[Any], Any]] = {
            "CharField": str,
            "TextField": str,
            "FloatField": float,
            "JSONField": json.dumps,
            "DateTimeField": self._connection.ops.adapt_datetimefield_value,
        }
        adapt = plain.get(kind, _as_it_is)
        return (lambda value: None if value is None else adapt(value)) if field.null else adapt


def _as_it_is(value: Any) -> Any:
    return value
