"""What is shown to strangers of an integration: enough to help, and nothing that they should not know."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.utils import timezone

from hi.entity.enums import EntityType
from hi.integration import configuration, diagnostics
from hi.integration.diagnostics import MAX_BYTES, MOST_LINES, MOST_ROWS, build_diagnostics
from hi.integration.enums import ItemKind, JobStatus, RepairKind, RunOutcome
from hi.integration.health import recent
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import ConnectionGap, IntegrationInstance, Job, SourceCatalogue
from tests.certificates import Authority
from tests.factories import (
    EntityFactory,
    EntityStateFactory,
    InstanceFactory,
    JobFactory,
    RepairFactory,
    RunFactory,
    UserFactory,
    mirror,
)
from tests.integration.orders import ask, make_state

pytestmark = pytest.mark.database
TOKEN = "c4n4ry-t0ken"
HOST = "hub.berg.example"


@pytest.fixture(autouse=True)
def _hi_is_well() -> Any:
    recent.remember(())
    yield
    recent.remember(())


@pytest.fixture
def house() -> IntegrationInstance:
    UserFactory(username="annabel", first_name="Annabel", last_name="Bergmann")
    instance = InstanceFactory(integration_type="hass", label="Bergmanns at the lake", server_id="server-id-1234")
    values = {"url": f"https://{HOST}:8123", "token": TOKEN, "tls_check": "authority"}
    specs = get_integration_gateway("hass").settings
    configuration.write_configuration(instance, specs, {**values, "tls_authority": Authority("Bergmann CA").pem})
    return instance


def say(instance: IntegrationInstance) -> str:
    return json.dumps(build_diagnostics(instance), ensure_ascii=False)


def test_it_tells_versions_settings_status_counts_and_what_happened(house: IntegrationInstance) -> None:
    mirror(EntityStateFactory().entity, house)
    JobFactory(instance=house, status=JobStatus.FAILED, message="It broke.", error="Traceback\nValueError: no")
    RunFactory(instance=house, outcome=RunOutcome.PARTIAL, quarantined=[{"kind": ItemKind.STATE, "key": "k1"}])
    RepairFactory(instance=house, kind=RepairKind.SERVER_CHANGED, cause="Another one answers.")
    ConnectionGap.objects.create(instance=house, began_at=timezone.now(), reason="It hung up.")
    SourceCatalogue.objects.create(instance=house, content={"things": [1, 2, 3], "places": []})
    ask(make_state(house))
    told = build_diagnostics(house)
    assert told["versions"]["websockets"]
    assert told["versions"]["hi"][0].isdigit()
    assert told["settings"] == {
        "token": "(a secret)",
        "tls_authority": "(1 given)",
        "tls_check": "authority",
        "url": f"https://{host_in(told)}:8123",
    }
    assert told["status"]["status"] == "ACTIVE"
    assert told["counts"]["mirrored"]["entity"]["live"] == 2
    assert told["counts"]["offered"] == {"things": 3, "places": 0}
    assert ("It broke.", ["Traceback", "ValueError: no"]) in [(job["message"], job["error"]) for job in told["jobs"]]
    assert told["runs"][0]["quarantined"]["state"] == 1
    assert told["repairs"][0]["cause"] == "Another one answers."
    assert told["gaps"][0]["reason"] == "It hung up."
    assert told["commands"][0]["status"] == "REQUESTED"
    assert orjson.dumps(told)


def host_in(told: dict[str, Any]) -> str:
    host = told["settings"]["url"].split("://")[1].split(":")[0]
    assert host.startswith("host-")
    return str(host)


def test_no_secret_no_name_no_host_and_no_value_is_in_it(house: IntegrationInstance) -> None:
    person = EntityFactory(source_type=EntityType.PERSON, source_name="Rosalind Fuchs")
    mirror(EntityStateFactory(entity=person, value="at-the-dentist").entity, house)
    said = f"{HOST} refused {TOKEN} of annabel; Rosalind is at 192.0.2.44; see https://{HOST}/x, says {house.label}"
    steps = [
        {"name": "Sign in", "status": "failed", "message": said, "hint": said},
        {"name": "Version", "status": "ok", "message": "called Seaside villa"},
    ]
    job = JobFactory(instance=house, message=said, hint=said, error=said, steps=steps, log=[said])
    RunFactory(instance=house, job=job, message=said, quarantined=[{"kind": said, "key": said, "message": said}])
    RepairFactory(instance=house, cause=said, consequence=said, data={"keys": [["entity", "k", "Secret lamp"]]})
    ConnectionGap.objects.create(instance=house, began_at=timezone.now(), reason=said)
    IntegrationInstance.objects.filter(pk=house.pk).update(reason=said, live_error=said, sync_error=said)
    lamp = make_state(house, value="off")
    ask(lamp)
    configuration.read_configuration(house)  # as whoever connects does before it can say any of that
    text = say(IntegrationInstance.objects.get(pk=house.pk)).lower()
    known = [TOKEN, HOST, "berg", "annabel", "rosalind", "fuchs", "192.0.2.44", "dentist", "villa", "lake"]
    known += ["server-id-1234", "gaaaa", "begin certificate", "secret lamp", lamp.entity.name.lower()]
    assert [word for word in known if word.lower() in text] == []


def test_it_has_an_end(house: IntegrationInstance, settings: Any, tmp_path: Path) -> None:
    long = "word " * 10_000
    for number in range(MOST_ROWS + 5):
        JobFactory(instance=house, error=f"{number} no\n" * 50_000, message=long, hint=long, steps=[{"name": long}])
        RunFactory(instance=house, message="z" * 50_000)
    settings.HI_DATA_DIR = tmp_path
    (tmp_path / "logs").mkdir()
    line = f"2026-11-26 01:00:00 INFO x: integration {house.pk} is {long}\n"
    (tmp_path / "logs" / "web.log").write_text(line * 400)
    told = build_diagnostics(house)
    assert len(orjson.dumps(told)) <= MAX_BYTES
    assert 0 < len(told["jobs"]) <= MOST_ROWS
    assert len(told["log"]) <= MOST_LINES


def test_what_is_too_much_loses_the_oldest_lines_first(
    house: IntegrationInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    JobFactory(instance=house, log=[f"line {number}" for number in range(200)])
    monkeypatch.setattr(diagnostics, "MAX_BYTES", len(orjson.dumps(build_diagnostics(house))) - 1)
    told = build_diagnostics(house)
    assert told["is_cut"]
    assert told["log"][-1] == "line 199"
    assert "line 0" not in told["log"]


def test_the_log_tells_what_is_about_it(house: IntegrationInstance, settings: Any, tmp_path: Path) -> None:
    job: Job = JobFactory(instance=house, trace="0af76519aaaabbbb")
    settings.HI_DATA_DIR = tmp_path
    (tmp_path / "logs").mkdir()
    about = [
        f"2026-11-26 01:00:00 INFO x: integration {house.pk} is live",
        f"2026-11-26 01:00:02 INFO [0af76519] x: GET http://{HOST}/api/: 200",
        f"2026-11-26 01:00:04 INFO x: job {job.pk} is done",
    ]
    others = [f"2026-11-26 01:00:01 INFO x: integration {house.pk}1 is live", "2026-11-26 01:00:03 INFO x: else"]
    (tmp_path / "logs" / "listener.log").write_text("\n".join(["cut", about[0], others[0], ""]))
    (tmp_path / "logs" / "worker.log").write_text("\n".join(["cut", others[1], about[1], about[2], ""]))
    log = build_diagnostics(house)["log"]
    assert log[0].endswith(f"integration {house.pk} is live")
    assert log[1].endswith("GET http://host-1/api/: 200")
    assert log[2].endswith("is done")
    assert len(log) == 3


def test_where_no_files_are_kept_the_jobs_remember(house: IntegrationInstance) -> None:
    JobFactory(instance=house, log=["job begins", "job is done"])
    assert build_diagnostics(house)["log"] == ["job begins", "job is done"]


def test_an_integration_whose_folder_has_gone_has_diagnostics_too(house: IntegrationInstance) -> None:
    IntegrationInstance.objects.filter(pk=house.pk).update(integration_type="vanished")
    told = build_diagnostics(IntegrationInstance.objects.get(pk=house.pk))
    assert told["settings"]["url"] == "(not declared)"
    assert told["settings"]["token"] == "(a secret)"
