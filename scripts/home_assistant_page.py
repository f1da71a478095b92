"""Writes the tables of docs/home-assistant.md anew, from what the integration is made of.

python -m scripts.home_assistant_page
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from hi.entity.enums import EntityStateType
from hi.integration.core import readings
from hi.integration.core.aspects import Aspect
from hi.integration.core.controls import Control
from hi.integration.core.orders import FIXED_WORDS
from hi.services.hass import kinds
from hi.services.hass.aspects import ASPECTS, COLOR_MODES
from hi.services.hass.converter import SENSOR_ORDER
from scripts.tables import code, fill_page, table

PAGE = Path(__file__).resolve().parent.parent / "docs" / "home-assistant.md"
SENSOR_PLACES = (
    "what it detects",
    "what it does",
    "whether it runs",
    "all else that is measured",
    "what is open, warm, plugged in …",
    "when something was or will be",
    "what is wrong",
)
# Hue and saturation are one attribute of two numbers.
READINGS = {
    readings.number: "as it comes",
    readings.text: "as it comes",
    readings.flag: "true is on",
    readings.level: "255 is 100",
    readings.share: "1 is 100",
}


def main() -> None:
    fill_page(PAGE, build_tables())


def build_tables() -> Mapping[str, list[str]]:
    return {
        "order of sensors": table(("order", "what", "of"), _order_rows()),
        "words of binary sensors": table(("device class", "on", "off"), _binary_rows()),
        "other words": table(("kind", "there", "here"), _word_rows()),
        "kinds": table(("domain", "thing", "state", "set by"), _kind_rows()),
        "classes": table(("becomes", "sensors and numbers of the class"), _class_rows()),
        "features": table(("of", "feature", "state", "attribute", "value", "unit", "there", "set by"), _feature_rows()),
    }


def _order_rows() -> Iterable[Iterable[str]]:
    for place, (what, (domain, those)) in enumerate(zip(SENSOR_PLACES, SENSOR_ORDER, strict=True), start=1):
        yield str(place), what, f"{domain}: {code(sorted(those)) or 'any other'}"


def _binary_rows() -> Iterable[Iterable[str]]:
    for device_class, state_type in sorted(kinds.BINARY_CLASSES.items()):
        if state_type is not EntityStateType.ON_OFF:
            yield f"`{device_class}`", *kinds.BINARY_WORDS[state_type].values()
    yield "any other", "on", "off"


def _word_rows() -> Iterable[Iterable[str]]:
    for domain, words in kinds.WORDS.items():
        for there, here in sorted(words.items()):
            yield f"every `{domain}`", there, here


def _kind_rows() -> Iterable[Iterable[str]]:
    for domain, kind in kinds.KINDS.items():
        shown = "date, time or datetime" if domain == "input_datetime" else _control(kind.control)
        yield f"`{domain}`", kind.entity_type, kind.state_type, shown


def _class_rows() -> Iterable[Iterable[str]]:
    types = dict.fromkeys(sorted(kinds.MEASURES.values()))
    for state_type in types:
        yield state_type, code(sorted(name for name, of in kinds.MEASURES.items() if of is state_type))


def _feature_rows() -> Iterable[Iterable[str]]:
    for domain, aspects in ASPECTS.items():
        for one in aspects:
            yield (
                f"`{domain}`", f"`{one.name}`", one.state_type, f"`{one.source}`",
                READINGS.get(one.read, "one of its two numbers"), _unit(one), _where(one), _control(one.control),
            )  # fmt: skip


def _unit(feature: Aspect) -> str:
    if feature.unit_from:
        return f"`{feature.unit_from}`"
    return feature.unit or ("the home's" if feature.state_type is EntityStateType.TEMPERATURE else "—")


def _where(feature: Aspect) -> str:
    ways = []
    if feature.bits:
        bits = [1 << place for place in range(feature.bits.bit_length()) if feature.bits >> place & 1]
        modes = [f"colour modes {code(sorted(COLOR_MODES[bit]))}" for bit in bits if bit in COLOR_MODES]
        ways += modes or [f"feature {' or '.join(map(str, bits))}"]
    if feature.if_seen:
        ways.append("once it had a value")
    return " or ".join(ways) or "always"


def _control(control: Control | None) -> str:
    if control is None:
        return "—"
    listed = "" if control.type in FIXED_WORDS else ", ".join(one.word for one in control.words)
    words = f": {listed}" if listed else ""
    options = f": `{control.options}`" if control.options else ""
    asks = ""
    if control.asks_first is True:
        asks = "; asks first"
    elif control.asks_first:
        asks = f"; asks first: {', '.join(sorted(control.asks_first[1]))}"
    return f"{control.type}{words}{options}{asks}"


if __name__ == "__main__":
    main()
