"""From the first look to the deletion."""

from django.apps import apps
from django_celery_beat.models import PeriodicTask

from hi.entity.enums import Quality
from hi.entity.models import Entity, EntityState
from hi.integration import operations
from hi.integration.enums import IntegrationStatus, JobStatus
from hi.integration.models import IntegrationInstance, Lease, SourceCatalogue
from hi.testing.conformance.suite import needs
from hi.testing.conformance.world import World, is_live, rows_of, state_at, wait_until

# What people did stays on record.
LASTS = {"integration.Job", "integration.AuditEntry"}


class Life:
    def test_a_connection_test_looks_and_changes_nothing(self, world: World) -> None:
        draft = world.draft()
        job = world.test(draft)
        assert job.status == JobStatus.SUCCEEDED, f"{job.message} {job.hint}"
        assert job.steps
        assert all(step["status"] == "ok" and step["message"] for step in job.steps)
        assert SourceCatalogue.objects.filter(instance=draft).exists()
        assert not Entity.objects.exists()
        assert not PeriodicTask.objects.filter(name__contains="hi: sync").exists()

    def test_it_goes_live_is_paused_stopped_and_started_with_the_same_rows(self, world: World) -> None:
        instance = world.connect()
        rows = rows_of(instance)
        assert world.far_end.names() <= rows.keys()
        with world.listening(instance):
            assert Quality.GOOD in qualities()
            assert not qualities() & {Quality.STALE, Quality.RESTORED}
            operations.pause(instance)
            wait_until(lambda: world.line.open == 0, "its sockets are closed")
            wait_until(lambda: not Lease.objects.exists(), "its lease is given back")
            assert Quality.GOOD not in qualities()

            world.run(operations.activate(instance))
            wait_until(lambda: is_live(instance), "it is live again")
            world.run(operations.deactivate(instance))
            wait_until(lambda: world.line.open == 0, "its sockets are closed")
            instance.refresh_from_db()
            assert instance.status == IntegrationStatus.INACTIVE
            assert rows_of(instance) == {}
            assert not PeriodicTask.objects.filter(name__contains="hi: sync").exists()

            world.run(operations.activate(instance))
            wait_until(lambda: is_live(instance), "it is live once more")
        assert rows_of(instance) == rows

    def test_the_same_server_is_not_mirrored_twice(self, world: World) -> None:
        instance = world.connect()
        things = Entity.objects.count()
        twin = operations.create_draft(world.integration_type, "The same again", world.given())
        job = world.run(operations.activate(twin))
        assert job.status == JobStatus.FAILED
        assert instance.label in job.message
        assert Entity.objects.count() == things

    def test_deleted_it_leaves_nothing(self, world: World) -> None:
        before = count_rows()
        instance = world.connect()
        with world.listening(instance):
            world.run(operations.delete(instance))
            wait_until(lambda: world.line.open == 0, "its sockets are closed")
            world.run_waiting()
        assert not IntegrationInstance.objects.exists()
        left = {name: count for name, count in count_rows().items() if count != before[name] and name not in LASTS}
        assert left == {}

    def test_changed_settings_make_it_connect_anew(self, world: World) -> None:
        instance = world.connect()
        with world.listening(instance):
            connections = world.line.connections
            same_server = world.line.url.replace("127.0.0.1", "localhost")
            operations.update_settings(instance, world.far_end.settings(same_server))
            wait_until(lambda: world.line.connections > connections, "it connects anew")

            def is_live_once_it_is_known_again() -> bool:
                world.run_waiting()
                return is_live(instance)

            wait_until(is_live_once_it_is_known_again, "it is live")

    @needs("restart", "change_value")
    def test_it_outlives_a_restart_of_the_system(self, world: World) -> None:
        instance = world.connect()
        rows = rows_of(instance)
        with world.listening(instance):
            world.far_end.restart()
            change = world.far_end.change_value()
            wait_until(lambda: state_at(instance, change.address).value == change.value, "values come again")
            wait_until(lambda: is_live(instance), "it is live")
            world.run_waiting()
        assert rows_of(instance) == rows

    @needs("upgrade")
    def test_another_version_of_the_system_has_the_same_things(self, world: World) -> None:
        instance = world.connect()
        rows, before = rows_of(instance), instance.source_version
        version = world.far_end.upgrade()
        world.sync(instance)
        instance.refresh_from_db()
        assert (before != version, instance.source_version) == (True, version)
        assert rows_of(instance) == rows


def qualities() -> set[str]:
    return set(EntityState.objects.filter(value__isnull=False).values_list("quality", flat=True))


def count_rows() -> dict[str, int]:
    found = [model for label in ("entity", "integration") for model in apps.get_app_config(label).get_models()]
    return {model._meta.label: model._default_manager.count() for model in (*found, PeriodicTask)}
