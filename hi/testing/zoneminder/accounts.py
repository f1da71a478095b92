"""Who may do what, and the tokens that say so: JSON Web Tokens, as the real server's."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from hi.testing.zoneminder.errors import ApiError

VIEWER_RIGHTS = {"monitors": "View", "events": "View", "system": "None"}


@dataclass(slots=True)
class User:
    """Rights are `None`, `View` or `Edit`."""

    name: str
    password: str = field(repr=False)
    monitors: str = "Edit"
    events: str = "Edit"
    system: str = "Edit"
    monitor_ids: frozenset[int] = frozenset()
    """The monitors it may see; none is all."""
    enabled: bool = True
    api_enabled: bool = True
    tokens_count_from: float = 0.0
    """Tokens that were issued before are revoked."""

    def may_see(self, monitor_id: int) -> bool:
        return not self.monitor_ids or monitor_id in self.monitor_ids


@dataclass(slots=True)
class Accounts:
    zone: ZoneInfo
    users: dict[str, User] = field(default_factory=dict)
    use_auth: bool = True
    use_api: bool = True
    use_legacy: bool = True
    """Whether `user` and `pass` go with any request, too."""
    has_hash_secret: bool = True
    access_seconds: float = 7200
    refresh_seconds: float = 86400
    issued: list[str] = field(default_factory=list, repr=False)
    """Every token that was given."""
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def sign_in(self, name: str, password: str) -> User:
        user = self.users.get(name)
        if user is None or not user.enabled:
            raise ApiError(401, f"Could not retrieve user {name} details")
        if not hmac.compare_digest(user.password.encode(), password.encode()):
            raise ApiError(401, f'Login denied for user "{name}"')
        return user

    def issue(self, user: User, now: datetime, with_refresh: bool) -> dict[str, Any]:
        if not self.has_hash_secret:
            raise ApiError(403, "Please create a valid AUTH_HASH_SECRET in ZoneMinder")
        kinds = {"access": self.access_seconds} | ({"refresh": self.refresh_seconds} if with_refresh else {})
        issued: dict[str, Any] = {}
        for kind, seconds in kinds.items():
            issued[f"{kind}_token"] = self._token(user, kind, now.timestamp(), seconds)
            issued[f"{kind}_token_expires"] = int(seconds)
        return issued | ({"credentials": "auth=", "append_password": 0} if self.use_legacy else {})

    def check(self, token: str, kind: str, now: datetime) -> User:
        claims = self._claims(token)
        if claims["iat"] > now.timestamp():
            issued_at = datetime.fromtimestamp(claims["iat"], UTC).astimezone(self.zone)
            raise ApiError(401, f"Cannot handle token prior to {issued_at:%Y-%m-%dT%H:%M:%S%z}")
        if claims["exp"] <= now.timestamp():
            raise ApiError(401, "Expired token")
        if claims["type"] != kind:
            raise ApiError(401, "Incorrect token type")
        user = self.users.get(claims["user"])
        if user is None or not user.enabled:
            raise ApiError(401, "No such user/credentials")
        if claims["iat"] < user.tokens_count_from:
            raise ApiError(401, "Token revoked. Please re-generate")
        return user

    def _token(self, user: User, kind: str, issued: float, seconds: float) -> str:
        claims = {"iss": "ZoneMinder", "iat": issued, "exp": issued + seconds, "user": user.name, "type": kind}
        text = _encode(orjson.dumps({"typ": "JWT", "alg": "HS256"})) + "." + _encode(orjson.dumps(claims))
        self.issued.append(f"{text}.{self._signature(text)}")
        return self.issued[-1]

    def _signature(self, text: str) -> str:
        return _encode(hmac.new(self.secret, text.encode(), hashlib.sha256).digest())

    def _claims(self, token: str) -> Mapping[str, Any]:
        text, _, signature = token.rpartition(".")
        if token.count(".") != 2:
            raise ApiError(401, "Wrong number of segments")
        if not hmac.compare_digest(signature.encode(), self._signature(text).encode()):
            raise ApiError(401, "Signature verification failed")
        claims: Mapping[str, Any] = orjson.loads(base64.urlsafe_b64decode(text.partition(".")[2] + "=="))
        return claims


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
