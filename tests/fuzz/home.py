"""A home with something of everything that the API tells of, and the ids of it: what nobody guesses."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hi.testing.hass import SimulatedHass, home
from hi.testing.hass.catalogue import lamp
from tests.e2e.hub import Hub
from tests.e2e.process import wait_until

Ids = dict[str, list[Any]]
MAKE_TOKEN = """
from hi.accounts.models import ApiToken, User
user, _is_new = User.objects.get_or_create(username={name!r}, defaults={{"role": {role!r}}})
text = ApiToken.issue(user, {name!r}, {scope!r})
print(user.pk, ApiToken.live(user).first().pk, text)
"""


class World:
    """The hub with one home that stays, and for each caller one more to do away with."""

    def __init__(self, hub: Hub, source: SimulatedHass) -> None:
        self.hub = hub
        self.main = self._connect(source, "House")
        self.lamp: int = self._read_ids(f"entities?integration={self.main}&type=light")[0]

    def make_token(self, name: str, role: str, scope: str) -> tuple[int, int, str]:
        """Whose it is, its id and its text."""
        words = self.hub.manage("shell", "--no-imports", "-c", MAKE_TOKEN.format(name=name, role=role, scope=scope))
        person, token, text = words.split()
        return int(person), int(token), text

    @contextmanager
    def spare(self, caller: str) -> Iterator[Ids]:
        """Something of everything that can be used up, and the ids of it all."""
        with SimulatedHass.running(token="a-token-for-tests", home=home.sized(60, f"spare {caller}")) as source:
            instance = self._connect(source, f"Spare of {caller}")
            self._send("PUT", f"integrations/{instance}/selection", {"new_things": "ask"})
            self._lose_most(source, instance)
            self._add_to_a_thing(caller)
            person, token, _text = self.make_token(f"guest-of-{caller}", "viewer", "read")
            yield self._list_ids(instance) | {
                "person_id": [person],
                "token_id": [token],
                "url": [source.url],
                "token": [source.token],
            }

    def _connect(self, source: SimulatedHass, label: str) -> int:
        settings = {"url": source.url, "token": source.token}
        body = {"integration_type": "hass", "label": label, "settings": settings}
        job = self.hub.wait_for_job(self._send("POST", "integrations", body))
        instance: int = job["integration_id"]
        self.hub.wait_for_status(instance, "ACTIVE")
        return instance

    def _lose_most(self, source: SimulatedHass, instance: int) -> None:
        """So much that a person is asked. Beside it a new thing waits for somebody to decide."""
        states = sorted(source.states())
        for entity_id in states[: len(states) // 2]:
            source.remove_entity(entity_id)
        source.add_device(lamp("New lamp", None))
        self.hub.wait_for_job(self.hub.post(f"integrations/{instance}/sync"))
        wait_until(lambda: self.hub.get("repairs")["items"], "a repair waits")

    def _add_to_a_thing(self, caller: str) -> None:
        thing = self.thing["id"]
        self._send("PUT", f"entities/{thing}/attributes/colour", {"value": "red"})
        self._send("POST", "locations", {"name": f"Shed of {caller}", "kind": "room"})
        answer = self.hub.session.post(
            f"{self.hub.url}/api/v1/entities/{thing}/files",
            files={"file": ("manual.txt", b"Turn it on.", "text/plain")},
            headers={"Authorization": f"Bearer {self.hub.token}"},
            timeout=10,
        )
        assert answer.status_code == 201, answer.text
        state = next(state for state in self.thing["states"] if state["is_primary"])
        self.hub.wait_for_command(self.hub.post("commands", {"state": state["id"], "value": "on"}))

    @property
    def thing(self) -> Any:
        return self.hub.get(f"entities/{self.lamp}")

    def _list_ids(self, spare: int) -> Ids:
        """By the names of parameters. What belongs to a thing is that of `thing`, so that the ids fit together."""
        read, thing = self._read_ids, self.thing
        places = self.hub.get_all("locations")
        return {
            "integration_id": [self.main, spare],
            "entity_id": [thing["id"], read(f"entities?integration={spare}")[0]],
            "state_id": [state["id"] for state in thing["states"]],
            "file_id": [file["id"] for file in thing["files"]],
            "command_id": read("commands"),
            "job_id": read("jobs"),
            "run_id": read(f"integrations/{self.main}/runs") + read(f"integrations/{spare}/runs"),
            "repair_id": read(f"repairs?integration={spare}"),
            "seen_at": [repair["updated_at"] for repair in self.hub.get(f"repairs?integration={spare}")["items"]],
            "item": read(f"integrations/{spare}/inbox"),
            "location_id": [place["id"] for place in places if place["is_own"]] + [places[0]["id"]],
            "settable": self._list_settable(),
            "name": ["colour", "Bought in"],
        }

    def _list_settable(self) -> list[int]:
        sql = "SELECT state_id FROM entity_controller WHERE control = 'toggle' OR code_format <> '' OR asks_first"
        return [row[0] for row in self.hub.query(sql)]

    def _read_ids(self, path: str) -> list[Any]:
        return [item["id"] for item in self.hub.get(path)["items"]]

    def _send(self, method: str, path: str, body: dict[str, Any]) -> Any:
        answer = self.hub.session.request(
            method,
            f"{self.hub.url}/api/v1/{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.hub.token}"},
            timeout=10,
        )
        assert answer.ok, (path, answer.status_code, answer.text)
        return answer.json()
