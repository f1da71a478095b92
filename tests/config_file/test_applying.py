"""A file made true: what it says comes to be, what it leaves out stays, and the second time nothing happens."""

import pytest

from hi.accounts.models import User
from hi.entity.models import Entity, EntityAttribute, Location
from hi.integration import configuration, people, place_edits
from hi.integration.enums import DesiredState, IntegrationStatus, JobKind, JobStatus
from hi.integration.models import AuditEntry, IntegrationInstance, Job
from tests.config_file.world import (
    TOKEN,
    apply_text,
    export,
    fill,
    make_it_theirs,
    place,
    refused,
    said,
    state,
    thing,
)
from tests.factories import UserFactory
from tests.integration.home import home, lamp, make_instance, sync
from tests.integration.test_lost_secrets import lose

pytestmark = pytest.mark.database

HOUSE = """hi: 1
integrations:
  House:
    kind: hass
    settings:
      url: http://house.lan:8123
      token: {env: HI_HOUSE_TOKEN}
    state: STATE
    sync_every: 5 min
    when_deactivated: keep
    new_things: ask
    mirror: {areas: [kitchen]}
"""


@pytest.fixture
def user() -> User:
    return UserFactory()


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HI_HOUSE_TOKEN", TOKEN)
    return TOKEN


def house(desired: str) -> str:
    return HOUSE.replace("STATE", desired)


# Systems


@pytest.mark.parametrize(
    ("desired", "status", "jobs"),
    [
        ("active", IntegrationStatus.ACTIVATING, [JobStatus.QUEUED]),
        ("paused", IntegrationStatus.PAUSED, [JobStatus.CANCELLED]),
        ("inactive", IntegrationStatus.INACTIVE, []),
    ],
)
def test_a_system_is_connected_as_the_file_says(
    user: User, token: str, desired: str, status: str, jobs: list[str]
) -> None:
    apply_text(house(desired), user)
    instance = IntegrationInstance.objects.get()
    assert (instance.label, instance.integration_type, instance.is_draft) == ("House", "hass", False)
    assert (instance.desired_state, instance.status) == (desired.upper(), status)
    assert configuration.read_configuration(instance) == {"url": "http://house.lan:8123", "token": token}
    assert (instance.sync_interval_seconds, instance.removal_policy, instance.new_things) == (300, "keep", "ask")
    assert instance.selection == {"areas": ["kitchen"]}
    assert [job.status for job in Job.objects.filter(kind=JobKind.ACTIVATE)] == jobs
    assert said(apply_text(house(desired), user)) == []


