"""A hub with a secret of every kind planted in it, each of them used, and the wrong one tried beside."""

import base64
import gzip
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import requests

from hi.runtime import processes
from hi.runtime.child import ChildSpec
from hi.testing.hass import SimulatedHass
from hi.utils import keys
from tests.certificates import Authority
from tests.e2e.hub import Hub, free_port, running_hub, wait_until

# The characters that a token may have, and that URLs, logs and JSON each write in a way of their own.
TOKEN = "c4n4ry-t0ken/+=~._of/the+house=="
WRONG_TOKEN = "c4n4ry-wr0ng/+=~._t0ken=="
CODE = "c4n4ryC0de-4711"
WRONG_CODE = "c4n4ryC0de-0000"
PASSWORD = "c4n4ry-p4ssw0rd/+=?of a person"
WRONG_PASSWORD = "c4n4ry-p4ssw0rd/+=?mistyped"
PASSPHRASE = "c4n4ry-p4ssphrase/+=?of backups"
REDIS_PASSWORD = "c4n4ry-r3dis/+=?password"
TEXTS = ("c4n4ry-t3xt=that is a password", "c4n4ry-t3xt=as it was changed")
AUTHORITY = Authority("c4n4ry authority")
ALARM, LOCK, TEXT = "alarm_control_panel.alarm", "lock.front_door_lock", "text.door_station_password"


@dataclass
class Planted:
    """The hub in which they lie, and the canaries by what they are."""

    hub: Hub
    source: SimulatedHass
    instance_id: int
    flower: str
    browser: requests.Session
    secrets: dict[str, str]

    def spellings(self) -> dict[bytes, str]:
        found: dict[bytes, str] = {}
        for what, secret in self.secrets.items():
            encoded = base64.b64encode(secret.encode()).rstrip(b"=").decode()[:-2]
            for spelling in (secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1], encoded):
                found[spelling.encode()] = what
        return found

    def look_into(self, content: bytes) -> set[str]:
        return {what for spelling, what in self.spellings().items() if spelling in content}

    def look_into_file(self, path: Path) -> set[str]:
        content = path.read_bytes()
        return self.look_into(gzip.decompress(content) if path.suffix == ".gz" else content)


