"""`manage.py hub`: what each command answers, and with which exit code."""

import json
from typing import Any

import pytest
from django.core.management import CommandError

from hi.accounts.models import User
from hi.entity.models import EntityState
from hi.integration.enums import DesiredState, IntegrationStatus, JobKind, JobStatus, ProcessRole
from hi.integration.models import AuditEntry, Command, IntegrationInstance, Job
from tests.cli.conftest import Hub
from tests.factories import (
    ControllerFactory,
    EntityFactory,
    EntityStateFactory,
    InstanceFactory,
    JobFactory,
    LocationFactory,
    ProcessFactory,
    UserFactory,
    mirror,
)

pytestmark = pytest.mark.database


def make_lock(instance: IntegrationInstance, **columns: Any) -> EntityState:
    state = EntityStateFactory(entity=EntityFactory(source_name="Front door"), state_type="lock", value="locked")
    ControllerFactory(
        state=state, **{"control": "lock", "options": ["locked", "unlocked"], "asks_first": True} | columns
    )
    mirror(state.entity, instance)
    return state


# Lists


def test_integrations_are_listed(hub: Hub) -> None:
    InstanceFactory(label="House", integration_type="hass", last_sync_at=None)
    number = str(IntegrationInstance.objects.get().pk)
    wide = max(2, len(number))
    assert hub("list", "integrations").out.splitlines() == [
        f"{'Id':>{wide}}  Name   Kind            Status  Things  States  Last sync",
        f"{number:>{wide}}  House  Home Assistant  ✓ Live       0       0  never",
    ]


def test_an_empty_list_says_so_beside_an_empty_answer(hub: Hub) -> None:
    answer = hub("list", "integrations")
    assert (answer.out, answer.code) == ("", 0)
    assert "Nothing is connected yet." in answer.err
    assert json.loads(hub("list", "integrations", "--json").out) == []


def test_things_are_filtered_as_on_their_page(hub: Hub) -> None:
    house, kitchen = InstanceFactory(label="House"), LocationFactory(source_name="Kitchen")
    lamp = EntityStateFactory(entity=EntityFactory(source_name="Lamp", source_location=kitchen))
    EntityStateFactory(entity=EntityFactory(source_name="Door", source_type="sensor"), value="off")
    EntityStateFactory(entity=EntityFactory(source_name="Secret", is_hidden=True))
    mirror(lamp.entity, house)

    def names(*words: str) -> list[str]:
        return [row["name"] for row in json.loads(hub("list", "things", *words, "--json").out)]

    assert names() == ["Door", "Lamp"]
    assert names("--limit", "1") == ["Door"]
    assert names("--hidden") == ["Secret"]
    for words in (
        ["kitchen"],
        ["--type", "light"],
        ["--place", "Kitchen"],
        ["--integration", "House"],
        ["--show", "lights"],
    ):
        assert names(*words) == ["Lamp"]
    assert hub("list", "things", "--place", "Nowhere").code == 2


def test_jobs_are_filtered_as_on_their_page(hub: Hub, administrator: User) -> None:
    mine = JobFactory(requested_by=administrator)
    failed = JobFactory(status=JobStatus.FAILED, kind=JobKind.ACTIVATE, trigger="system")

    def ids(*words: str) -> list[str]:
        return [row["id"] for row in json.loads(hub("list", "jobs", *words, "--json").out)]

    assert ids() == [str(failed.pk), str(mine.pk)]
    assert ids("--limit", "1") == [str(failed.pk)]
    assert ids("--asked", "you") == ids("--kind", "sync") == ids("--status", "done") == [str(mine.pk)]
    assert ids("--status", "look") == ids("--asked", "hi") == [str(failed.pk)]
    assert failed.pk.hex[:8] in hub("list", "jobs").out


def test_places_are_a_tree(hub: Hub) -> None:
    floor = LocationFactory(source_name="Floor", kind="floor")
    EntityFactory(source_location=LocationFactory(source_name="Kitchen", source_parent=floor))
    lines = hub("list", "places").out.splitlines()
    assert [line.split("  ", 1)[1].rstrip() for line in lines[1:]] == [
        "Floor      floor       1",
        "  Kitchen  room        1",
    ]


