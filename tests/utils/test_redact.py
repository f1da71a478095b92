from urllib.parse import quote

import pytest

from hi.utils.redact import MASK, MAX_SECRETS, Anonymiser, redact, register_secret

pytestmark = pytest.mark.pure

CANARY = "c4n4ry-in-a-c0al-mine"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhYmMifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "text",
    [
        f"postgres://hi:{CANARY}@db:5432/hi",
        f"redis://:{CANARY}@127.0.0.1/0",
        f"http://{CANARY}@camera/stream",
        f"Authorization: Bearer {CANARY}",
        f"'Authorization': 'Bearer {CANARY}'",
        f"https://host/api?access_token={CANARY}&x=1",
        f"https://host/cam?token={CANARY}",
        f'{{"type": "auth", "access_token": "{CANARY}"}}',
        f"{{'password': '{CANARY} with spaces'}}",
        f"password={CANARY}",
        f"api_key: {CANARY}",
        f"?authSig={CANARY}",
        f"mqtt_password={CANARY}",
        f"Gone: /sign-in/{CANARY}",
        f"GET http://home.lan:9411/sign-in/{CANARY}?next=/",
    ],
)
def test_a_secret_is_taken_out_wherever_it_stands(text: str) -> None:
    assert CANARY not in redact(text)
    assert "with spaces" not in redact(text)


def test_a_json_web_token_is_taken_out_without_any_word_before_it() -> None:
    assert JWT not in redact(f"got {JWT} back")


def test_a_registered_secret_is_taken_out_anywhere() -> None:
    register_secret("swordfish-42")
    assert "swordfish" not in redact("the answer was swordfish-42, they say")


def test_a_registered_secret_is_taken_out_as_it_is_quoted_too() -> None:
    secret = "sword'fish\\ 42/x"
    register_secret(secret)
    for text in (f"{secret!r}", f"/path/{quote(secret, safe='')}/x", f"{secret}"):
        assert "fish" not in redact(text)


def test_a_secret_that_begins_like_another_leaves_nothing_behind() -> None:
    register_secret("tr0utfish")
    register_secret("tr0utfish-and-chips")
    assert "chips" not in redact("we had tr0utfish-and-chips")


def test_only_the_latest_secrets_are_kept() -> None:
    register_secret("used-all-the-time")
    for number in range(MAX_SECRETS):
        register_secret(f"secret-number-{number}")
        register_secret("used-all-the-time")
    assert redact("used-all-the-time, secret-number-0.") == f"{MASK}, secret-number-0."
    assert redact(f"secret-number-{MAX_SECRETS - 1}.") == f"{MASK}."


@pytest.mark.parametrize(
    "text",
    [
        "Task hi.tasks.sync.sync_entities[5f0c] succeeded in 0.2s",
        "GET http://homeassistant.local:8123/api/states took 0.3 s",
        "GET /sign-in?next=/things",
        "integration 3: ACTIVE since 10:00",
        "the token was refused by the server",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert redact(text) == text


def share(text: str) -> str:
    return Anonymiser(["Anna Berg", "anna", "Our house", "", "al"], ["hub.example", "192.168.1.20", ""]).clean(text)


@pytest.mark.parametrize(
    ("text", "shared"),
    [
        ("http://hub.example:8123/api/ answers", "http://host-2:8123/api/ answers"),
        ("hub.example is 192.168.1.20, port 8123", "host-2 is host-1, port 8123"),
        ("https://elsewhere.example/x?token=1234567", f"https://host-3/x?token={MASK}"),
        ("[fd00::1]:8123 and ::1 and wss://[fd00::1]:8123/", "[host-3]:8123 and host-4 and wss://host-3:8123/"),
        ("192.0.2.7 refuses, 192.0.2.7 hangs", "host-3 refuses, host-3 hangs"),
        ("Porch.local and a.b.fritz.box", "host-3 and host-4"),
        ("Our House refused; anna tried, ANNA BERG too", f"{MASK} refused; {MASK} tried, {MASK} too"),
        ("person.anna.state, anna_berg@example.org", f"person.{MASK}.state, {MASK}"),
        ("/home/anna/hi/x.py and /Users/bert/x", f"/home/{MASK}/hi/x.py and /Users/{MASK}/x"),
        ("aa:bb:cc:dd:ee:ff joined", f"{MASK} joined"),
        ("12:00:01,204 at 2026-11-23T12:00:01+00:00, 2025.4.4", "12:00:01,204 at 2026-11-23T12:00:01+00:00, 2025.4.4"),
        ("hannah annals al", "hannah annals al"),
    ],
)
def test_what_is_shown_to_strangers_tells_not_whose_home_it_is(text: str, shared: str) -> None:
    assert share(text) == shared


def test_a_fingerprint_is_no_hardware_address() -> None:
    fingerprint = ":".join(["AB"] * 32)
    assert share(fingerprint) == fingerprint
