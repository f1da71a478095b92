"""Secrets of every kind are planted in a running hub and used; then they are looked for wherever hi leaves anything.

They may be found where they were put, encrypted or hashed, and nowhere else. Each is written in all the ways in which a
log, a URL or JSON may write it.
"""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache, partial
from itertools import cycle
from pathlib import Path

import pytest
import redis
import requests
from cryptography.fernet import Fernet

from hi.utils import keys
from tests.browser.pages import find_pages
from tests.e2e.hub import Hub, wait_until
from tests.e2e.load import another_house, give, repeated, run
from tests.e2e.planted import CODE, LOCK, TEXT, TOKEN, Planted, planted_hub

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def planted(folder: Path) -> Iterator[Planted]:
    with planted_hub(folder) as planted:
        yield planted


def test_they_are_in_no_file_but_the_keys(planted: Planted) -> None:
    """Logs, databases, write-ahead logs, Redis' own file, static files, a backup."""
    # SQLite's shared memory comes and goes, and holds no rows.
    files = [path for path in planted.hub.folder.rglob("*") if path.is_file() and not path.name.endswith("-shm")]
    assert any(path.match("backups/hi-*.tar.gz") for path in files)
    found = {
        str(path.relative_to(planted.hub.folder)): told for path in files if (told := planted.look_into_file(path))
    }
    assert found == {
        "keys/secret.key": {"the key of what is encrypted"},
        "keys/django.key": {"the key of sessions"},
        "keys/flower.password": {"Flower's password"},
    } | {name: told for name, told in found.items() if told == {"a session"} and name.startswith("db.sqlite3")}


def test_in_the_database_secrets_are_encrypted_and_tokens_hashed(planted: Planted) -> None:
    found: dict[str, set[str]] = {}
    for name in ("db.sqlite3", "history.sqlite3"):
        with closing(sqlite3.connect(f"file:{planted.hub.folder / name}?mode=ro", uri=True, timeout=20)) as db:
            tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                for row in db.execute(f'SELECT * FROM "{table}"'):
                    if told := planted.look_into(repr(row).encode()):
                        found.setdefault(table, set()).update(told)
    # Django finds a session by its very key, and the list of where somebody is signed in names it by the same.
    assert found == {"django_session": {"a session"}, "accounts_opensession": {"a session"}}
    (secret,) = planted.hub.query("SELECT value FROM integration_integrationattribute WHERE is_secret = 1")[0]
    assert secret.startswith("gAAAAA")
    assert planted.hub.query("SELECT code FROM integration_command WHERE code <> ''") == []


def test_a_text_that_is_a_password_is_mirrored_without_what_it_says(planted: Planted) -> None:
    state = planted.hub.states()[TEXT]
    assert state["value"] == "\N{BULLET}" * 6
    assert planted.hub.query("SELECT id FROM entity_controller WHERE state_id = ?", state["id"]) == []


def test_redis_holds_none_in_any_key_list_hash_or_stream(planted: Planted) -> None:
    found: dict[str, set[str]] = {}
    with redis.Redis.from_url(planted.hub.environment["REDIS_URL"]) as client:
        for key in client.scan_iter(count=1000):
            if told := planted.look_into(key + dump(client, key)):
                found[key.decode()] = told
    assert found == {}


def dump(client: "redis.Redis", key: bytes) -> bytes:
    kind = client.type(key)
    readers = {
        b"string": lambda: client.get(key),
        b"list": lambda: client.lrange(key, 0, -1),
        b"set": lambda: client.smembers(key),
        b"hash": lambda: client.hgetall(key),
        b"zset": lambda: client.zrange(key, 0, -1, withscores=True),
        b"stream": lambda: client.xrange(key),
    }
    return repr(readers[kind]()).encode() if kind in readers else b""


def test_no_page_shows_one(planted: Planted) -> None:
    @cache
    def read(path: str) -> str:
        answer = planted.browser.get(planted.hub.url + path, timeout=20)
        return answer.text if answer.status_code == 200 else ""

    pages = find_pages(read)
    page = f"/integrations/{planted.instance_id}/"
    pages |= {"settings": page, "sign-in": f"{page}sign-in", "live": f"{page}live", "diagnostics": f"{page}diagnostics"}
    jobs = planted.hub.get("jobs")["items"]
    pages |= {f"job {job['id']}": f"/jobs/{job['id']}/" for job in jobs}
    assert len(pages) > 20
    assert {name: told for name, path in pages.items() if (told := planted.look_into(read(path).encode()))} == {}


def test_no_answer_of_the_api_holds_one(planted: Planted) -> None:
    hub = planted.hub
    paths = [*list_readable(hub.get("openapi.json")), f"integrations/{planted.instance_id}", "entities?limit=500"]
    paths += [f"jobs/{job['id']}" for job in hub.get("jobs")["items"]]
    headers = {"Authorization": f"Bearer {hub.token}"}
    found = {}
    for path in paths:
        answer = hub.session.get(f"{hub.url}/api/v1/{path}", headers=headers, timeout=20)
        if told := planted.look_into(answer.content + repr(answer.headers).encode()):
            found[path] = told
    assert planted.look_into(read_stream(hub, headers)) == set()
    for path in ("health/deep", "metrics"):
        answer = hub.session.get(f"{hub.url}/{path}", headers=headers, timeout=20)
        assert answer.status_code in (200, 503)
        if told := planted.look_into(answer.content):
            found[path] = told
    assert found == {}


