"""A state that can be set, and a system that sets it, for the tests of this folder."""

from collections.abc import Callable
from typing import Any

from hi.accounts.models import User
from hi.entity.enums import ControlType
from hi.entity.models import EntityState
from hi.integration import commands
from hi.integration.command_run import CommandRun
from hi.integration.commander import Commander, Order, PreparedOrder
from hi.integration.live import LiveApplier
from hi.integration.models import Command, IntegrationInstance
from tests.factories import ControllerFactory, EntityStateFactory, UserFactory, mirror
from tests.integration.home import listen_lease


def nothing() -> None:
    pass


class FarEnd(Commander):
    """What it is told is in `sent`. `on_prepare` and `on_send` are what happens there meanwhile."""

    def __init__(self, *, expected: tuple[str, ...] | None = None, **answers: Any) -> None:
        """`answers`: what else `PreparedOrder` says of the answer that is waited for."""
        super().__init__({})
        self.expected, self.answers = expected, answers
        self.prepared: list[Order] = []
        self.sent: list[Order] = []
        self.on_prepare: Callable[[], object] = nothing
        self.on_send: Callable[[], object] = nothing
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True

    def prepare(self, order: Order) -> PreparedOrder:
        self.prepared.append(order)
        self.on_prepare()
        expected = (order.value,) if self.expected is None else self.expected
        return PreparedOrder(expected, call=order, **self.answers)

    def send(self, prepared: PreparedOrder) -> None:
        self.sent.append(prepared.call)
        self.on_send()

    def carry_out(self, command: Command) -> Command:
        """As the control worker does with the command's message. Returns the command as it is then."""
        run = CommandRun.claim(str(command.pk), "control@house")
        if run is not None:
            run.carry_out(lambda _instance: self)
        return Command.objects.get(pk=command.pk)


def raising(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def make_state(instance: IntegrationInstance, control: ControlType = ControlType.TOGGLE, **columns: Any) -> EntityState:
    bounds = {name: columns.pop(name) for name in ("options", "code_format", "minimum", "maximum") if name in columns}
    state = EntityStateFactory(**columns)
    ControllerFactory(state=state, control=control, **bounds)
    mirror(state.entity, instance)
    return state


def ask(state: EntityState, value: str = "on", *, user: User | None = None, code: str = "") -> Command:
    """Each time with a key of its own."""
    return commands.request(state, value, user=user or UserFactory(), key=f"{Command.objects.count()}", code=code)


def listen(instance: IntegrationInstance) -> LiveApplier:
    applier = LiveApplier(listen_lease(instance))
    applier.load()
    return applier


def address(state: EntityState) -> str:
    return str(state.links.get().address)
