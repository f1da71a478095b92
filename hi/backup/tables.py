"""What a backup carries: every table, as the migrations describe it that were applied. A backup is made before an
upgrade, and restored long after, so today's models do not tell what columns there are.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias, cast

from django.conf import settings
from django.db import router
from django.db.models import AutoField, Field, ForeignKey, Model

from hi.backup.errors import BackupError
from hi.backup.migrated import Migrations, code_for

Rows: TypeAlias = list[tuple[Any, ...]]
ROWS_AT_ONCE = 500

# All that is left behind, and why; every other table is carried, also a new one.
NOT_CARRIED = {
    "sessions.session": "who is signed in: whoever finds a backup shall not be",
    "accounts.opensession": "as above",
    "axes.accessattempt": "who guessed at passwords: it is over within minutes",
    "axes.accessattemptexpiration": "as above",
    "axes.accessfailurelog": "as above",
    "axes.accesslog": "as above",
    "accounts.signinlink": "it opens for fifteen minutes",
    "integration.process": "who is at work, and after a restore nobody is",
    "integration.lease": "who holds an instance, and after a restore nobody does",
    "integration.leadership": "who leads, and after a restore nobody does",
}
# What SQLite's own storage of them is also PostgreSQL's input, which makes it the format of a backup.
STORED_ALIKE = {
    *("AutoField", "BigAutoField", "SmallAutoField", "BooleanField", "CharField", "DateField", "DateTimeField"),
    *("DecimalField", "FileField", "FloatField", "IntegerField", "BigIntegerField", "SmallIntegerField", "JSONField"),
    *("PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField", "SlugField", "TextField"),
    "UUIDField",
}


@dataclass(frozen=True, slots=True)
class Table:
    label: str
    name: str
    alias: str
    columns: tuple[str, ...]  # those that are written: the database itself makes the others from them
    primary_key: str
    numbers_itself: bool


def select_all(table: Table) -> str:
    columns = ", ".join(f'"{column}"' for column in table.columns)
    return f'SELECT {columns} FROM "{table.name}" ORDER BY "{table.primary_key}"'  # nosec B608 - migrations' names


def describe(migrations: Migrations) -> list[Table]:
    """The tables that a backup in that state carries, by label."""
    carried = (model for model in _models(migrations) if model._meta.label_lower not in NOT_CARRIED)
    return sorted(map(_table, carried), key=lambda table: table.label)


def every_name(migrations: Migrations) -> set[str]:
    """What all of hi's tables are called in that state."""
    return {model._meta.db_table for model in _models(migrations)} | {"django_migrations"}


@lru_cache(maxsize=2)
def _models(migrations: Migrations) -> list[type[Model]]:
    code = code_for(migrations)
    state = code.loader.project_state(sorted(code.there))
    models = state.apps.get_models(include_auto_created=True)
    return [model for model in models if model._meta.managed and not model._meta.proxy]


def _table(model: type[Model]) -> Table:
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    for field in fields:
        if _storage(field) not in STORED_ALIKE:
            raise BackupError(f"A backup cannot hold {model._meta.label_lower}.{field.name}: {_storage(field)}.")
    return Table(
        label=model._meta.label_lower,
        name=model._meta.db_table,
        alias=router.db_for_read(model) if settings.HISTORY_IS_SEPARATE else "default",
        columns=tuple(str(field.column) for field in fields),
        primary_key=str(model._meta.pk.column),
        numbers_itself=isinstance(model._meta.pk, AutoField),
    )


def _storage(field: "Field[Any, Any]") -> str:
    while field.remote_field is not None:
        field = cast("ForeignKey[Any, Any]", field).target_field
    return field.get_internal_type()
