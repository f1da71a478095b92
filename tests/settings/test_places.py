import zoneinfo

import pytest

from hi.settings import places

pytestmark = pytest.mark.pure


def test_on_loopback_only_the_names_of_this_machine_are_allowed() -> None:
    hosts = places.allowed_hosts("127.0.0.1", "http://localhost:9411")
    assert {"localhost", "127.0.0.1", "[::1]"} <= set(hosts)
    assert not any(host in hosts for host in places.machine_addresses() if not places.is_loopback(host))


def test_beyond_loopback_the_addresses_of_this_machine_are_allowed_too() -> None:
    assert set(places.machine_addresses()) <= set(places.allowed_hosts("0.0.0.0", "http://localhost:9411"))


def test_the_public_name_is_allowed_and_trusted() -> None:
    hosts = places.allowed_hosts("127.0.0.1", "https://home.example")
    assert "home.example" in hosts
    assert "https://home.example" in places.trusted_origins(hosts, "https://home.example", 9411)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://localhost:9411"),
        ("0.0.0.0", "http://localhost:9411"),
        ("::", "http://localhost:9411"),
        ("192.0.2.5", "http://192.0.2.5:9411"),
        ("2001:db8::5", "http://[2001:db8::5]:9411"),
    ],
)
def test_the_shown_url_can_be_opened_on_this_machine(host: str, expected: str) -> None:
    assert places.base_url(host, 9411, https=False) == expected


def test_the_machine_has_a_time_zone_that_exists() -> None:
    assert zoneinfo.ZoneInfo(places.machine_time_zone())


def test_a_time_zone_that_does_not_exist_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Mars/Olympus")
    assert places.machine_time_zone() != "Mars/Olympus"
