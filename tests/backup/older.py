"""Run with an installation's settings: makes its databases as they were before migrations were squashed, and not yet
all of these had come, with a place and two things in them.
"""

import django

django.setup()

from django.db import connections  # noqa: E402 - needs the apps
from django.db.migrations.executor import MigrationExecutor  # noqa: E402

from hi.backup.migrated import aliases, code_for  # noqa: E402
from tests.backup.squashed import half_way  # noqa: E402


def main() -> None:
    code = code_for(half_way())
    for alias in reversed(aliases()):
        executor = MigrationExecutor(connections[alias])
        executor.loader = code.loader
        state = executor.migrate(code.newest(alias))
    state.apps.get_model("entity", "Location").objects.create(source_name="Attic", kind="room")
    for name in ("Lamp", "Other lamp"):
        state.apps.get_model("entity", "Entity").objects.create(source_name=name, source_type="light")


main()
