"""Typed readers of environment variables: every setting of hi comes in through one of these.

An empty variable counts as unset, as `docker compose` passes one for each `${NAME:-}`. A value that can't be read
raises ImproperlyConfigured naming the variable, never quoting the value of a secret.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent.parent


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def integer(name: str, default: int, minimum: int = 0) -> int:
    value = text(name)
    try:
        number_read = int(value) if value else default
    except ValueError as err:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from err
    if number_read < minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum}, not {number_read}.")
    return number_read


def number(name: str, default: float, minimum: float = 0.0) -> float:
    value = text(name)
    try:
        number_read = float(value) if value else default
    except ValueError as err:
        raise ImproperlyConfigured(f"{name} must be a number, not {value!r}.") from err
    if not number_read >= minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum}, not {number_read}.")
    return number_read


def port(name: str, default: int) -> int:
    value = integer(name, default, minimum=1)
    if value > 65535:
        raise ImproperlyConfigured(f"{name} must be a port number up to 65535, not {value}.")
    return value


def socket_address(name: str, default: Path) -> str:
    """`unix:/path/of.sock` or `host:port`."""
    value = text(name, f"unix:{default}")
    _host, _colon, number_read = value.rpartition(":")
    if not value.startswith("unix:/") and not (_host and number_read.isdecimal() and 0 < int(number_read) < 65536):
        raise ImproperlyConfigured(f"{name} must look like host:9415 or unix:/path/of.sock, not {value!r}.")
    return value


def flag(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def time_zone(name: str) -> str:
    """An IANA name, or "" where unset."""
    value = text(name)
    try:
        if value:
            ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as err:
        raise ImproperlyConfigured(f"{name} must be a time zone such as Europe/Berlin, not {value!r}.") from err
    return value


def items(name: str) -> list[str]:
    """The parts of a comma-separated list, blanks dropped."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def secret(name: str) -> str:
    """NAME, or the content of the file that NAME_FILE names (the way containers hand over secrets)."""
    path = text(f"{name}_FILE")
    if not path:
        return text(name)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as err:
        raise ImproperlyConfigured(f"{name}_FILE names {path}, which can't be read: {err}.") from err


def is_set(name: str) -> bool:
    """Whether `secret` finds anything."""
    return bool(text(name) or text(f"{name}_FILE"))


def secret_file(name: str, default: Path) -> Path | None:
    """Where `secret` finds it: the file that NAME_FILE names, `default` where nothing is configured, None for a value
    that stands in the environment itself."""
    path = text(f"{name}_FILE")
    return Path(path) if path else None if text(name) else default


def data_dir() -> Path:
    """The folder that holds all state: databases, Redis data, keys, logs. Not created here."""
    return Path(text("HI_DATA_DIR", str(ROOT / "var"))).expanduser().absolute()


def redis_url() -> str:
    """REDIS_URL, else the embedded server that a supervisor started for this data folder, else the usual port."""
    return configured_redis_url() or _read_note("redis.url") or "redis://127.0.0.1:6379/0"


def configured_redis_url() -> str:
    """REDIS_URL, or "" where it is not set."""
    configured = secret("REDIS_URL")
    if configured and not _is_redis_url(configured):
        raise ImproperlyConfigured(
            "REDIS_URL must look like redis://:password@host:6379/0, rediss://… or unix:///path/of.sock,"
            " with what is special in a password written as %23 for #."
        )
    return configured


def _is_redis_url(url: str) -> bool:
    """Looked at before anybody connects: whoever finds the error then quotes what stands where the port should, which
    after a password with a # in it is the password."""
    try:
        parts = urlsplit(url)
        is_cut_off = "#" in url or (parts.scheme != "unix" and "@" in parts.path + parts.query)
        is_named = parts.port is None or bool(parts.hostname)
        return parts.scheme in {"redis", "rediss", "unix"} and is_named and not is_cut_off
    except ValueError:
        return False


def running_url() -> str:
    """The address of the hi that a supervisor runs from this data folder now; "" where none does."""
    return _read_note("hi.url")


def _read_note(name: str) -> str:
    try:
        return (data_dir() / "run" / name).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def database_from_url(url: str) -> dict[str, Any]:
    """Django's settings of a `postgres://user:password@host:port/name?sslmode=…` URL."""
    hint = "HI_DATABASE_URL must look like postgres://user:password@host:5432/name"
    try:
        parts = urlsplit(url)
        port_number = parts.port
    except ValueError:
        # `from None`: the message of urlsplit may quote the password.
        raise ImproperlyConfigured(hint + ".") from None
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not name:
        raise ImproperlyConfigured(hint + ".")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    # A socket folder can't stand where a host name does, so libpq's own spelling `?host=/run/…` is honoured.
    host = options.pop("host", "") or unquote(parts.hostname or "")
    options.setdefault("connect_timeout", "5")
    # A server that vanished without a word is noticed within seconds, not after the system's quarter of an hour.
    for option, value in {
        "keepalives_idle": "5",
        "keepalives_interval": "5",
        "keepalives_count": "3",
        "tcp_user_timeout": "20000",
    }.items():
        options.setdefault(option, value)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port_number or ""),
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": True,
    }