# One of them


def test_a_thing_is_shown_with_what_can_be_set(hub: Hub) -> None:
    state = make_lock(InstanceFactory(label="House"))
    state.entity.user_notes = "The key\x1b[31m is red."
    state.entity.save()
    out = hub("show", "thing", "front door").out
    assert "locked, unlocked" in out
    assert "From  House" in out
    assert "The key [31m is red." in out
    assert json.loads(hub("show", "thing", str(state.entity.pk), "--json").out)["notes"].startswith("The key")


def test_an_integration_is_shown_without_its_secret(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HI_T", "a-canary-123456")
    added = hub("add", "hass", "--label", "House", "--url", "house.lan", "--token-env", "HI_T", "--no-activate")
    assert added.code == 0, added.err
    answer = hub("show", "integration", "House")
    assert "http://house.lan" in answer.out
    assert "canary" not in answer.out + added.out + added.err


# What is done


def test_a_system_is_added_by_whom_the_audit_tells(hub: Hub, administrator: User, tmp_path: Any) -> None:
    (tmp_path / "token").write_text("a-canary-123456\n")
    words = ["--url", "http://house.lan:8123", "--token-file", str(tmp_path / "token")]
    answer = hub("add", "hass", "--label", "House", *words, "--no-wait")
    assert answer.code == 0
    instance = IntegrationInstance.objects.get()
    assert (instance.desired_state, instance.is_draft) == (DesiredState.ACTIVE, False)
    assert "hi is not running: job" in answer.err
    entries = AuditEntry.objects.order_by("pk")
    assert [entry.verb for entry in entries] == ["added", "activated"]
    assert {(entry.user, entry.who) for entry in entries} == {(administrator, entries[0].who)}
    assert entries[0].who.startswith("anna (")
    assert entries[0].who.endswith(", command line)")


def test_a_setting_that_is_missing_or_wrong_is_told(hub: Hub) -> None:
    answer = hub("add", "hass", "--url", "ftp://x", "--no-activate")
    assert answer.code == 2
    assert "The address must begin with http:// or https://." in answer.err
    assert "Long-lived access token is missing." in answer.err
    assert not IntegrationInstance.objects.exists()


def test_a_name_that_another_has_is_refused(hub: Hub, tmp_path: Any) -> None:
    InstanceFactory(label="House")
    token = tmp_path / "token"
    token.write_text("a-canary-123456")
    answer = hub("add", "hass", "--label", "House", "--url", "http://x.lan", "--token-file", str(token))
    assert answer.code != 0
    assert "There is a “House” already: call this one otherwise." in answer.err
    assert IntegrationInstance.objects.count() == 1


def test_no_secret_is_taken_as_a_word_of_the_command(hub: Hub) -> None:
    with pytest.raises(CommandError, match="--token"):
        hub("add", "hass", "--url", "http://x", "--token", "a-canary-123456")
    assert not IntegrationInstance.objects.exists()


def test_a_deed_is_somebody_elses_if_that_is_said(hub: Hub) -> None:
    bert = UserFactory(username="bert")
    InstanceFactory(label="House")
    assert hub("pause", "House", "--as", "bert").code == 0
    assert AuditEntry.objects.get().user == bert
    answer = hub("list", "things", "--as", "carl")
    assert (answer.code, answer.err) == (2, "✗ There is nobody called carl.\n  There is anna, bert.\n")


@pytest.mark.parametrize(
    ("words", "role", "needed"),
    [
        (("deactivate", "House"), "operator", "admin"),
        (("pause", "House"), "viewer", "admin"),
        (("sync", "House"), "member", "operator"),
        (("inbox", "list"), "member", "operator"),
        (("set", "Front door", "unlocked", "--yes"), "viewer", "member"),
        (("set", "Front door", "unlocked", "--yes"), "member", "operator"),
    ],
)
def test_nobody_is_made_to_do_what_they_may_not(hub: Hub, words: tuple[str, ...], role: str, needed: str) -> None:
    UserFactory(username="bert", role=role)
    make_lock(InstanceFactory(label="House"))
    ProcessFactory(role=ProcessRole.CONTROL)
    answer = hub(*words, "--as", "bert")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith(f"✗ This needs the role {needed}; yours is {role}.")
    assert [model.objects.count() for model in (AuditEntry, Job, Command)] == [0, 0, 0]


def test_pausing_is_done_at_once(hub: Hub) -> None:
    instance = InstanceFactory(label="House")
    assert hub("pause", "House").code == 0
    instance.refresh_from_db()
    assert instance.status == IntegrationStatus.PAUSED
    answer = hub("pause", "House")
    assert (answer.code, answer.err) == (1, "✗ House cannot be paused now.\n")


def test_where_hi_does_not_run_a_job_waits_and_says_so(hub: Hub) -> None:
    InstanceFactory(label="House", integration_type="hass")
    answer = hub("sync", "House")
    assert answer.code == 1
    job = Job.objects.get()
    assert f"hi is not running: job {job.pk.hex[:8]} waits until it does." in answer.err
    assert "make run" in answer.err
    answer = hub("sync", "House", "--no-wait", "--json")
    assert (answer.code, json.loads(answer.out)["id"]) == (0, str(job.pk))  # it joins the one that waits


def test_a_process_that_is_missing_is_named(hub: Hub) -> None:
    ProcessFactory(role=ProcessRole.WEB)
    InstanceFactory(label="House", integration_type="hass")
    assert "hi's worker process is not running" in hub("sync", "House", "--no-wait").err


def test_a_job_that_has_ended_is_shown_with_its_steps(hub: Hub) -> None:
    steps = [{"name": "Reach", "status": "failed", "message": "nobody answers", "milliseconds": 12}]
    job = JobFactory(
        subject="House", status=JobStatus.FAILED, message="It does not answer.", hint="Switch it on.", steps=steps
    )
    answer = hub("watch", job.pk.hex[:8])
    assert answer.code == 1
    assert answer.out.splitlines()[1:] == [
        "  ✗ Reach             nobody answers  12 ms",
        "  ✗ Failed: It does not answer.",
        "    Switch it on.",
    ]


def test_a_job_is_cancelled_once(hub: Hub) -> None:
    job = JobFactory(status=JobStatus.QUEUED, started_at=None, ended_at=None)
    assert hub("cancel", job.pk.hex).code == 0
    job.refresh_from_db()
    assert (job.status, job.message) == (JobStatus.CANCELLED, "Cancelled by anna.")
    answer = hub("cancel", job.pk.hex)
    assert (answer.code, answer.err) == (1, "✗ It has ended already: cancelled.\n")


# Setting


def test_nothing_is_set_while_hi_does_not_run(hub: Hub) -> None:
    make_lock(InstanceFactory(integration_type="hass"))
    answer = hub("set", "Front door", "unlocked", "--yes")
    assert (answer.code, answer.err) == (1, "✗ hi is not running, so nothing can be set.\n  Start it: make run\n")
    assert not Command.objects.exists()


def test_what_asks_first_is_not_done_unasked(hub: Hub) -> None:
    ProcessFactory(role=ProcessRole.CONTROL)
    make_lock(InstanceFactory(integration_type="hass"))
    answer = hub("set", "Front door", "unlocked")
    assert answer.code == 2
    assert answer.err == "✗ This asks first: Unlock Front door?\n  Say --yes where nobody can be asked.\n"
    assert not Command.objects.exists()
    answer = hub("set", "Front door", "unlocked", "--yes", "--no-wait")
    assert answer.code == 0
    assert Command.objects.get().value == "unlocked"
    assert "under way" in answer.out


def test_a_code_comes_from_a_file_or_the_environment(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    ProcessFactory(role=ProcessRole.CONTROL)
    make_lock(InstanceFactory(integration_type="hass"), code_format="number")
    answer = hub("set", "Front door", "unlocked", "--yes", "--no-wait")
    assert (answer.code, answer.err) == (2, "✗ Enter the code.\n")
    monkeypatch.setenv("HI_CODE", "7391")
    answer = hub("set", "Front door", "unlocked", "--yes", "--no-wait", "--code-env", "HI_CODE")
    assert answer.code == 0
    assert "7391" not in answer.out + answer.err
    assert "7391" not in Command.objects.get().code


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("Front door", "ajar"), 2, "Choose one of: locked, unlocked."),
        (("Back door", "locked"), 2, "No state is called “Back door”."),
        (("Thermometer", "20"), 1, "can be read, but not set."),
    ],
)
def test_what_cannot_be_set_is_told(hub: Hub, words: tuple[str, str], code: int, told: str) -> None:
    ProcessFactory(role=ProcessRole.CONTROL)
    make_lock(InstanceFactory(integration_type="hass"))
    EntityStateFactory(entity=EntityFactory(source_name="Thermometer"))
    answer = hub("set", *words, "--yes")
    assert answer.code == code
    assert told in answer.err