def test_what_is_enqueued_is_sent_after_the_whole_file(
    user: User, token: str, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:  # type: ignore[operator]
        apply_text(house("active"), user, dry_run=True)
    assert callbacks == []
    with django_capture_on_commit_callbacks() as callbacks:  # type: ignore[operator]
        apply_text(house("active"), user)
    assert callbacks


def test_a_dry_run_tells_the_same_and_changes_nothing(user: User, token: str) -> None:
    told = said(apply_text(house("active"), user, dry_run=True))
    assert IntegrationInstance.objects.count() == Job.objects.count() == AuditEntry.objects.count() == 0
    assert said(apply_text(house("active"), user)) == told


def test_changes_are_told_a_secret_only_as_replaced(user: User, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    apply_text(house("inactive"), user)
    monkeypatch.setenv("HI_HOUSE_TOKEN", "another-canary-654321")
    changed = house("inactive").replace("5 min", "1 h").replace("house.lan", "new.lan")
    outcome = apply_text(changed.replace("mirror: {areas: [kitchen]}", "mirror: everything"), user)
    assert said(outcome) == [
        ("House", "Address", "http://house.lan:8123 -> http://new.lan:8123"),
        ("House", "Long-lived access token", " -> replaced"),
        ("House", "a sync every", "5 min -> 1 h"),
        ("House", "mirrored", "1 area -> everything"),
    ]


def test_a_secret_that_is_not_there_stays_the_stored_one(
    user: User, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply_text(house("inactive"), user)
    monkeypatch.delenv("HI_HOUSE_TOKEN")
    outcome = apply_text(house("inactive"), user)
    assert said(outcome) == []
    assert outcome.notes == ["House: The variable HI_HOUSE_TOKEN is not set. The stored token stays."]
    assert configuration.read_configuration(IntegrationInstance.objects.get())["token"] == token


def test_a_stored_secret_does_not_follow_to_another_address(
    user: User, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply_text(house("inactive"), user)
    monkeypatch.delenv("HI_HOUSE_TOKEN")
    (told,) = refused(house("inactive").replace("house.lan", "evil.lan"), user)
    assert "enter it again" in told


def test_without_its_secret_a_new_system_is_not_made(user: User) -> None:
    assert refused(house("active"), user) == [
        "7: integrations › House › settings › token: The variable HI_HOUSE_TOKEN is not set."
    ]
    assert not IntegrationInstance.objects.exists()


def test_applying_again_does_not_try_a_failed_one_again(user: User, token: str) -> None:
    apply_text(house("active"), user)
    Job.objects.all().delete()
    IntegrationInstance.objects.update(status=IntegrationStatus.AUTH_FAILED)
    assert said(apply_text(house("active"), user)) == []
    assert not Job.objects.exists()


def test_what_is_wrong_of_a_system_is_told_at_once_and_nothing_is_made(user: User, token: str) -> None:
    make_instance(label="Cabin", integration_type="hass")
    told = refused(
        house("active")
        + """  Cabin:
    kind: other
  Boat:
    settings: {url: x}
  Barn:
    kind: hass
    settings: {url: {env: X}, token: hunter2-hunter2, pin: 1}
things:
  Nowhere: {a: {name: b}}
""",
        user,
    )
    assert told == [
        "0: things › Nowhere: There is no integration of this name, here or in the file.",
        "13: integrations › Cabin › kind: It is a hass here. Delete that first, or call this one otherwise.",
        "15: integrations › Boat: It is not there yet, so say its kind. Allowed: hass, zoneminder.",
        "19: integrations › Barn › settings › url: This is no secret: write it out.",
        "19: integrations › Barn › settings › token: No secret stands in the file itself. "
        "Write {env: NAME} or {file: /path}.",
        "19: integrations › Barn › settings: There is no setting “pin”. Allowed: url, token, tls_check, tls_authority, "
        "tls_fingerprint.",
    ]
    assert IntegrationInstance.objects.count() == 1


def test_a_refusal_of_hi_s_own_is_told_with_its_line_and_takes_everything_back(user: User, token: str) -> None:
    text = house("active") + "places: {own: {Shed: {kind: room}}}\n"
    assert refused(text.replace("5 min", "1 s"), user) == [
        "3: integrations › House: Choose between 5 seconds and 7 days."
    ]
    assert not IntegrationInstance.objects.exists()
    assert not Location.objects.exists()


def test_a_system_is_stopped_and_started(user: User, token: str) -> None:
    apply_text(house("active"), user)
    assert said(apply_text("hi: 1\nintegrations: {House: {state: inactive}}\n", user)) == [
        ("House", "state", "active -> inactive")
    ]
    assert IntegrationInstance.objects.get().desired_state == DesiredState.INACTIVE
    assert Job.objects.filter(kind=JobKind.DEACTIVATE).exists()


def test_two_of_one_label_are_not_guessed_between(user: User) -> None:
    make_instance()
    make_instance()
    assert refused("hi: 1\nintegrations: {House: {state: paused}}\n", user) == [
        "0: House: Two integrations are called so here. Rename one first."
    ]


# Places and things


def test_export_and_apply_change_nothing(user: User) -> None:
    fill(make_instance())
    make_it_theirs(user)
    audited = AuditEntry.objects.count()
    outcome = apply_text(export(), user)
    assert (said(outcome), outcome.pending) == ([], [])
    assert AuditEntry.objects.count() == audited


def test_another_installation_becomes_the_same(user: User) -> None:
    instance = make_instance()
    fill(instance)
    make_it_theirs(user)
    text = export()
    instance.delete()
    Entity.objects.all().delete()
    Location.objects.all().delete()
    assert "82ee" not in text

    make_instance()
    outcome = apply_text(text, user)
    assert outcome.pending == [
        "House: place area:kitchen (Küche)",
        "House: place area:kitchen, for Pantry",
        "House: thing hall",
        "House: thing lamp (No)",
    ]
    assert apply_text(text, user).changes == []

    fill(IntegrationInstance.objects.get())
    outcome = apply_text(text, user)
    assert outcome.pending == []
    assert ("Kitchen light", "name", "Kitchen light -> No") in said(outcome)
    assert export() == text
    assert apply_text(text, user).changes == []


def test_what_the_file_leaves_out_stays(user: User) -> None:
    fill(make_instance())
    make_it_theirs(user)
    apply_text("hi: 1\nthings: {House: {lamp: {facts: {Bought: 2020}}, hall: {}}}\n", user)
    lamp_now = thing("lamp")
    assert (lamp_now.name, lamp_now.user_type, lamp_now.user_notes) == ("No", "switch", "One: two\n# three")
    assert set(EntityAttribute.objects.values_list("name", flat=True)) == {"Filter changed", "Bought"}
    assert place("area:kitchen").user_name == "Küche"


def test_null_is_as_the_source_says(user: User) -> None:
    fill(make_instance())
    make_it_theirs(user)
    outcome = apply_text(
        """hi: 1
places: {mirrored: {House: {"area:kitchen": {name: ~, inside: ~, position: ~}}}}
things:
  House:
    lamp: {name: , kind: , place: , notes: , facts: {Filter changed: , Never noted: }, states: {lamp-power: {name: }}}
    hall: {states: {hall-power: {place: ~}}}
""",
        user,
    )
    assert said(outcome) == [
        ("Küche", "name", "Küche -> Kitchen"),
        ("Küche", "stands in", "Garden -> Ground floor"),
        ("No", "name", "No -> Kitchen light"),
        ("No", "place", "Shed -> Kitchen"),
        ("No", "kind", "switch -> light"),
        ("No", "notes", "One: two … -> "),
        ("No", "fact: Filter changed", "2026-01-01 -> "),
        ("No / Watts", "name", "Watts -> Power"),
        ("Hall light / Power", "place", "Ground floor -> "),
    ]
    assert not Entity.objects.exclude(user_name=None, user_type=None, user_location=None, user_notes="").exists()
    assert not EntityAttribute.objects.exists()


def test_the_sources_own_name_is_no_name_of_yours(user: User) -> None:
    fill(make_instance())
    text = "hi: 1\nthings: {House: {lamp: {name: Kitchen light, kind: light}}}\n"
    assert said(apply_text(text, user)) == []
    assert thing("lamp").user_name is None


def test_places_change_places(user: User) -> None:
    """Each can only move once the other has."""
    for outer, inner in (("A", "B"), ("B", "A")):
        own = f"{inner}: {{kind: building, inside: {outer}}}, {outer}: {{kind: building, inside: ~}}"
        text = f"hi: 1\nplaces: {{own: {{{own}}}}}\n"
        apply_text(text, user)
        assert said(apply_text(text, user)) == []
        assert Location.objects.get(user_name=inner).parent == Location.objects.get(user_name=outer)


def test_a_circle_of_places_is_refused_whole(user: User) -> None:
    text = "hi: 1\nplaces: {own: {A: {kind: room, inside: B}, B: {kind: room, inside: A}}}\n"
    (told,) = refused(text, user)
    assert "itself stands in" in told
    assert not Location.objects.exists()


def test_places_that_cannot_be_are_told(user: User) -> None:
    place_edits.add("Shed", "room", 0, user)
    place_edits.add("Twin", "room", 0, user)
    place_edits.add("Twin", "room", 0, user)
    assert refused("hi: 1\nplaces: {own: {Shed: {kind: floor}, New: {}, Hut: {kind: room, inside: Nope}}}\n", user) == [
        "2: places › own › Shed › kind: It is a room here, and a place's kind stays.",
        "2: places › own › New: It is not there yet, so say its kind: building, floor or room.",
        "2: places › own › Hut › inside: No place of your own is called “Nope”. Allowed: Hut, New, Shed. "
        "A source's place is {integration: LABEL, key: KEY}.",
    ]
    assert refused("hi: 1\nplaces: {own: {Twin: {}}}\n", user) == [
        "0: places › own › Twin: Two are called so here. Rename one first."
    ]


def test_what_is_too_long_is_told_where_it_stands_and_takes_everything_back(user: User) -> None:
    fill(make_instance())
    text = f"hi: 1\nthings:\n  House:\n    hall: {{name: Fine}}\n    lamp: {{name: {'x' * 121}}}\n"
    (told,) = refused(text, user)
    assert told.startswith("5: things › House › lamp: This is too long")
    assert thing("hall").user_name is None


def test_a_thing_that_its_source_has_lost_keeps_what_is_applied_to_it(user: User) -> None:
    instance = make_instance()
    fill(instance)
    sync(instance, home(lamp()))
    apply_text("hi: 1\nthings: {House: {hall: {name: Later}}}\n", user)
    assert thing("hall").user_name == "Later"


def test_a_large_file_that_changes_nothing_costs_few_statements(
    user: User, django_assert_max_num_queries: object
) -> None:
    things = [lamp(f"Lamp {number}", key=f"l{number}") for number in range(60)]
    sync(make_instance(), home(*things))
    for number in range(60):
        people.call(thing(f"l{number}"), f"Mine {number}", user)
        people.call(state(f"l{number}-power"), f"Watts {number}", user)
    text = export()
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        assert apply_text(text, user).changes == []


def test_a_secret_that_no_key_fits_any_more_is_given_anew(user: User, token: str) -> None:
    apply_text(house("inactive"), user)
    instance = IntegrationInstance.objects.get()
    lose(instance)
    apply_text(house("inactive"), user)
    assert configuration.read_configuration(instance)["token"] == TOKEN
