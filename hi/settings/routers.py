"""Which database alias holds which table."""

from typing import Any

from django.conf import settings
from django.db.models import Model

HISTORY_MODEL = ("entity", "statehistory")


def migrated_apps(alias: str) -> tuple[str, ...]:
    """The apps whose migrations an alias gets, with what these build on; none named: all. The history file has one
    table, and to go through the history of all others for it would take as long as making them."""
    return (HISTORY_MODEL[0],) if alias == "history" else ()


class HistoryRouter:
    """`entity.StateHistory` lives on `history`, everything else on `default`.

    Where both aliases name the same database (PostgreSQL), the history table is migrated with the rest on `default`.
    A `RunSQL` or `RunPython` about the history table needs `hints={"model_name": "statehistory"}` to follow it.
    """

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return "history" if (model._meta.app_label, model._meta.model_name) == HISTORY_MODEL else "default"

    db_for_write = db_for_read

    def allow_relation(self, obj1: Model, obj2: Model, **hints: Any) -> bool:
        # Not by type(): the user of a request is a lazy wrapper of one.
        return self.db_for_read(obj1._meta.model) == self.db_for_read(obj2._meta.model)

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        if (app_label, (model_name or "").lower()) == HISTORY_MODEL and settings.HISTORY_IS_SEPARATE:
            return db == "history"
        return db == "default"
