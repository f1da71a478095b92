"""What an integration declares of itself in `quality.toml`, beside its gateway, and the tier that this amounts to.

    conformance = "tests/test_conformance.py::TestGreenhouse"

    [rules]
    devices = "tests/test_converter.py::test_a_sensor_is_a_thing"
    docs-actions = "README.md#setting-things"

    [exempt]
    appropriate-polling = "The greenhouse pushes."

Paths begin at the folder of its pyproject.toml. Nothing of an integration is imported for this.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hi.integration.quality.rules import RULES, SUITE, Rule, Tier

FILE = "quality.toml"
HI = Path(__file__).parents[3]
TEST = re.compile(r"[\w./-]+\.py(::[A-Za-z]\w*)?::test_\w+")
CLASS = re.compile(r"[\w./-]+\.py::[A-Za-z]\w*")
SUITE_TEST = re.compile(rf"{SUITE}test_\w+")
SECTION = re.compile(r"[\w./-]+\.md#[\w-]+")
ABOUT_DOCS = "docs-"
LEAST_REASON = 10


class QualityError(Exception):
    """A declaration cannot be read, or not be checked; in words for who wrote it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A test, or the section of a page. `root`: the folder where paths begin, None where that is not known."""

    root: Path | None
    place: str

    @property
    def is_section(self) -> bool:
        return "#" in self.place


@dataclass(frozen=True, slots=True)
class Standing:
    """How an integration stands to a rule. `is_common`: by what hi does, or leaves out, for all."""

    rule: Rule
    evidence: tuple[Evidence, ...] = ()
    exempt: str = ""
    is_common: bool = False

    @property
    def is_met(self) -> bool:
        return bool(self.evidence or self.exempt)


@dataclass(frozen=True, slots=True)
class Report:
    """`root`: the folder of the project that the integration is in, None where that is not known."""

    standings: Mapping[str, Standing]
    root: Path | None = None

    @property
    def tier(self) -> Tier | None:
        """The highest of which every rule, and every rule of those below, is met or exempt."""
        reached = None
        for tier in Tier:
            if self.list_missing(tier):
                break
            reached = tier
        return reached

    @property
    def next_tier(self) -> Tier | None:
        return next((tier for tier in Tier if self.list_missing(tier)), None)

    def find_evidence(self) -> set[Evidence]:
        """What has to be there. What hi shows for all is not for a package of its own to have."""
        pieces = {piece for standing in self.standings.values() for piece in standing.evidence}
        return {piece for piece in pieces if piece.root == self.root}

    def list_missing(self, tier: Tier) -> list[Rule]:
        return [one.rule for one in self.standings.values() if one.rule.tier is tier and not one.is_met]


@dataclass(frozen=True, slots=True)
class Declaration:
    conformance: str
    rules: Mapping[str, tuple[str, ...]]
    exempt: Mapping[str, str]


def find_tier(package: str) -> Tier | None:
    """For a badge: None too where the declaration is wrong, which `manage.py quality` tells."""
    try:
        report = assess(package)
    except QualityError:
        return None
    return report.tier if report else None


def assess(package: str) -> Report | None:
    """None for one that says nothing of itself. Raises QualityError."""
    try:
        spec = find_spec(package)
    except Exception:  # noqa: BLE001 - a package around it that breaks, in whatever way, is told by its card
        return None
    folders = spec.submodule_search_locations if spec else None
    return _assess(Path(next(iter(folders)))) if folders else None


@cache
def _assess(folder: Path) -> Report | None:
    if not (folder / FILE).is_file():
        return None
    declared = read_declaration(folder / FILE)
    root = next((place for place in folder.parents if (place / "pyproject.toml").is_file()), None)
    return Report({rule_id: _stand(rule, declared, root) for rule_id, rule in RULES.items()}, root)


def _stand(rule: Rule, declared: Declaration, root: Path | None) -> Standing:
    def find(places: tuple[str, ...], others: Path | None) -> tuple[Evidence, ...]:
        own = {place: place.replace(SUITE, f"{declared.conformance}::") for place in places if place.startswith(SUITE)}
        return tuple(Evidence(root if place in own else others, own.get(place, place)) for place in places)

    if reason := declared.exempt.get(rule.rule_id):
        return Standing(rule, exempt=reason)
    if places := declared.rules.get(rule.rule_id):
        return Standing(rule, find(places, root))
    if rule.shown and not declared.conformance and any(place.startswith(SUITE) for place in rule.shown):
        return Standing(rule)
    return Standing(rule, find(rule.shown, HI), rule.exempt, is_common=True)


def read_declaration(path: Path) -> Declaration:
    """Raises QualityError, which names the file and all that is wrong in it."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        raise QualityError(f"{path} cannot be read: {err}") from err
    conformance, rules, exempt = content.get("conformance", ""), content.get("rules", {}), content.get("exempt", {})
    if not isinstance(rules, dict) or not isinstance(exempt, dict):
        raise QualityError(f"{path}: [rules] and [exempt] are tables.")
    places = {rule_id: tuple(value) if isinstance(value, list) else (value,) for rule_id, value in rules.items()}
    if wrong := [*_find_mistakes(content, conformance, places, exempt)]:
        raise QualityError(f"{path}: {'; '.join(wrong)}.")
    return Declaration(conformance, places, exempt)


def _find_mistakes(
    content: Mapping[str, Any], conformance: object, places: Mapping[str, tuple[Any, ...]], exempt: Mapping[str, Any]
) -> Iterator[str]:
    yield from (f"“{key}” means nothing" for key in content if key not in ("conformance", "rules", "exempt"))
    if conformance != "" and not (isinstance(conformance, str) and CLASS.fullmatch(conformance)):
        yield "conformance is a class of tests, as in tests/test_conformance.py::TestGreenhouse"
    for rule_id in {**places, **exempt}:
        if rule_id not in RULES:
            yield f"there is no rule “{rule_id}”"
        elif rule_id in places and rule_id in exempt:
            yield f"{rule_id} is both met and exempt"
    for rule_id, reason in exempt.items():
        if not isinstance(reason, str) or len(reason.strip()) < LEAST_REASON:
            yield f"{rule_id} is exempt without a reason"
    for rule_id, found in places.items():
        if not found:
            yield f"{rule_id} names no test"
        for place in found:
            if told := _find_mistake(rule_id, place, has_suite=bool(conformance)):
                yield f"{rule_id}: {told}"


def _find_mistake(rule_id: str, place: object, *, has_suite: bool) -> str:
    """What is wrong with what shall show a rule, or nothing."""
    if isinstance(place, str):
        if SUITE_TEST.fullmatch(place):
            return "" if has_suite else f"{place} needs “conformance”, the class that runs the suite"
        if SECTION.fullmatch(place):
            return "" if rule_id.startswith(ABOUT_DOCS) else "it is shown by a test, and not by a page"
        if TEST.fullmatch(place):
            return ""
    return f"{place!r} is neither a test, as in tests/test_it.py::test_something, nor a section of a page"
