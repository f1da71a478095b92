"""What databases had applied before some of their migrations were squashed."""

from django.db.migrations.loader import MigrationLoader

from hi.backup.migrated import Key, Migrations


def every_squashed() -> dict[Key, list[Key]]:
    """Each with those that it replaces."""
    return {key: list(squashed.replaces) for key, squashed in _loader().replacements.items()}


def half_way() -> Migrations:
    """All but the last that each squashed one replaces, and what builds on that."""
    graph, squashed = _loader().graph, every_squashed()
    ends = [*squashed, *(replaced[-1] for replaced in squashed.values())]
    return frozenset(graph.nodes).difference(*(graph.backwards_plan(end) for end in ends))


def _loader() -> MigrationLoader:
    return MigrationLoader(None, replace_migrations=False)
