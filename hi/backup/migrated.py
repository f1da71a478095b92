"""How far databases are migrated, and how this hi's migrations stand to them.

Where all that a squashed migration replaces has been applied, or nothing of it, it stands for them; else they stand for
themselves. So the graph of migrations is another one for a database that is on its way between two versions.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from django.conf import settings
from django.db import connections
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from hi.backup.errors import BackupError
from hi.settings.routers import migrated_apps

Key: TypeAlias = tuple[str, str]
Migrations: TypeAlias = frozenset[Key]


@dataclass(frozen=True, slots=True)
class Code:
    """As it stands to a database. The loader is that of an empty one, for which nothing is applied."""

    loader: MigrationLoader
    there: Migrations  # nodes of its graph that have been applied

    def there_of(self, alias: str) -> Migrations:
        """Of the apps that the alias is migrated for."""
        apps = migrated_apps(alias)
        return frozenset(key for key in self.there if not apps or key[0] in apps)

    def newest(self, alias: str = "default") -> list[Key]:
        """Those that nothing else in them builds on: to migrate to these is to apply them all."""
        there, nodes = self.there_of(alias), self.loader.graph.node_map
        return sorted(key for key in there if not any(child.key in there for child in nodes[key].children))

    def missing(self, alias: str) -> Migrations:
        graph = self.loader.graph
        return frozenset(key for leaf in leaves(graph, alias) for key in graph.forwards_plan(leaf)) - self.there


def leaves(graph: MigrationGraph, alias: str) -> list[Key]:
    """Where an alias is up to date."""
    return [leaf for app in migrated_apps(alias) or (None,) for leaf in graph.leaf_nodes(app)]


def aliases() -> tuple[str, ...]:
    return ("default", "history") if settings.HISTORY_IS_SEPARATE else ("default",)


def applied_migrations(alias: str = "default") -> Migrations:
    """What the tables are now; nothing where there are none."""
    return frozenset(MigrationRecorder(connections[alias]).applied_migrations())


@lru_cache(maxsize=4)
def code_for(migrations: Migrations) -> Code:
    """Kept: to load all migrations takes a tenth of a second."""
    loader = MigrationLoader(None, ignore_no_migrations=True, replace_migrations=False)
    graph = loader.graph
    for key, squashed in loader.replacements.items():
        applied = [one in migrations for one in squashed.replaces]
        if any(applied) and not all(applied):
            graph.remove_replacement_node(key, squashed.replaces)
        else:
            graph.remove_replaced_nodes(key, squashed.replaces)
    return Code(
        loader,
        frozenset(
            key
            for key, migration in graph.nodes.items()
            if key in migrations or (migration.replaces and migrations.issuperset(migration.replaces))
        ),
    )


def missing_migrations(alias: str) -> Migrations:
    """Those of this hi that a database does not have yet."""
    return code_for(applied_migrations(alias)).missing(alias)


def is_between_two() -> bool:
    """An upgrade has changed one database and not the other: somebody pulled the plug."""
    here = code_for(applied_migrations())
    return any(code_for(applied_migrations(alias)).there_of(alias) != here.there_of(alias) for alias in aliases())


def check_known(migrations: Migrations, whose: str) -> None:
    loader = code_for(frozenset()).loader
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known |= set(migration.replaces)
    if unknown := sorted(migrations - known):
        raise BackupError(
            f"{whose} is of a newer hi, which knows {'.'.join(unknown[0])}: use that one, or a later one."
        )
