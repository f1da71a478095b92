"""The one check of what a user enters."""

import pytest

from hi.integration.core.settings import (
    SettingSpec,
    SettingType,
    clean_certificates,
    clean_fingerprint,
    clean_settings,
    clean_token,
    clean_url,
)
from hi.integration.exceptions import ConfigurationError
from tests.certificates import Authority

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
        ("http://straße.example:8123", "http://xn--strae-oqa.example:8123"),
        ("http://Küche.local", "http://xn--kche-0ra.local"),
        ("http://hub_1.local", "http://hub_1.local"),
        ("http://server/zm/?view=console#top", "http://server/zm"),
        ("http://server/zm/index.php?view=console", "http://server/zm"),
        ("http://server/index.html", "http://server"),
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
        "http://169.254.169.254",
        "http://[fe80::1]",
        "http://[::ffff:169.254.169.254]",
        "http://2852039166",
        "http://0xa9fea9fe",
        "http://0251.0376.0251.0376",
        "http://169.254.43518",
        "http://0.0.0.0",
        "http://１６９。254。169.254",
        "http://a\u200bb.local",
        "http://server:99999",
        "http://ser ver",
        "javascript:alert(1)",
    ],
)
def test_an_address_that_cannot_be_right_names_its_field(given: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        clean_url(given, field="url")
    assert caught.value.field == "url"


@pytest.mark.parametrize(
    "given",
    ["http://hub:8123/lovelace/0", "hub:8123/lovelace/0?kiosk#x", "http://hub:8123/", "http://hub:8123?edit=1"],
)
def test_what_was_pasted_along_is_left_out_of_an_address_without_a_path(given: str) -> None:
    assert clean_url(given, has_path=False) == "http://hub:8123"


@pytest.mark.parametrize(
    "given", ["ftp://hub/x", "http://user:secret@hub/x", "http://169.254.169.254/x", "http://2852039166?x", "/path"]
)
def test_leaving_out_the_path_makes_no_wrong_address_right(given: str) -> None:
    with pytest.raises(ConfigurationError):
        clean_url(given, has_path=False)


@pytest.mark.parametrize("given", ["http://ser ver", "my server:8123", "http://192.168.1.20 :8123"])
def test_an_address_with_a_space_is_told_so(given: str) -> None:
    with pytest.raises(ConfigurationError, match="no spaces"):
        clean_url(given)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ConfigurationError, match=r"Address is missing\. Token is missing\.") as caught:
        clean_settings(SPECS, {"url": "", "token": ""}, {})
    assert [one.field for one in caught.value.each] == ["url", "token"]


STORED = {"url": "http://a:8123/path", "token": "stored"}


@pytest.mark.parametrize("given", [{}, {"url": "http://a:8123"}, {"url": "HTTP://A:8123/other", "note": "new"}])
def test_an_empty_secret_keeps_the_stored_one(given: dict[str, str]) -> None:
    assert clean_settings(SPECS, {**given, "token": " "}, STORED)["token"] == "stored"


def test_a_port_that_is_the_schemes_own_is_no_other_server() -> None:
    stored = {"url": "https://a", "token": "stored"}
    assert clean_settings(SPECS, {"url": "https://a:443"}, stored)["token"] == "stored"


@pytest.mark.parametrize("url", ["http://b:8123", "http://a:8124", "https://a:8123", "http://a"])
def test_a_secret_is_asked_for_again_before_it_goes_to_another_server(url: str) -> None:
    with pytest.raises(ConfigurationError, match="enter it again") as caught:
        clean_settings(SPECS, {"url": url, "token": ""}, STORED)
    assert caught.value.field == "token"
    assert "stored" not in str(caught.value).replace("The stored one", "")
    assert clean_settings(SPECS, {"url": url, "token": "new"}, STORED)["token"] == "new"


def test_a_secret_that_was_never_given_is_not_asked_for_again() -> None:
    specs = (SPECS[0], SettingSpec("password", "Password", SettingType.SECRET, required=False))
    assert clean_settings(specs, {"url": "http://b"}, {"url": "http://a", "password": ""})["password"] == ""


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