class GuardedHub(Hub):
    """Its Redis is reached over TCP, by a password, as one elsewhere is."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.redis_port = free_port()
        url = f"redis://:{quote(REDIS_PASSWORD, safe='')}@127.0.0.1:{self.redis_port}/0"
        super().__init__(folder, REDIS_URL=url, **settings)

    def redis_spec(self) -> ChildSpec:
        spec = super().redis_spec()
        port = ("--bind", "127.0.0.1", "--port", str(self.redis_port))
        return replace(spec, argv=[*spec.argv, *port, "--requirepass", REDIS_PASSWORD])


@contextmanager
def planted_hub(folder: Path) -> Iterator[Planted]:
    port, issued = free_port(), AUTHORITY.issue()
    settings = {"HI_FLOWER_PORT": str(port), "HI_LOG_LEVEL": "DEBUG", "HI_BACKUP_PASSPHRASE": PASSPHRASE}
    with (
        SimulatedHass.running(token=TOKEN, tls=issued.context) as source,
        running_hub(folder, GuardedHub, **settings) as hub,
    ):
        source.set_state(ALARM, "disarmed", code_format="text")
        source.set_state(LOCK, "locked", code_format="^c4n4ry.*$")
        source.set_state(TEXT, TEXTS[0], mode="password")
        specs = processes.home_specs(folder, hub.environment)
        hub.start_process(next(spec for spec in specs if spec.name == "flower"))
        link = urlsplit(next(word for word in hub.manage("sign_in_link").split() if word.startswith("http"))).path
        browser = _new_browser()
        hub.submit(browser, link, {})
        instance_id = _connect(hub, source, browser)
        _use(hub, source, instance_id)
        invitation = _invite(hub, browser)
        hub.manage("backup")
        secrets = {
            "the token": TOKEN,
            "a token that was refused": WRONG_TOKEN,
            "a code": CODE,
            "a code that was refused": WRONG_CODE,
            "a text that is a password": TEXTS[0],
            "that text as it was changed": TEXTS[1],
            "an API token": hub.token,
            "a sign-in link": link.rpartition("/")[2],
            "an invitation": invitation.rpartition("/")[2],
            "a person's password": PASSWORD,
            "a password that was refused": WRONG_PASSWORD,
            "a session": browser.cookies["hi_session"],
            "the passphrase of backups": PASSPHRASE,
            "Redis' password": REDIS_PASSWORD,
            "the key of what is encrypted": keys.read_key(folder / "keys" / keys.SECRET_KEY),
            "the key of sessions": keys.read_key(folder / "keys" / keys.DJANGO_KEY),
            "Flower's password": keys.read_key(folder / "keys" / keys.FLOWER_PASSWORD),
        }
        flower = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(flower), "Flower answers")
        yield Planted(hub, source, instance_id, flower, browser, secrets)


def _connect(hub: Hub, source: SimulatedHass, browser: requests.Session) -> int:
    """By a wrong token first, then by the right one, over a certificate that only the settings know."""
    given = {"label": "House", "url": source.url, "tls_check": "authority", "tls_authority": AUTHORITY.pem}
    answer = hub.submit(browser, "/integrations/add/hass", {**given, "token": WRONG_TOKEN})
    instance_id = int(re.search(r"/integrations/add/(\d+)/check", answer.url)[1])  # type: ignore[index]
    check = f"/integrations/add/{instance_id}/check"
    wait_until(lambda: "refused the token" in browser.get(hub.url + check, timeout=10).text, "it is refused")
    hub.submit(browser, f"/integrations/add/hass?draft={instance_id}", {**given, "token": TOKEN})
    wait_until(lambda: "Start mirroring" in browser.get(hub.url + check, timeout=10).text, "the test succeeds")
    hub.submit(browser, f"/integrations/{instance_id}/activate", {}, page=check)
    hub.wait_for_status(instance_id, "ACTIVE")
    return instance_id


def _use(hub: Hub, source: SimulatedHass, instance_id: int) -> None:
    """Commands with codes, syncs, trouble of every kind that tells of requests."""
    states = hub.states()
    for address, value, code in ((ALARM, "arm_away", WRONG_CODE), (LOCK, "unlocked", CODE)):
        command = hub.post("commands", {"state": states[address]["id"], "value": value, "code": code})
        assert hub.wait_for_command(command)["status"] == ("FAILED" if address == ALARM else "CONFIRMED")
    source.set_state(TEXT, TEXTS[1])
    for fault in (lambda: source.fail(500), lambda: source.fail(401), source.cut, lambda: source.answer_html()):
        fault()
        hub.wait_for_job(hub.post(f"integrations/{instance_id}/test"))
        source.heal()
    hub.nodes["redis"].kill()
    waiting = hub.post(f"integrations/{instance_id}/sync")
    hub.nodes["redis"].restart()
    hub.wait_for_job(waiting)


def _invite(hub: Hub, browser: requests.Session) -> str:
    """Somebody comes by an invitation, chooses a password, mistypes it, types it where the name belongs, and signs in.
    Returns the address of the invitation."""
    shown = hub.submit(browser, "/people/", {"name": "ben", "role": "member"}).text
    address = urlsplit(re.search(r'value="(http[^"]*/sign-in/[^"]*)"', shown)[1]).path  # type: ignore[index]
    guest = _new_browser()
    hub.submit(guest, address, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    guest.cookies.clear()
    for name, password in (("ben", WRONG_PASSWORD), (PASSWORD, WRONG_PASSWORD)):
        with pytest.raises(AssertionError, match="422"):
            hub.submit(guest, "/sign-in", {"username": name, "password": password})
    answer = hub.submit(guest, "/sign-in", {"username": "ben", "password": PASSWORD})
    assert urlsplit(answer.url).path == "/"
    return address


def _new_browser() -> requests.Session:
    browser = requests.Session()
    browser.trust_env = False
    return browser


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthcheck", timeout=2).status_code < 500
    except requests.RequestException:
        return False
