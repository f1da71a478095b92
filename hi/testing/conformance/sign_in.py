"""Credentials that are refused, and their cure."""

from hi.integration import exceptions, operations
from hi.integration.enums import IntegrationStatus, JobStatus, RepairKind
from hi.integration.models import IntegrationInstance, Repair
from hi.testing.conformance.suite import needs
from hi.testing.conformance.world import World, is_live, rows_of, wait_until


class SignIn:
    @needs("change_secret", "count_refusals")
    def test_a_refused_sign_in_stops_everything_after_one_attempt_until_new_settings(self, world: World) -> None:
        instance = world.connect()
        rows = rows_of(instance)
        with world.listening(instance):
            cure = world.far_end.change_secret()
            wait_until(lambda: has_stopped(instance), "it stops")
            assert world.far_end.count_refusals() == 1
            (repair,) = Repair.objects.filter(kind=RepairKind.AUTHENTICATION, closed_at=None)
            assert repair.data["field"] in cure, "its card asks for what has to be entered anew"
            assert not can_sync(instance)

            job = operations.update_settings(instance, cure)
            assert job is not None
            world.run(job)
            wait_until(lambda: is_live(instance), "it is live again")
            assert not Repair.objects.filter(closed_at=None).exists()
            assert world.far_end.count_refusals() == 1
        assert rows_of(instance) == rows

    @needs("change_secret", "count_refusals")
    def test_wrong_credentials_are_tried_once(self, world: World) -> None:
        draft = world.draft()
        cure = world.far_end.change_secret()
        job = world.run(operations.activate(draft))
        assert (job.status, has_stopped(draft)) == (JobStatus.FAILED, True)
        assert job.message
        assert world.far_end.count_refusals() == 1
        assert not any(secret in f"{job.message}{job.hint}{job.error}{job.log}" for secret in cure.values())


def has_stopped(instance: IntegrationInstance) -> bool:
    instance.refresh_from_db()
    return instance.status == IntegrationStatus.AUTH_FAILED


def can_sync(instance: IntegrationInstance) -> bool:
    try:
        operations.sync_now(instance)
    except exceptions.NotRunningError:
        return False
    return True
