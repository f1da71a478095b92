"""The one check of what a user enters."""

import pytest

from hi.integration.core.settings import SettingSpec, SettingType, clean_settings, clean_url
from hi.integration.exceptions import ConfigurationError

pytestmark = pytest.mark.pure
SPECS = (
    SettingSpec("url", "Address", SettingType.URL),
    SettingSpec("token", "Token", SettingType.SECRET),
    SettingSpec("note", "Note", required=False),
)


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("http://homeassistant.local:8123/", "http://homeassistant.local:8123"),
        ("  homeassistant.local:8123 ", "http://homeassistant.local:8123"),
        ("https://home.example/sub/path/", "https://home.example/sub/path"),
        ("http://[fd00::1]:8123", "http://[fd00::1]:8123"),
        ("HTTP://Server", "http://server"),
    ],
)
def test_an_address_is_brought_into_one_form(given: str, cleaned: str) -> None:
    assert clean_settings(SPECS, {"url": given, "token": "t"}, {})["url"] == cleaned


@pytest.mark.parametrize(
    "given",
    [
        "ftp://server",
        "http://",
        "http://user:secret@server",
        "http://server?x=1",
        "http://server#x",
        "http://169.254.169.254",
        "http://[fe80::1]",
        "http://[::ffff:169.254.169.254]",
        "http://0.0.0.0",
        "http://server:99999",
        "http://ser ver",
        "javascript:alert(1)",
    ],
)
def test_an_address_that_cannot_be_right_names_its_field(given: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        clean_url(given, field="url")
    assert caught.value.field == "url"


def test_an_empty_secret_keeps_the_stored_one() -> None:
    assert clean_settings(SPECS, {"url": "http://a", "token": ""}, {"token": "stored"})["token"] == "stored"


def test_a_missing_required_setting_is_an_error_and_a_missing_optional_one_is_not() -> None:
    with pytest.raises(ConfigurationError, match="Token is missing"):
        clean_settings(SPECS, {"url": "http://a"}, {})
    assert clean_settings(SPECS, {"url": "http://a", "token": "t"}, {})["note"] == ""


def test_an_optional_setting_can_be_emptied() -> None:
    assert clean_settings(SPECS, {"url": "http://a", "token": "t", "note": ""}, {"note": "old"})["note"] == ""


def test_an_overlong_value_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="longer than"):
        clean_settings(SPECS, {"url": "http://a", "token": "x" * 5000}, {})


def test_a_line_break_inside_a_value_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="line break"):
        clean_settings(SPECS, {"url": "http://a", "token": "one\ntwo"}, {})
