"""What people add to a thing, through the API and the pages: all that hi keeps for them."""

import re
from dataclasses import dataclass
from typing import Any

import requests

from tests.e2e.hub import Hub

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400


@dataclass(frozen=True)
class Addition:
    """A thing with its own name, kind, place, notes, facts and file, given it by people."""

    hub: Hub
    browser: requests.Session
    entity_id: int
    name: str
    location: str

    @classmethod
    def make(cls, hub: Hub, entity_id: int, name: str, location: str) -> "Addition":
        places = {place["name"]: place["id"] for place in hub.get_all("locations")}
        given = {"name": name, "entity_type": "alarm", "location_id": places[location], "notes": f"About {name}.\nTwo"}
        send(hub, "PATCH", f"entities/{entity_id}", given)
        send(hub, "PUT", f"entities/{entity_id}/attributes/Filter changed", {"value": "2026-11-01"})
        browser = hub.browser()
        page = f"{hub.url}/things/{entity_id}/files"
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(page, timeout=20).text)
        assert token
        answer = browser.post(
            page,
            data={"csrfmiddlewaretoken": token[1]},
            files={"file": ("manual.png", PICTURE)},
            headers={"Referer": page},
            timeout=20,
        )
        assert answer.ok, answer.text[:500]
        made = cls(hub, browser, entity_id, name, location)
        assert made.losses() == {}
        return made

    def losses(self) -> dict[str, Any]:
        """What of it is not as it was added; empty when all is."""
        thing = self.hub.get(f"entities/{self.entity_id}")
        (file,) = thing["files"] or [{"id": 0, "name": "", "size": 0}]
        address = f"{self.hub.url}/things/{self.entity_id}/files/{file['id']}/"
        wanted = {
            "name": self.name,
            "entity_type": "alarm",
            "location": self.location,
            "notes": f"About {self.name}.\nTwo",
            "attributes": {"Filter changed": "2026-11-01"},
        }
        found = {key: thing[key] for key, value in wanted.items() if thing[key] != value}
        if file["name"] != "manual.png" or self.browser.get(address, timeout=20).content != PICTURE:
            found["file"] = file
        return found


def send(hub: Hub, method: str, path: str, body: dict[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {hub.token}"}
    answer = hub.session.request(method, f"{hub.url}/api/v1/{path}", json=body, headers=headers, timeout=20)
    assert answer.ok, (path, answer.status_code, answer.text)
    return answer.json()
