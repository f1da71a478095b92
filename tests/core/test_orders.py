"""What may be asked of a state, and which of its values are the answer."""

import pytest

from hi.entity.enums import ControlType
from hi.integration.core.orders import MAX_CODE, MAX_LENGTH, clean_code, clean_order, is_answer
from hi.integration.core.specs import ControllerSpec
from hi.integration.exceptions import ConfigurationError

pytestmark = pytest.mark.pure
PERCENT = ControllerSpec(ControlType.NUMBER, minimum=0, maximum=100)


def refusal(controller: ControllerSpec, value: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        clean_order(controller, value)
    assert caught.value.field == "value"
    return str(caught.value)


@pytest.mark.parametrize(
    ("control", "given", "cleaned"),
    [
        (ControlType.TOGGLE, "on", "on"),
        (ControlType.PRESS, "press", "press"),
        (ControlType.DATE, "2026-11-25", "2026-11-25"),
        (ControlType.TIME, "07:30", "07:30:00"),
        (ControlType.DATETIME, "2026-11-25T07:30", "2026-11-25 07:30:00"),
        (ControlType.DATETIME, "2026-11-25 07:30:00", "2026-11-25 07:30:00"),
        (ControlType.TEXT, "Grüße", "Grüße"),
        (ControlType.NUMBER, "-3.50", "-3.5"),
        (ControlType.NUMBER, "21.0", "21"),
    ],
)
def test_a_value_has_one_spelling(control: ControlType, given: str, cleaned: str) -> None:
    assert clean_order(ControllerSpec(control), given) == cleaned


@pytest.mark.parametrize(
    ("control", "wrong"),
    [
        (ControlType.TOGGLE, "ON"),
        (ControlType.TOGGLE, "toggle"),
        (ControlType.PRESS, "on"),
        (ControlType.DATE, "25.11.2026"),
        (ControlType.DATE, "2026-02-30"),
        (ControlType.TIME, "25:00"),
        (ControlType.TIME, "07:30+01:00"),
        (ControlType.DATETIME, "2026-11-25T07:30:00Z"),
        (ControlType.TEXT, "two\nlines"),
        (ControlType.TEXT, "a\0b"),
        *[(ControlType.NUMBER, wrong) for wrong in ("", "warm", "nan", "inf", "-Infinity", "1_000", "١٢")],
    ],
)
def test_what_is_no_value_of_its_kind_is_refused(control: ControlType, wrong: str) -> None:
    assert refusal(ControllerSpec(control), wrong)


def test_a_number_stays_within_its_bounds() -> None:
    assert [clean_order(PERCENT, edge) for edge in ("0", "100")] == ["0", "100"]
    assert refusal(PERCENT, "100.1") == "Choose between 0 and 100."
    assert refusal(ControllerSpec(ControlType.NUMBER, minimum=5), "4") == "Choose at least 5."
    assert refusal(ControllerSpec(ControlType.NUMBER, maximum=5), "1e9") == "Choose at most 5."


@pytest.mark.parametrize(
    "control",
    [
        ControlType.CHOICE,
        ControlType.MODE,
        ControlType.ACTION,
        ControlType.PLAYER,
        ControlType.OPEN_CLOSE,
        ControlType.LOCK,
    ],
)
def test_only_an_option_is_taken(control: ControlType) -> None:
    controller = ControllerSpec(control, options=("open", "stop"))
    assert clean_order(controller, "stop") == "stop"
    assert refusal(controller, "closed") == "Choose one of: open, stop."
    assert refusal(ControllerSpec(control), "open") == "There is nothing to choose from now."


def test_a_long_list_of_options_is_not_told_whole() -> None:
    effects = ControllerSpec(ControlType.CHOICE, options=tuple(f"effect {number}" for number in range(200)))
    assert refusal(effects, "none").endswith("effect 11, ….")


def test_a_text_is_as_long_as_its_state_takes() -> None:
    controller = ControllerSpec(ControlType.TEXT, minimum=2, maximum=4)
    assert clean_order(controller, "abcd") == "abcd"
    assert refusal(controller, "a") == "This needs at least 2 characters."
    assert refusal(controller, "abcde") == "This is longer than 4 characters."
    endless = ControllerSpec(ControlType.TEXT, maximum=1e6)
    assert refusal(endless, "a" * (MAX_LENGTH + 1)) == f"This is longer than {MAX_LENGTH} characters."


@pytest.mark.parametrize(
    ("code_format", "code"),
    [("number", ""), ("number", "12a4"), ("number", "１２"), ("text", ""), ("text", "a\tb"), ("", "1234")],
)
def test_a_code_goes_along_where_it_is_asked_for_and_nowhere_else(code_format: str, code: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        clean_code(ControllerSpec(ControlType.LOCK, code_format=code_format), "unlocked", code)
    assert caught.value.field == "code"


def test_an_option_that_needs_no_code_takes_none() -> None:
    panel = ControllerSpec(ControlType.ACTION, code_format="number", without_code=("arm_away",))
    assert clean_code(panel, "arm_away", "") == ""
    with pytest.raises(ConfigurationError, match="needs no code"):
        clean_code(panel, "arm_away", "1234")
    with pytest.raises(ConfigurationError, match="Enter the code"):
        clean_code(panel, "disarm", "")


def test_a_code_is_taken_as_it_is() -> None:
    assert clean_code(ControllerSpec(ControlType.LOCK, code_format="number"), "unlocked", "0042") == "0042"
    assert clean_code(ControllerSpec(ControlType.LOCK, code_format="text"), "unlocked", "Sésame 1") == "Sésame 1"
    with pytest.raises(ConfigurationError):
        clean_code(ControllerSpec(ControlType.LOCK, code_format="text"), "unlocked", "a" * (MAX_CODE + 1))


@pytest.mark.parametrize(
    ("value", "expected", "tolerance", "answers"),
    [
        ("on", ["on"], 0, True),
        ("off", ["on"], 0, False),
        (None, ["on"], 0, False),
        ("opening", ["opening", "open"], 0, True),
        ("21.0", ["21"], 0, True),
        ("49.8", ["50"], 0.4, True),
        ("49.2", ["50"], 0.4, False),
        ("nan", ["50"], 1000, False),
        ("warm", ["50"], 1000, False),
    ],
)
def test_a_value_answers_by_its_word_or_as_a_near_number(
    value: str | None, expected: list[str], tolerance: float, answers: bool
) -> None:
    assert is_answer(value, expected, tolerance) is answers
