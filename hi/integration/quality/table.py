"""The reports as Markdown, for docs/quality.md."""

from collections.abc import Iterable, Iterator, Mapping

from hi.integration.quality.report import Evidence, Report, Standing
from hi.integration.quality.rules import RULES, SUITE, Tier

ALL = "all"


def write_tables(reports: Mapping[str, Report]) -> str:
    """By label. What is common to all of them is told once."""
    parts = [_write_tiers(reports)]
    for tier in Tier:
        parts += [f"### {tier.capitalize()}", _write_rules(tier, reports)]
    parts += ["## What shows it", _write_table(("rule", "of", "shown by"), _list_evidence(reports))]
    parts += ["## What is exempt", _write_table(("rule", "of", "because"), _list_reasons(reports))]
    return "\n\n".join(parts) + "\n"


def _write_tiers(reports: Mapping[str, Report]) -> str:
    rows = []
    for label, report in reports.items():
        missing = report.list_missing(report.next_tier) if report.next_tier else []
        told = ", ".join(f"`{rule.rule_id}`" for rule in missing)
        rows.append((label, report.tier or "none", f"for {report.next_tier}: {told}" if missing else "nothing"))
    return _write_table(("integration", "tier", "still missing"), rows)


def _write_rules(tier: Tier, reports: Mapping[str, Report]) -> str:
    rows = (
        (f"`{rule.rule_id}`", rule.asks, *(_say(report.standings[rule.rule_id]) for report in reports.values()))
        for rule in RULES.values()
        if rule.tier is tier
    )
    return _write_table(("rule", "what it asks", *reports), rows)


def _say(standing: Standing) -> str:
    return "exempt" if standing.exempt else "met" if standing.evidence else "**missing**"


def _list_standings(reports: Mapping[str, Report]) -> Iterator[tuple[str, Standing]]:
    """Each with whose it is: rule by rule, that of all once."""
    for rule_id in RULES:
        own = {label: report.standings[rule_id] for label, report in reports.items()}
        if common := next((one for one in own.values() if one.is_common), None):
            yield ALL, common
        yield from ((label, one) for label, one in own.items() if not one.is_common)


def _list_evidence(reports: Mapping[str, Report]) -> Iterator[tuple[str, ...]]:
    for whose, one in _list_standings(reports):
        if one.evidence:
            places = one.rule.shown if one.is_common else map(_get_place, one.evidence)
            yield f"`{one.rule.rule_id}`", whose, "<br>".join(map(_link, places))


def _list_reasons(reports: Mapping[str, Report]) -> Iterator[tuple[str, ...]]:
    return ((f"`{one.rule.rule_id}`", whose, one.exempt) for whose, one in _list_standings(reports) if one.exempt)


def _get_place(evidence: Evidence) -> str:
    return evidence.place


def _link(place: str) -> str:
    page, _, anchor = place.partition("#")
    if anchor:
        words = anchor.replace("-", " ")
        # Only what stands beside the page is where the link leads on the site, too.
        return f"[{words}]({place.removeprefix('docs/')})" if page.startswith("docs/") else f"{words} (`{page}`)"
    where, _, name = place.rpartition("::")
    suite = SUITE.removesuffix("::")
    test = name.removeprefix("test_").replace("_", " ")
    return f"{test} ({suite})" if where == suite else f"{test} (`{where.partition('::')[0]}`)"


def _write_table(head: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    names, *lines = (f"| {' | '.join(line)} |" for line in (head, *rows))
    return "\n".join((names, "|---" * (names.count(" | ") + 1) + "|", *lines))
