"""Who asks, from which terminal."""

from dataclasses import dataclass

from django.db import DatabaseError

from hi.accounts.administrator import find_administrator
from hi.accounts.models import User
from hi.accounts.roles import NotAllowed, Permission
from hi.cli.refusal import FAILED, RefusalError
from hi.cli.terminal import Terminal
from hi.utils.system_account import get_account


@dataclass(frozen=True, slots=True)
class Session:
    """`user` is the account of hi that is asked for; `way` tells in the audit how it reached hi, and from whom."""

    terminal: Terminal
    user: User
    way: str

    def require(self, permission: Permission) -> None:
        """Raises NotAllowed."""
        if not self.user.may(permission):
            raise NotAllowed(permission, self.user.role)


def open_session(terminal: Terminal, as_user: str) -> Session:
    return Session(terminal, _find_user(as_user), f"{get_account()}, command line")


def _find_user(name: str) -> User:
    """The first administrator, where nobody is named."""
    try:
        if not name:
            found = find_administrator()
            if found is None:
                raise RefusalError("There is no administrator here yet.", hint="Start hi once: make run", code=FAILED)
            return found
        return User.objects.get(username=name, is_active=True)
    except User.DoesNotExist:
        names = User.objects.filter(is_active=True).order_by("username").values_list("username", flat=True)
        raise RefusalError(f"There is nobody called {name}.", hint=f"There is {', '.join(names[:20])}.") from None
    except DatabaseError as err:
        raise RefusalError(
            "hi has not been set up here yet, or its data cannot be read.",
            hint="Start it once: make run. Where HI_DATA_DIR is set for hi, set it here too.",
            code=FAILED,
        ) from err
