"""Takes secrets and whose home it is out of data that shall work as before: what was equal stays equal, and so do
structure, ids and times."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

from hi.utils.redact import MIN_NAME, MIN_SECRET, Anonymiser, any_of, spell

STAND_INS = {
    "secret": "stand-in-secret-{0}",
    "place": "stand-in-place-{0}",
    # Also within an id, where nothing but letters and digits may stand.
    "name": "name{0}",
    "mail": "mail{0}@example.invalid",
    "device": "02:00:00:00:{1:02x}:{2:02x}",
}
_PASSWORD = re.compile(r"(?:^|_)(?:pass|passwd|password|passphrase|pwd)$")
_SECRET = re.compile(
    r"(?:^|_)(?:token|secret|api_?key|private_?key|auth_?key|auth_?hash|authorization|credentials?|signature|authsig"
    r"|webhook_id|cookie|pskc?|jwt|bearer|otp|irk|active_dataset_tlvs"
    r"|(?:network|encryption|wifi|wpa|wep|link|security|master|shared|install|local|access|bind|control|legacy|(?:un)?authenticated)_?key)$"
)
_PIN = re.compile(r"(?:^|_)(?:pins?|(?:pin|pass|user|alarm|access|setup|pairing|lock|door|master)_?codes?)$")
# May also be an error's, or a place's; one of many digits may open something.
_CODE = re.compile(r"(?:^|_)(?<!error_)(?<!status_)(?<!close_)(?<!exit_)(?<!response_)(?<!result_)codes?$")
_DIGITS = re.compile(r"(?:\d\D{0,2}){4}")
_NAME = re.compile(r"(?:^|_)(?:user|username|user_name|login|full_name|first_name|last_name|owner|author)$")
_COORDINATE = re.compile(r"(?:^|_)(?:latitude|longitude|lat|lon|lng|gps)$")
# Beside a coordinate: alone it is the sun's.
_HEIGHT = {"elevation", "altitude"}
# Beside a password: where it leads to.
_DOOR = re.compile(r"(?:^|_)(?:path|url|host|hostname|address|device)$")
# What has one of these is somebody's account, and its name a person's.
_ACCOUNT = {"is_admin", "is_owner", "credentials", "username"}
# Anna's phone, and James' watch, as they are called by whoever has named them.
_CALLED = re.compile(r"(?:name|title|label)$")
_OWNER = re.compile(r"(?<![^\W\d_])([^\W\d_]{3,40})(?:['’ʼ]s|(?<=s)['’ʼ])(?!\w)", re.IGNORECASE)
_NOBODY = {"what", "who", "here", "there", "that", "let", "today", "tomorrow", "yesterday"}
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_WORD = re.compile(r"[^\W_]+")
# Shorter ones under a key of secrets may be ordinary words, which are left where they stand elsewhere.
LEAST_UNUSUAL, LEAST_PIN = 8, 1000

Data = Any


class Key(NamedTuple):
    """What stands under a key, by how it is called."""

    plain: str
    is_identifier: bool
    is_password: bool
    is_secret: bool
    is_pin: bool
    is_code: bool
    is_name: bool
    is_coordinate: bool
    is_door: bool


@lru_cache(maxsize=100_000)
def read_key(key: str) -> Key:
    """`accessToken` and `Access-Token` as `access_token`."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).replace("-", "_").lower()
    is_password, is_secret, *others = (
        bool(pattern.search(plain)) for pattern in (_PASSWORD, _SECRET, _PIN, _CODE, _NAME, _COORDINATE, _DOOR)
    )
    return Key(plain, bool(_IDENTIFIER.fullmatch(key)), is_password, is_password or is_secret, *others)


