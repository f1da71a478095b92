import pytest

from hi.integration.core.addresses import get_origin, may_be_in_a_home

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.169.254.",
        "2852039166",
        "0xA9FEA9FE",
        "0251.0376.0251.0376",
        "0xa9.254.43518",
        "\uff11\uff16\uff19\u3002254\u3002169.254",
        "fe80::1",
        "fe80::1%eth0",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::169.254.169.254",
        "2002:a9fe:a9fe::1",
        "0.0.0.0",
        "0.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "fd00:c1::a9fe:a9fe",
        "0",
        "::",
        "224.0.0.251",
        "ff02::fb",
    ],
)
def test_a_link_local_or_meaningless_address_is_refused_however_it_is_written(host: str) -> None:
    assert not may_be_in_a_home(host)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "::1",
        "::ffff:192.168.1.20",
        "10.0.0.1",
        "192.168.1.20",
        "172.16.0.1",
        "100.64.0.1",
        "fd00::1",
        "2001:db8::1",
        "8.8.8.8",
        "localhost",
        "hub.local",
        "169.254.example",
        "x" * 70,
        "",
    ],
)
def test_loopback_private_and_public_addresses_and_every_name_may_be_in_a_home(host: str) -> None:
    assert may_be_in_a_home(host)


def test_an_origin_names_its_port() -> None:
    assert get_origin("https://Hub.local/x") == get_origin("https://hub.local:443") == ("https", "hub.local", 443)
    assert get_origin("http://[fd00::1]:8123") == ("http", "fd00::1", 8123)
