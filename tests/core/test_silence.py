"""Who is silent, as one has watched it."""

import pytest

from hi.integration.core.silence import Silence

pytestmark = pytest.mark.pure


def test_silence_is_counted_from_when_the_word_was_first_heard() -> None:
    now = 100.0
    silence = Silence(lambda: now)
    assert silence.seconds("job", "10:00") == 0
    now += 7
    assert silence.seconds("job", "10:00") == 7
    assert silence.seconds("job", "10:05") == 0
    now += 3
    assert silence.seconds("job", "10:05") == 3
    assert silence.seconds("other", "10:05") == 0


def test_who_is_forgotten_begins_anew() -> None:
    now = 0.0
    silence = Silence(lambda: now)
    for who in ("stays", "goes"):
        silence.seconds(who, "word")
    silence.keep(["stays"])
    now += 5
    assert silence.seconds("stays", "word") == 5
    assert silence.seconds("goes", "word") == 0
