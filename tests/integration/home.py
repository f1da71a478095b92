"""A small described home and what applies it, for the tests of this folder."""

from datetime import UTC, datetime, timedelta

from hi.entity.enums import ControlType, EntityStateType, EntityType, LocationKind, Quality
from hi.integration import leadership, leases, sweep
from hi.integration.core.plan import ItemKey
from hi.integration.core.specs import ControllerSpec, EntitySpec, LocationSpec, SensorSpec, StateSpec, Structure
from hi.integration.core.values import StateValue
from hi.integration.enums import DesiredState, IntegrationStatus, LeaseRole
from hi.integration.models import IntegrationInstance
from hi.integration.synchronizer import EntitySynchronizer, SyncResult, Tell

FLOOR = LocationSpec("floor:0", "Ground floor", LocationKind.FLOOR)
KITCHEN = LocationSpec("area:kitchen", "Kitchen", LocationKind.ROOM, parent_key="floor:0")


def lamp(name: str = "Kitchen light", *, key: str = "lamp", room: str = KITCHEN.key) -> EntitySpec:
    return EntitySpec(
        key=key,
        name=name,
        entity_type=EntityType.LIGHT,
        location_key=room,
        details={"Maker": "Lumen"},
        states=(
            StateSpec(
                key=f"{key}-light",
                address=f"light.{key}",
                aspect="light",
                name="Light",
                state_type=EntityStateType.ON_OFF,
                is_primary=True,
                controller=ControllerSpec(ControlType.TOGGLE),
            ),
            StateSpec(
                key=f"{key}-power",
                address=f"sensor.{key}_power",
                aspect="power",
                name="Power",
                state_type=EntityStateType.POWER,
                sensor=SensorSpec("power", precision=1),
            ),
        ),
    )


def home(*things: EntitySpec, complete: bool = True) -> Structure:
    return Structure(entities=things or (lamp(),), locations=(FLOOR, KITCHEN), complete=complete)


class Described(EntitySynchronizer):
    """A synchronizer whose service is a Structure in memory."""

    structure = Structure()

    def fetch(self, tell: Tell) -> Structure:
        return self.structure


def make_instance(**columns: object) -> IntegrationInstance:
    values: dict[str, object] = {
        "integration_type": "absent",
        "label": "House",
        "desired_state": DesiredState.ACTIVE,
        "status": IntegrationStatus.ACTIVE,
    }
    return IntegrationInstance.objects.create(**{**values, **columns})


def sync(instance: IntegrationInstance, structure: Structure, approved: set[ItemKey] | None = None) -> SyncResult:
    lease = leases.acquire(instance.pk, LeaseRole.SYNC, "test", 60)
    assert lease is not None
    try:
        return Described(instance).apply(structure, lease, approved=approved or set())
    finally:
        leases.release(lease)
        instance.refresh_from_db()


def listen_lease(instance: IntegrationInstance, holder: str = "listener") -> leases.HeldLease:
    lease = leases.acquire(instance.pk, LeaseRole.LISTEN, holder, 60)
    assert lease is not None
    return lease


NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def reading(
    address: str, value: str | None, *, seconds: float = 0, quality: Quality = Quality.GOOD, unit: str = ""
) -> StateValue:
    return StateValue(address, value, unit, quality, NOON + timedelta(seconds=seconds))


STEP = 4


class Sweeping:
    """A leader that sweeps every few seconds of a clock of its own."""

    def __init__(self) -> None:
        self._now = 0.0
        self._sweeper = sweep.Sweeper(lambda: self._now)
        leading = leadership.Candidate("beat", "tests", 15, lambda: self._now).lead()
        assert leading is not None
        self._leading = leading

    def sweep(self, after: float = 0) -> None:
        """Sweep once more, so many seconds later."""
        for _step in range(int(after // STEP)):
            self._now += STEP
            self._sweeper.sweep(self._leading)
        self._now += after % STEP
        self._sweeper.sweep(self._leading)