def read_stream(hub: Hub, headers: dict[str, str]) -> bytes:
    """All that changed since long ago: every state. It has no end, so the last of them is waited for."""
    headers = {**headers, "Last-Event-ID": "2020-01-01T00:00:00+00:00"}
    count, told = len(hub.states()), b""
    with hub.session.get(f"{hub.url}/api/v1/stream", headers=headers, stream=True, timeout=20) as answer:
        for chunk in answer.iter_content(None):
            told += chunk
            if told.count(b"event: state") >= count:
                break
    return told


def list_readable(description: dict[str, dict[str, dict[str, object]]]) -> list[str]:
    """Paths that can be asked for as they are, or with a one in them; not the stream, which has no end."""
    paths = [path for path, methods in description["paths"].items() if "get" in methods and "stream" not in path]
    return [re.sub(r"\{[^}]*\}", "1", path).removeprefix("/api/v1/") for path in paths]


def test_flower_knows_none(planted: Planted) -> None:
    auth = ("hi", planted.secrets["Flower's password"])
    pages = (
        "",
        "workers",
        "tasks",
        "broker",
        "api/workers?refresh=1",
        "api/tasks?limit=5000",
        "metrics",
        # As its own page asks for the tasks.
        "tasks/datatable?draw=1&start=0&length=5000&search[value]=&order[0][column]=0&order[0][dir]=asc&columns[0][data]=name",
    )
    found = {}
    for page in pages:
        answer = requests.get(f"{planted.flower}/{page}", auth=auth, timeout=20)
        assert answer.status_code == 200, page
        if told := planted.look_into(answer.content):
            found[page] = told
    assert found == {}


def test_what_the_processes_said_holds_none(planted: Planted) -> None:
    """Containers keep their logs elsewhere than in files."""
    found = {
        name: told for name, node in planted.hub.nodes.items() if (told := planted.look_into(node.logs().encode()))
    }
    assert found == {}


def test_diagnostics_name_neither_secrets_nor_the_authority(planted: Planted) -> None:
    text = planted.browser.get(f"{planted.hub.url}/integrations/{planted.instance_id}/diagnostics", timeout=20).text
    assert json.loads(text)["settings"]["tls_authority"] == "(1 given)"
    assert planted.look_into(text.encode()) == set()
    assert "c4n4ry" not in text
    assert "BEGIN CERTIFICATE" not in text
    assert "127.0.0.1" not in text


def test_keys_are_renewed_while_jobs_run_and_none_fails(planted: Planted) -> None:
    """Three systems are synced, tested and set all the time, one of them with a code, which is encrypted on its way."""
    hub = planted.hub
    lock = partial(give, hub, hub.states()[LOCK]["id"], cycle(("locked", "unlocked")), CODE)
    with another_house(hub, "Cabin") as cabin, another_house(hub, "Boat") as boat:
        lights = [partial(give, hub, house.light, cycle(("off", "on"))) for house in (cabin, boat)]
        jobs = [partial(run, hub, house.instance_id) for house in (planted, cabin, boat)]
        told, since = "", hub.query("SELECT MAX(created_at) FROM integration_job")[0][0]
        with repeated(lock, *lights, *jobs) as ended:
            for words in (["rotate_keys"], ["rotate_keys", "--retire"]):
                so_far = len(ended)
                told += hub.manage(*words)
                assert len(ended) > so_far
        assert set(ended) == {"SUCCEEDED", "CONFIRMED"}
        ends = hub.query("SELECT status, COUNT(*) FROM integration_job WHERE created_at > ? GROUP BY status", since)
        assert [status for status, _number in ends] == ["SUCCEEDED"]
        sources = {house.source: house.source.logins for house in (planted, cabin, boat)}
        for source in sources:
            source.cut()
            source.heal()
        wait_until(lambda: all(source.logins > logins for source, logins in sources.items()), "all sign in again")
    new = keys.read_key(hub.folder / "keys" / keys.SECRET_KEY)
    assert new != planted.secrets["the key of what is encrypted"]
    assert new not in told
    control = hub.nodes["control"]
    for is_alone in (False, True):  # a copy of what was loaded with the old key; one that has the new key alone
        control.kill()
        control.container.is_alone = is_alone
        control.restart()
        assert run(hub, planted.instance_id) + lock() == ["SUCCEEDED", "SUCCEEDED", "CONFIRMED"]
    planted.secrets["the new key"] = new
    logs = b"".join(path.read_bytes() for path in (hub.folder / "logs").glob("*.log"))
    assert planted.look_into(logs) == set()


def test_a_key_that_is_lost_stops_its_own_integration_and_asks_for_the_secret(planted: Planted) -> None:
    hub = planted.hub
    foreign = Fernet(Fernet.generate_key()).encrypt(b"who knows").decode()
    with closing(sqlite3.connect(hub.folder / "db.sqlite3", timeout=20)) as db, db:
        db.execute("UPDATE integration_integrationattribute SET value = ? WHERE is_secret = 1", [foreign])
    assert hub.wait_for_job(hub.post(f"integrations/{planted.instance_id}/sync"))["status"] == "FAILED"
    hub.wait_for_status(planted.instance_id, "FAILED")
    page = f"/integrations/{planted.instance_id}/sign-in"
    assert "needs its secret again" in planted.browser.get(hub.url + page, timeout=10).text
    hub.submit(planted.browser, page, {"token": TOKEN})
    hub.wait_for_status(planted.instance_id, "ACTIVE")
    wait_until(lambda: hub.instance(planted.instance_id)["is_live"], "it is live again")