class Clues:
    """What the data itself tells of secrets and names, by the keys under which they stand."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self.names: set[str] = set()
        # Of which names of fields are made.
        self.words: set[str] = set()
        self._seen: set[str] = set()

    def take(self, data: Data) -> None:
        if isinstance(data, list):
            for one in data:
                self.take(one)
        elif isinstance(data, Mapping):
            is_account = not _ACCOUNT.isdisjoint(data)
            for key, value in data.items():
                self._take_field(str(key), value, is_account)
                self.take(value)

    def _take_field(self, key: str, value: Data, is_account: bool) -> None:
        told = read_key(key)
        if told.is_identifier and told.plain not in self._seen:
            self._seen.add(told.plain)
            self.words.update(_WORD.findall(told.plain))
        if not isinstance(value, str):
            return
        if told.is_secret and len(value) >= LEAST_UNUSUAL and not (value.isalpha() and value.islower()):
            self.secrets.add(value)
        elif told.is_name or (is_account and told.plain == "name"):
            self.names.update(_WORD.findall(value))
        elif _CALLED.search(told.plain):
            self.names.update(word for word in _OWNER.findall(value) if word.lower() not in _NOBODY)


class Disguise(Anonymiser):
    """`ids` may look like names of machines, as in zone.home, and are none."""

    def __init__(
        self, *, secrets: Iterable[str], names: Iterable[str], hosts: Iterable[str], ids: Iterable[str], clues: Clues
    ) -> None:
        words = {word for name in (*names, *clues.names) for word in _WORD.findall(name)}
        words |= {f"{word}s" for word in words if len(word) >= MIN_NAME}  # what is hers, without the apostrophe
        # What fields are called is no name, unless it is written as one.
        also_fields = {word for word in words if word.lower() in clues.words}
        # How many of each kind were hidden.
        self.count: Counter[str] = Counter()
        super().__init__(words - also_fields, hosts)
        self._written = any_of((word for word in also_fields if not word.islower()), re.RegexFlag(0))
        self._ids = frozenset(ids)
        self._stood_in: dict[tuple[str, str], str] = {}
        self._stand_ins: set[str] = set()
        self._coordinates: dict[float, float] = {0.0: 0.0}
        self._secrets: dict[str, str] = {}
        for secret in dict.fromkeys((*secrets, *sorted(clues.secrets))):
            if len(secret) >= MIN_SECRET:
                self._secrets.update(dict.fromkeys(spell(secret), self.hide("secret", secret)))
        known = sorted(self._secrets, key=len, reverse=True)
        self._secret = re.compile("|".join(map(re.escape, known))) if known else None
        self.clean_text: Callable[[str], str] = lru_cache(maxsize=100_000)(self._clean_text)
        self._hide_secrets_once: Callable[[str], str] = lru_cache(maxsize=10_000)(self.hide_secrets)

    def hide(self, what: str, told: str) -> str:
        if told in self._stand_ins:
            return told
        key = (what, told if what == "secret" else told.casefold())
        if key not in self._stood_in:
            self.count[what] += 1
            number = self.count[what]
            self._stood_in[key] = STAND_INS[what].format(number, *divmod(number, 256))
            self._stand_ins.add(self._stood_in[key])
        return self._stood_in[key]

    def hide_secrets(self, text: str) -> str:
        return self._secret.sub(lambda found: self._secrets[found[0]], text) if self._secret else text

    def clean_data(self, data: Data, key: str = "") -> Data:
        """What JSON can say, as it stood under that key."""
        if isinstance(data, Mapping):
            return self._clean_below(data, key) if read_key(key).is_pin else self._clean_fields(data)
        if isinstance(data, list):
            is_key = read_key(key).is_secret and all(isinstance(one, int) for one in data)  # byte by byte
            return [0] * len(data) if is_key else [self.clean_data(one, key) for one in data]
        if isinstance(data, str):
            return self._clean_field(read_key(key), data)
        return self._clean_number(key, data) if isinstance(data, int | float) else data

    def _clean_below(self, data: Mapping[str, Data], key: str) -> dict[str, Data]:
        """Whose PINs these are, or for what, stands as keys."""
        return {self._clean_key(whose): self.clean_data(value, key) for whose, value in data.items()}

    def _clean_number(self, key: str, number: float) -> float:
        """Under a secret's key small ones say how many, or whether."""
        told = read_key(key)
        if not isinstance(number, bool) and told.is_coordinate:
            return self._hide_coordinate(number)
        return 0 if abs(number) >= LEAST_PIN and (told.is_secret or told.is_pin or told.is_code) else number

    def _clean_fields(self, data: Mapping[str, Data]) -> dict[str, Data]:
        keys = [read_key(key) for key in data]
        is_door, is_spot = any(key.is_password for key in keys), any(key.is_coordinate for key in keys)
        cleaned: dict[str, Data] = {}
        for told, (key, value) in zip(keys, data.items(), strict=True):
            if is_door and told.is_door and isinstance(value, str) and value:
                cleaned[key] = self.hide("place", value)
            elif is_spot and told.plain in _HEIGHT and isinstance(value, int | float):
                cleaned[key] = self._hide_coordinate(value)
            else:
                cleaned[self._clean_key(key)] = self.clean_data(value, key)
        return cleaned

    def _clean_key(self, key: str) -> str:
        """One that is an identifier is a field's, whatever person is called so."""
        return self._hide_secrets_once(key) if read_key(key).is_identifier else self.clean_text(key)

    def _clean_field(self, key: Key, value: str) -> str:
        if not value:
            return value
        if key.is_secret or key.is_pin or (key.is_code and _DIGITS.search(value)):
            return self.hide("secret", value)
        if key.is_name:
            return _WORD.sub(lambda found: self.hide("name", found[0]), value)
        if key.is_coordinate and (number := _number(value)) is not None:
            return str(self._hide_coordinate(number))
        return self.clean_text(value)

    def _hide_coordinate(self, number: float) -> float:
        hidden = self._coordinates.setdefault(number, round(len(self._coordinates) / 100, 2))
        self.count["coordinate"] = len(self._coordinates) - 1
        return hidden

    def _stand_in(self, host: str) -> str:
        hidden = super()._stand_in(host)
        self.count["host"] = len(self._hosts)
        return hidden

    def _clean_text(self, text: str) -> str:
        cleaned = self.clean(self.hide_secrets(text))
        return self._written.sub(partial(self._hide_found, "name"), cleaned) if self._written else cleaned

    def _hide_local_name(self, found: re.Match[str]) -> str:
        return found[0] if found[0] in self._ids else super()._hide_local_name(found)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
