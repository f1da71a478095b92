from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from hi.settings import env

pytestmark = pytest.mark.pure

Put = Callable[[str, str], None]


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Put:
    return monkeypatch.setenv


def test_an_empty_variable_counts_as_unset(put: Put) -> None:
    put("HI_X", " ")
    assert env.text("HI_X", "default") == "default"
    assert env.integer("HI_X", 3) == 3
    assert env.flag("HI_X", True) is True


@pytest.mark.parametrize("value", ["ten", "1.5", "-1"])
def test_a_bad_number_is_refused_by_name(put: Put, value: str) -> None:
    put("HI_X", value)
    with pytest.raises(ImproperlyConfigured, match="HI_X"):
        env.integer("HI_X", 3)


@pytest.mark.parametrize("value", ["nan", "-0.1", "soon"])
def test_a_bad_duration_is_refused_by_name(put: Put, value: str) -> None:
    put("HI_X", value)
    with pytest.raises(ImproperlyConfigured, match="HI_X"):
        env.number("HI_X", 3)


@pytest.mark.parametrize("value", ["0", "65536", "http"])
def test_a_bad_port_is_refused_by_name(put: Put, value: str) -> None:
    put("HI_X", value)
    with pytest.raises(ImproperlyConfigured, match="HI_X"):
        env.port("HI_X", 80)


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("Yes", True), ("off", False), ("0", False)])
def test_a_flag_is_read(put: Put, value: str, expected: bool) -> None:
    put("HI_X", value)
    assert env.flag("HI_X") is expected


def test_a_secret_may_stand_in_a_file(put: Put, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    put("HI_X_FILE", str(tmp_path / "secret"))
    assert env.secret("HI_X") == "s3cret"


def test_a_secret_file_that_is_not_there_is_refused_by_name(put: Put) -> None:
    put("HI_X_FILE", "/no/such/file")
    with pytest.raises(ImproperlyConfigured, match="HI_X_FILE names /no/such/file"):
        env.secret("HI_X")


def test_a_database_url_is_taken_apart() -> None:
    found = env.database_from_url("postgres://us%40er:p%2Fw@db:5433/hi?sslmode=require")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "us@er",
        "p/w",
        "db",
        "5433",
        "hi",
    )
    assert found["OPTIONS"]["sslmode"] == "require"


def test_a_database_url_may_name_a_socket_folder() -> None:
    found = env.database_from_url("postgresql://hi@/hi?host=/run/postgresql")
    assert (found["HOST"], found["PORT"]) == ("/run/postgresql", "")
    assert "host" not in found["OPTIONS"]


@pytest.mark.parametrize(
    "url", ["mysql://u:canary@h/d", "postgres://u:canary@h", "postgres://u:canary@h:x/d", "canary"]
)
def test_a_bad_database_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        env.database_from_url(url)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://:canary#1@h:6379/0",
        "redis://:1234#canary@h",
        "redis://hi:12#canary@h",
        "redis://:can/ary@h",
        "h:6379",
        "http://:canary@h",
    ],
)
def test_a_bad_redis_url_is_refused_without_its_password(put: Put, url: str) -> None:
    put("REDIS_URL", url)
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL must look like redis://:password@host") as caught:
        env.redis_url()
    assert "can" not in str(caught.value)


def test_the_redis_url_is_the_one_that_a_running_supervisor_noted(put: Put, tmp_path: Path) -> None:
    put("REDIS_URL", "")
    put("HI_DATA_DIR", str(tmp_path))
    assert env.redis_url() == "redis://127.0.0.1:6379/0"
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "redis.url").write_text("unix:///x/redis.sock")
    assert env.redis_url() == "unix:///x/redis.sock"
    put("REDIS_URL", "redis://elsewhere")
    assert env.redis_url() == "redis://elsewhere"


def test_a_socket_lies_in_a_folder_or_behind_a_port(put: Put, tmp_path: Path) -> None:
    assert env.socket_address("HI_X", tmp_path / "x.sock") == f"unix:{tmp_path}/x.sock"
    for good in ("media:9415", "[::1]:9415", "unix:/run/x.sock"):
        put("HI_X", good)
        assert env.socket_address("HI_X", tmp_path) == good
    for bad in ("media", ":9415", "media:0", "media:70000", "unix:x.sock"):
        put("HI_X", bad)
        with pytest.raises(ImproperlyConfigured, match="HI_X must look like host:9415 or unix:/path/of"):
            env.socket_address("HI_X", tmp_path)


def test_a_time_zone_that_is_none_is_refused_by_name(put: Put) -> None:
    put("HI_X", "Europe/Berlin")
    assert env.time_zone("HI_X") == "Europe/Berlin"
    put("HI_X", "Mars")
    with pytest.raises(ImproperlyConfigured, match="HI_X must be a time zone such as"):
        env.time_zone("HI_X")
