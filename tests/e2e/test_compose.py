"""`docker compose up` as a person meets it: the demo's profile, with two workers and two listeners."""

import os
import time
from collections.abc import Iterator

import pytest

from tests.e2e.composed import Composed, service_of
from tests.e2e.container_hub import docker, why_not
from tests.e2e.process import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("default::ResourceWarning")]

ENDED = ("init", "secrets")


@pytest.fixture(scope="module")
def hi() -> Iterator[Composed]:
    if os.environ.get("HI_TEST_CONTAINERS") != "1":
        pytest.skip("containers are tested by `make test-containers`")
    if reason := why_not():
        pytest.fail(f"HI_TEST_CONTAINERS=1, but {reason}")
    composed = Composed()
    try:
        composed.up()
        yield composed
    finally:
        composed.down()


def test_it_is_up_when_the_demo_is_active(hi: Composed) -> None:
    demo = hi.demo()
    assert (demo["status"], demo["is_demo"]) == ("ACTIVE", True)
    assert demo["state_count"] >= 150
    assert [len(hi.containers(name)) for name in ("worker", "listener")] == [2, 2]


def test_a_camera_is_seen_through_two_processes_and_nothing_of_its_system_is(hi: Composed) -> None:
    cameras = hi.demo("zoneminder")
    wait_until(
        lambda: hi.demo("zoneminder")["is_live"], "the cameras are live", seconds=60, explain=lambda: str(cameras)
    )
    things = hi.get(f"/api/v1/entities?integration={cameras['id']}")["items"]
    states = {
        (thing["id"], state["id"])
        for thing in things
        for state in hi.get(f"/api/v1/entities/{thing['id']}")["states"]
        if state["state_type"] == "video"
    }
    entity_id, state_id = min(states)
    links = hi.get(f"/api/v1/entities/{entity_id}/states/{state_id}/camera")
    answer = hi.look(links["snapshot"])
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8\xff")


def test_no_container_is_root_or_may_write_outside_its_volumes(hi: Composed) -> None:
    found = hi.containers(all_=True)
    assert {service_of(one) for one in found} >= {
        *ENDED,
        "web",
        "control",
        "beat",
        "media",
        "flower",
        "redis",
        "db",
        "demo",
    }
    for one in found:
        assert one["Config"]["User"] not in {"", "0", "root"}, one["Name"]
        assert one["HostConfig"]["ReadonlyRootfs"], one["Name"]
        assert one["HostConfig"]["CapDrop"] == ["ALL"], one["Name"]
        # A mount's own folder is made by the engine.
        changed = {line.split()[1] for line in docker("diff", one["Id"]).splitlines()}
        mounts = [mount["Destination"] for mount in one["Mounts"]] + list(one["HostConfig"].get("Tmpfs") or {})
        ours = {path for path in changed if not any(mount.startswith(path) for mount in mounts)}
        assert not ours, f"{one['Name']} wrote {ours}"
    for one in hi.containers():
        assert docker("exec", one["Id"], "id", "-u") != "0", one["Name"]


def test_only_pages_and_flower_are_reached_from_outside_and_only_on_this_machine(hi: Composed) -> None:
    bound = {
        (service_of(one), binding["HostIp"])
        for one in hi.containers()
        for bindings in (one["NetworkSettings"]["Ports"] or {}).values()
        for binding in bindings or ()
    }
    assert bound == {("web", "127.0.0.1"), ("flower", "127.0.0.1")}


def test_the_password_of_the_database_is_made_up_and_stands_in_no_environment(hi: Composed) -> None:
    url = docker("exec", hi.containers("web")[0]["Id"], "cat", "/secrets/database_url")
    password = url.partition("//hi:")[2].partition("@")[0]
    assert len(password) > 20
    for one in hi.containers(all_=True):
        assert password not in str(one["Config"]), one["Name"]
    assert password not in hi.logs()


def test_a_command_is_confirmed_by_the_home(hi: Composed) -> None:
    lights = hi.get("/api/v1/entities?type=light&limit=50")["items"]
    states = [state for light in lights for state in light["states"] if state["state_type"] == "on_off"]
    state = next(one for one in states if one["quality"] == "good")
    wanted = "off" if state["value"] == "on" else "on"
    command = hi.post("/api/v1/commands", {"state": state["id"], "value": wanted})
    wait_until(
        lambda: hi.get(f"/api/v1/commands/{command['id']}")["status"] == "CONFIRMED", f"{state['name']} is {wanted}"
    )


def test_the_other_listener_takes_over_from_one_that_is_killed(hi: Composed) -> None:
    """Whichever of the two it is that holds the demo."""
    told = {hi.demo()["live_since"]}
    for one in hi.containers("listener"):
        docker("kill", "--signal", "KILL", one["Id"])
        time.sleep(6)  # longer than the lease
        wait_until(lambda: _is_live(hi), "the demo is live", seconds=30, explain=lambda: str(hi.demo()))
        told.add(hi.demo()["live_since"])
        docker("start", one["Id"])
        wait_until(lambda: _is_healthy(hi, one["Id"]), "the listener is back", seconds=60)  # noqa: B023
    assert len(told) > 1, "nobody took anything over"


def test_a_rolling_restart_loses_no_job(hi: Composed) -> None:
    demo, jobs = hi.demo(), []
    for service in ("worker", "control", "listener", "beat", "media", "web"):
        jobs.append(hi.post(f"/api/v1/integrations/{demo['id']}/sync")["id"])
        for one in hi.containers(service):
            docker("restart", "--time", "10", one["Id"])
        wait_until(lambda: _answers(hi), f"web answers after {service}", seconds=60)
        jobs.append(hi.post(f"/api/v1/integrations/{demo['id']}/test")["id"])
    for job in jobs:
        wait_until(lambda: _status(hi, job) not in {"QUEUED", "RUNNING"}, "every job has ended", seconds=90)  # noqa: B023
        assert _status(hi, job) == "SUCCEEDED", hi.get(f"/api/v1/jobs/{job}")


def test_it_stops_cleanly_within_ten_seconds(hi: Composed) -> None:
    begin = time.monotonic()
    hi.compose("stop")
    took = time.monotonic() - begin
    ended = {one["Name"]: one["State"]["ExitCode"] for one in hi.containers(all_=True)}
    assert took < 10, f"{took:.1f} s, {ended}"
    assert 137 not in ended.values(), f"killed: {ended}"
    assert "Traceback" not in hi.logs()


def _answers(hi: Composed) -> bool:
    try:
        return bool(hi.demo())
    except OSError:
        return False


def _is_live(hi: Composed) -> bool:
    demo = hi.demo()
    return bool(demo["is_live"] and demo["status"] == "ACTIVE")


def _is_healthy(hi: Composed, container: str) -> bool:
    return docker("inspect", "--format", "{{.State.Health.Status}}", container) == "healthy"


def _status(hi: Composed, job: str) -> str:
    return str(hi.get(f"/api/v1/jobs/{job}")["status"])