# The inbox


def test_the_inbox_is_listed_and_decided_on(hub: Hub) -> None:
    house = InstanceFactory(label="House")
    for key in ("a", "b", "c", "d"):
        house.inbox.create(integration_key=key, name="Plug" if key in "cd" else f"Lamp {key}", entity_type="light")
    assert [row["name"] for row in json.loads(hub("inbox", "list", "--json").out)] == [
        "Lamp a",
        "Lamp b",
        "Plug",
        "Plug",
    ]
    assert hub("inbox", "approve", "House").code == 2
    answer = hub("inbox", "ignore", "House", "plug")
    assert answer.code == 2
    assert "More than one is called “plug”:" in answer.err
    assert hub("inbox", "approve", "House", "lamp a").err == "✓ 1 thing is approved.\n"
    assert hub("inbox", "ignore", "House", "--all").err == "✓ 3 things are ignored.\n"
    assert sorted(house.inbox.values_list("integration_key", "decision")) == [
        ("a", "approved"), ("b", "ignored"), ("c", "ignored"), ("d", "ignored"),
    ]  # fmt: skip
    assert hub("inbox", "unignore", "House", "Lamp b").err == "✓ 1 thing is ignored no more.\n"
    assert AuditEntry.objects.count() == 3


# The file


def test_a_file_is_applied_and_tells_what_it_does(hub: Hub, tmp_path: Any) -> None:
    path = tmp_path / "hi.yaml"
    path.write_text("hi: 1\nplaces: {own: {Shed: {kind: room}}}\n")
    answer = hub("apply", str(path), "--dry-run")
    assert answer.code == 0
    assert answer.out.splitlines() == [
        "Places",
        "     Name  What                Will be",
        "  +  Shed  a room of your own  new",
        "1 to change. Nothing was changed: this was a dry run.",
    ]
    assert hub("apply", str(path)).out.splitlines()[-1] == "✓ 1 changed."
    assert hub("apply", str(path)).out == "✓ Nothing to change.\n"
    path.write_text(hub("export").out)
    assert hub("apply", str(path)).out == "✓ Nothing to change.\n"


def test_what_is_not_there_yet_is_told_with_an_exit_code_of_its_own(hub: Hub, tmp_path: Any) -> None:
    InstanceFactory(label="House")
    path = tmp_path / "hi.yaml"
    path.write_text("hi: 1\nthings: {House: {a: {name: Later}}}\n")
    answer = hub("apply", str(path))
    assert answer.code == 3
    assert "1 of the file is not there yet:\n    House: thing a (Later)\n" in answer.err


def test_mistakes_are_told_with_file_and_line(hub: Hub, tmp_path: Any) -> None:
    path = tmp_path / "hi.yaml"
    path.write_text("hi: 1\nplaces: {owm: {}}\n")
    answer = hub("apply", str(path))
    assert (answer.code, answer.out) == (2, "")
    told = "places: There is no “owm” here. Do you mean own? Allowed: own, mirrored."
    assert answer.err == f"✗ {path}:2: {told}\n  Nothing was changed.\n"
    answer = hub("apply", str(tmp_path / "none.yaml"))
    assert (answer.code, answer.err) == (2, f"✗ {tmp_path / 'none.yaml'} can't be read (No such file or directory).\n")
