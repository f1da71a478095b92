"""What cameras see, on pages: each picture by an address of the console, which leads on to it (`views/camera.py`)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from hi.entity.models import Entity, EntityState
from hi.integration.cameras import list_pictured


@dataclass(frozen=True, slots=True)
class Camera:
    """One state that a camera stands behind."""

    state: EntityState
    is_recorded: bool

    @property
    def key(self) -> str:
        return str(self.state.pk)

    @property
    def name(self) -> str:
        return str(self.state.name)

    @property
    def url(self) -> str:
        return reverse("console:thing-camera", args=[self.state.entity_id, self.state.pk])


def list_cameras(entities: Iterable[Entity]) -> dict[int, list[Camera]]:
    """Thing's id -> its cameras, the primary one first, of things whose states are prefetched: one statement."""
    states = [state for entity in entities for state in entity.states.all()]
    pictured = list_pictured(states)
    found: dict[int, list[Camera]] = {}
    for state in states:
        if state.pk in pictured:
            found.setdefault(state.entity_id, []).append(Camera(state, pictured[state.pk]))
    return found
