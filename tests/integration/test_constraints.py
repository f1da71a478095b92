"""What the rows promise is kept by the database itself, whatever path its migrations took."""

import pytest
from django.apps import apps
from django.db import connections, router

pytestmark = pytest.mark.database


def test_every_constraint_and_index_of_a_model_is_in_the_database() -> None:
    for model in apps.get_models():
        if model.__module__.startswith("hi."):
            connection = connections[router.db_for_write(model)]
            with connection.cursor() as cursor:
                there = connection.introspection.get_constraints(cursor, model._meta.db_table)
            wanted = {one.name for one in (*model._meta.constraints, *model._meta.indexes)}
            assert wanted <= set(there), model
