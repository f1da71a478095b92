"""Brings the tables of an installation that holds data up to date. What fails leaves them as they were."""

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from hi.backup import at_work, making, migrated, restoring, site
from hi.backup.archive import read_archive
from hi.backup.errors import BackupError, first_line
from hi.backup.making import Made, Occasion
from hi.settings.routers import migrated_apps


def is_pending() -> bool:
    return any(migrated.missing_migrations(alias) for alias in migrated.aliases())


def migrate() -> None:
    for alias in migrated.aliases():
        call_command("migrate", *migrated_apps(alias), database=alias, interactive=False, verbosity=0)


def upgrade() -> None:
    """Migrate while nothing else is at work, with a backup made before. Raises BackupError; the old version can be
    started again then."""
    at_work.wait_for_rest()
    before = {alias: migrated.applied_migrations(alias) for alias in migrated.aliases()}
    if migrated.is_between_two():
        # Somebody pulled the plug between the two databases: there is a backup, of before that upgrade began.
        migrate()
        return
    try:
        made = making.make_backup(Occasion.BEFORE_UPGRADE, settings.HI_BACKUP_PASSPHRASE)
    except BackupError as err:
        raise BackupError(f"This version changes the tables, and the backup before that failed. {err}") from err
    try:
        migrate()
    except Exception as err:
        failed = f"{_failed_step()} failed ({first_line(err)})"
        _put_back(before, made, failed)
        raise BackupError(
            f"This version could not bring the tables up to date: {failed}. Your data are as they were before, and the"
            f" version that you had can be started again; a backup is in {made.path}."
        ) from err


def _put_back(before: dict[str, migrated.Migrations], made: Made, failed: str) -> None:
    """A migration that fails leaves nothing, but those before it have been done."""
    try:
        if before != {alias: migrated.applied_migrations(alias) for alias in before}:
            with site.beside(site.present()) as place:
                restoring.build(place, read_archive(made.path), forward=False)
                place.move_in()
    except (BackupError, DatabaseError, OSError) as err:
        raise BackupError(
            f"This version could not bring the tables up to date: {failed}; nor could they be put back"
            f" ({first_line(err)}). With the version that you had, restore {made.path} with --replace."
        ) from err


def _failed_step() -> str:
    steps = [step for alias in migrated.aliases() if (step := _next_step(alias))]
    return ".".join(steps[0]) if steps else "what comes after the last step"


def _next_step(alias: str) -> tuple[str, str] | None:
    executor = MigrationExecutor(connections[alias])
    plan = executor.migration_plan(migrated.leaves(executor.loader.graph, alias))
    return (plan[0][0].app_label, plan[0][0].name) if plan else None