AUTHORITY = Authority().pem
SHARED = (
    SettingSpec(
        "check", "Check", SettingType.CHOICE, required=False, default="known", choices=(("known", "K"), ("own", "O"))
    ),
    SettingSpec("authority", "Authority", SettingType.CERTIFICATES, required=False, required_if=("check", "own")),
    SettingSpec("pin", "Pin", SettingType.FINGERPRINT, required=False),
)
PIN = ":".join(["AB", "01"] * 16)


def test_a_choice_is_one_of_those_offered() -> None:
    assert clean_settings(SHARED, {}, {})["check"] == "known"
    assert clean_settings(SHARED, {"check": "known"}, {"check": "own", "authority": AUTHORITY})["check"] == "known"
    with pytest.raises(ConfigurationError, match="Check: choose one of known, own") as caught:
        clean_settings(SHARED, {"check": "never"}, {})
    assert caught.value.field == "check"


def test_what_a_choice_needs_is_asked_for_with_it_alone() -> None:
    assert clean_settings(SHARED, {"check": "known"}, {})["authority"] == ""
    with pytest.raises(ConfigurationError, match=r"Authority is missing\.") as caught:
        clean_settings(SHARED, {"check": "own"}, {})
    assert caught.value.field == "authority"


def test_certificates_are_found_in_what_was_pasted_around_them() -> None:
    pasted = f"Certificate:\r\n  Data: 1\r\n{AUTHORITY}\r\n{AUTHORITY}bye".replace("\n", "\r\n")
    assert clean_certificates(pasted) == f"{AUTHORITY.strip()}\n{AUTHORITY.strip()}"


@pytest.mark.parametrize(
    "text", ["hello", AUTHORITY[:200], AUTHORITY.replace("M", "A"), AUTHORITY.replace("\n", "")[:-9]]
)
def test_what_is_no_certificate_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="no certificate") as caught:
        clean_settings(SHARED, {"check": "own", "authority": text}, {})
    assert caught.value.field == "authority"


def test_a_private_key_is_not_taken_and_not_repeated() -> None:
    key = "-----BEGIN EC PRIVATE KEY-----\nc4n4ry\n-----END EC PRIVATE KEY-----"
    with pytest.raises(ConfigurationError, match="private key") as caught:
        clean_settings(SHARED, {"check": "own", "authority": f"{AUTHORITY}{key}"}, {})
    assert "c4n4ry" not in f"{caught.value} {caught.value.hint}"


def test_certificates_have_an_end() -> None:
    with pytest.raises(ConfigurationError, match="longer than"):
        clean_settings(SHARED, {"check": "own", "authority": AUTHORITY * 100}, {})


@pytest.mark.parametrize(
    "text",
    [PIN, PIN.lower(), PIN.replace(":", ""), PIN.replace(":", " "), f"sha256 Fingerprint={PIN}", f"SHA256:{PIN}"],
)
def test_a_fingerprint_may_be_written_in_many_ways(text: str) -> None:
    assert clean_fingerprint(text) == PIN


@pytest.mark.parametrize("text", ["AB", PIN[:-3], f"{PIN}:00", PIN.replace("A", "G"), "sha1"])
def test_what_is_no_fingerprint_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="no SHA-256 fingerprint"):
        clean_settings(SHARED, {"pin": text}, {})


@pytest.mark.parametrize("token", ["", "Bearer abc", "abc\n", "é", "“abc”", "a b"])
def test_a_text_that_is_no_token_is_refused_before_it_is_sent(token: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        clean_token(token, field="token")

    assert caught.value.field == "token"


def test_a_setting_that_is_a_token_is_checked_with_the_others() -> None:
    spec = SettingSpec("token", "Token", SettingType.SECRET, is_token=True)

    assert clean_settings([spec], {"token": " abc.DEF-1= "}, {}) == {"token": "abc.DEF-1="}
    with pytest.raises(ConfigurationError, match="no token has"):
        clean_settings([spec], {"token": "Bearer abc"}, {})
