"""The suite that all integrations must pass fails where it should."""

from contextlib import AbstractContextManager

import pytest

from hi.testing.conformance import Change, Conformance, FarEnd
from hi.testing.conformance.far_end import VERBS
from hi.testing.conformance.faults import check_told
from hi.testing.conformance.secrets import spell

pytestmark = pytest.mark.pure


class Mute(FarEnd):
    """It says of everything that it cannot."""

    cannot = dict.fromkeys(VERBS, "nobody has written it yet")

    @classmethod
    def running(cls) -> AbstractContextManager["Mute"]:
        raise NotImplementedError

    @property
    def port(self) -> int:
        return 0

    def settings(self, address: str) -> dict[str, str]:
        return {"url": address}

    def names(self) -> set[str]:
        return set()


class Silent(Mute):
    """It leaves out a verb without a word."""

    cannot = {name: reason for name, reason in Mute.cannot.items() if name != "upgrade"}


class Twofold(Mute):
    """It does what it says it cannot."""

    def change_value(self) -> Change:
        return Change("here", "now")


@pytest.mark.parametrize("simulator", [Mute, Silent, Twofold])
def test_a_far_end_does_or_says_of_each_verb_that_it_cannot_and_does_most(simulator: type[FarEnd]) -> None:
    class One(Conformance):
        pass

    One.simulator = simulator
    with pytest.raises(AssertionError):
        One().test_what_it_cannot_do_has_a_reason_and_is_not_most_of_it()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No full stop",
        "<html>Please sign in.",
        "HTTPConnectionPool(host='x'): Max retries exceeded.",
        "[Errno 111] Connection refused.",
        "Two\nlines.",
        "x" * 500 + ".",
    ],
)
def test_what_no_person_should_read_is_refused(text: str) -> None:
    with pytest.raises(AssertionError):
        check_told(text)


def test_a_sentence_is_not() -> None:
    check_told("127.0.0.1:8123 refuses connections.")


def test_a_secret_is_known_in_each_of_its_spellings() -> None:
    assert spell('a+secret/"of mine"') == {
        'a+secret/"of mine"',
        "a%2Bsecret/%22of%20mine%22",
        "a%2Bsecret%2F%22of%20mine%22",
        'a+secret/\\"of mine\\"',
        "YStzZWNyZXQvIm9mIG1pbm",
    }
