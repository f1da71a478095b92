from hi.entity.models.controller import Controller
from hi.entity.models.entity import Entity
from hi.entity.models.entity_attribute import EntityAttribute
from hi.entity.models.entity_file import EntityFile
from hi.entity.models.entity_state import EntityState
from hi.entity.models.location import Location
from hi.entity.models.sensor import Sensor
from hi.entity.models.state_history import StateHistory

__all__ = [
    "Controller",
    "Entity",
    "EntityAttribute",
    "EntityFile",
    "EntityState",
    "Location",
    "Sensor",
    "StateHistory",
]
