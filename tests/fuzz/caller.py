"""Who calls: what the run of one caller gets to know, by its environment."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hi.accounts.roles import Role, Scope

VARIABLE = "HI_FUZZ_CALLER"
# A token with the widest scope is held by the role of its owner alone; an admin's by its scope alone.
KINDS: dict[str, tuple[str, str]] = {
    "nobody": ("", ""),
    "viewer": (Role.VIEWER, Scope.ADMIN),
    "member": (Role.MEMBER, Scope.ADMIN),
    "operator": (Role.OPERATOR, Scope.ADMIN),
    "admin-reads": (Role.ADMIN, Scope.READ),
    "admin-operates": (Role.ADMIN, Scope.OPERATE),
    "admin": (Role.ADMIN, Scope.ADMIN),
}


@dataclass(frozen=True)
class Caller:
    """`reach`: the role as which it may act, by its own role and the token's scope; "" without a token."""

    name: str
    reach: str
    database: str
    tally: str
    token: str = ""
    keep: dict[str, list[int]] = field(default_factory=dict)

    @property
    def database_file(self) -> Path:
        return Path(self.database)

    def may(self, need: str) -> bool:
        roles = list(Role)
        return bool(self.reach) and roles.index(Role(self.reach)) >= roles.index(Role(need))

    def to_environment(self) -> dict[str, str]:
        return {VARIABLE: json.dumps(asdict(self))}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Caller":
        return cls(**json.loads(environment[VARIABLE]))
