"""What people do to integrations is written down, in the transaction of what it tells of, and without a secret."""

import pytest

from hi.accounts.models import User
from hi.integration import audit, choosing, configuration, exceptions, offers, operations
from hi.integration.audit import AuditFilter, Verb
from hi.integration.core.selection import Selection
from hi.integration.enums import IntegrationStatus, JobKind, RepairKind
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import AuditEntry, IntegrationInstance, Job
from tests.factories import EntityFactory, InstanceFactory, RepairFactory, UserFactory
from tests.integration.home import home, lamp, make_instance
from tests.porch import porch

__all__ = ["porch"]
pytestmark = [pytest.mark.database, pytest.mark.usefixtures("redis_url")]
SECRET = "canary-secret-77aa"


@pytest.fixture
def anna() -> User:
    return UserFactory(username="anna")


@pytest.fixture
def house(porch: str) -> IntegrationInstance:
    instance = InstanceFactory(integration_type=porch, label="House")
    specs = get_integration_gateway(porch).settings
    configuration.write_configuration(instance, specs, {"url": "http://porch.local", "token": f"{SECRET}-old"})
    return instance


def told() -> list[tuple[str, str, str, str, str]]:
    rows = AuditEntry.objects.order_by("pk")
    return [(row.who, row.verb, row.subject, row.before, row.after) for row in rows]


def test_what_a_person_does_to_an_integration_is_told_once_each(house: IntegrationInstance, anna: User) -> None:
    operations.rename(house, "Home", anna)
    operations.set_interval(house, 1800, anna)
    operations.set_removal_policy(house, "keep", anna)
    operations.pause(house, anna)
    operations.activate(house, anna)
    operations.deactivate(house, anna)
    operations.delete(house, anna)
    assert told() == [
        ("anna", "renamed", "Home", "House", "Home"),
        ("anna", "configured", "Home", "a sync every 10 min", "a sync every 30 min"),
        (
            "anna",
            "configured",
            "Home",
            "remove its things when it is deactivated",
            "keep its things when it is deactivated",
        ),
        ("anna", "paused", "Home", "", ""),
        ("anna", "activated", "Home", "", ""),
        ("anna", "deactivated", "Home", "", ""),
        ("anna", "deleted", "Home", "", ""),
    ]


def test_saying_what_is_so_already_is_no_deed(house: IntegrationInstance, anna: User) -> None:
    operations.rename(house, "House", anna)
    operations.set_interval(house, 600, anna)
    operations.set_removal_policy(house, "remove", anna)
    operations.update_settings(house, {"url": "http://porch.local", "token": ""}, anna)
    assert told() == []


def test_a_secret_gets_in_neither_old_nor_new(house: IntegrationInstance, anna: User) -> None:
    operations.update_settings(house, {"url": "http://porch.local/hub", "token": f"{SECRET}-new"}, anna)
    assert told() == [
        (
            "anna",
            "configured",
            "House",
            "Address http://porch.local",
            "Address http://porch.local/hub; Access token replaced",
        )
    ]
    everything = str(list(AuditEntry.objects.values()))
    assert SECRET not in everything
    assert "gAAAA" not in everything


def test_what_was_refused_is_not_told(house: IntegrationInstance, anna: User) -> None:
    with pytest.raises(exceptions.ConfigurationError):
        operations.update_settings(house, {"url": "ftp://porch"}, anna)
    with pytest.raises(exceptions.ConfigurationError):
        operations.set_interval(house, 0, anna)
    with pytest.raises(exceptions.IntegrationError):
        operations.activate(house, anna)  # it runs already
    assert told() == []


def test_what_hi_does_by_itself_and_what_is_done_to_a_draft_is_not_told(house: IntegrationInstance, anna: User) -> None:
    operations.update_settings(house, {"url": "http://porch.local/hub"})
    operations.pause(house)
    draft = operations.create_draft(house.integration_type, "Draft", {"url": "http://a.local", "token": "x"})
    operations.update_settings(draft, {"url": "http://a.local/b"}, anna)
    operations.rename(draft, "Other", anna)
    reading = offers.read(draft, home())
    offers.remember(reading, reading.described)
    assert choosing.ignore_offer(draft, lamp().key, anna)
    choosing.choose(draft, Selection(things=frozenset({"lamp"})), new_things="ask", user=anna)
    operations.delete(draft, anna)
    assert told() == []


def test_cancelling_an_activation_switches_an_integration_off_and_is_told(anna: User) -> None:
    house = make_instance(status=IntegrationStatus.ACTIVATING)
    job = Job.objects.create(kind=JobKind.ACTIVATE, instance=house)
    assert operations.cancel(job, anna)
    assert told() == [("anna", "deactivated", "House", "", "its activation was cancelled")]
    assert not operations.cancel(job, anna)
    operations.cancel(Job.objects.create(kind=JobKind.SYNC, instance=house), anna)  # the job itself tells that
    assert len(told()) == 1


def test_an_approval_names_what_goes(house: IntegrationInstance, anna: User) -> None:
    keys = [["entity", str(number), f"Lamp {number}"] for number in range(5)]
    repair = RepairFactory(instance=house, kind=RepairKind.REMOVAL_REVIEW, data={"keys": keys})
    operations.approve_removals(repair, repair.updated_at.isoformat(), anna)
    assert told() == [("anna", "approved", "House", "", "removing Lamp 0, Lamp 1, Lamp 2 and 2 more")]


def test_a_deed_outlives_the_account_and_the_thing(anna: User) -> None:
    lamp = EntityFactory()
    audit.record(anna, Verb.RENAMED, "Lamp", before="Light", after="Lamp", entity=lamp)
    lamp.delete()
    anna.delete()
    assert told() == [("anna", "renamed", "Lamp", "Light", "Lamp")]


def test_pages_of_deeds_follow_on_each_other_without_a_gap(anna: User) -> None:
    lamp, other = EntityFactory.create_batch(2)
    for number in range(5):
        audit.record(anna, Verb.SET, f"{number}", entity=lamp)
        audit.record(None, Verb.MOVED, "other", entity=other)
    at = AuditEntry.objects.earliest("at").at
    AuditEntry.objects.update(at=at)  # all within one tick
    seen, after = [], None
    while True:
        page, after = audit.list_entries(AuditFilter(entity_id=lamp.pk, after=after), limit=2)
        seen += [entry.subject for entry in page]
        if after is None:
            break
    assert seen == ["4", "3", "2", "1", "0"]
    assert [entry.subject for entry in audit.list_for_entity(lamp.pk, limit=2)] == ["4", "3"]
    assert len(audit.list_entries(AuditFilter(user_id=anna.pk))[0]) == 5
    assert {entry.verb for entry in audit.list_entries(AuditFilter(group="home"))[0]} == {"moved"}


def test_what_came_another_way_than_from_a_page_says_so_beside_the_name() -> None:
    user = UserFactory(username="anna")
    with audit.by_way_of("root, command line"):
        audit.record(user, audit.Verb.RENAMED, "Lamp")
        audit.record(None, audit.Verb.RENAMED, "Lamp")
    audit.record(user, audit.Verb.RENAMED, "Lamp")
    told = AuditEntry.objects.order_by("pk").values_list("who", flat=True)
    assert list(told) == ["anna (root, command line)", "(root, command line)", "anna"]


def test_a_long_name_leaves_room_for_no_more() -> None:
    with audit.by_way_of("root, command line"):
        audit.record(UserFactory(username="x" * 150), audit.Verb.RENAMED, "Lamp")
    assert AuditEntry.objects.get().who == "x" * 150
