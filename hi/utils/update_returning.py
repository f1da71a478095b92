"""UPDATE … RETURNING, which Django's query sets do not know: change rows and read them in one statement."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.db.models.sql import UpdateQuery

M = TypeVar("M", bound=Model)


def update_returning(rows: QuerySet[M], **values: Any) -> list[M]:
    """The rows as they are after the update. `rows`: of one table, without joins."""
    query: Any = rows.query.chain(UpdateQuery)
    query.add_update_values(values)
    sql, params = query.get_compiler(rows.db).as_sql()
    return list(rows.model._default_manager.using(rows.db).raw(f"{sql} RETURNING *", params))
