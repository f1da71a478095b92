"""What an integration may say of its quality."""

from pathlib import Path

from hi.integration.quality.rules import RULES, Tier


def declare(folder: Path, tier: Tier) -> None:
    """Let the integration in this folder reach the tier."""
    tiers = list(Tier)
    own = [rule for rule in RULES.values() if not rule.shown and tiers.index(rule.tier) <= tiers.index(tier)]
    lines = [f'{rule.rule_id} = "It is only made up."' for rule in own]
    (folder / "quality.toml").write_text("\n".join(['conformance = "tests/test_it.py::TestIt"', "[exempt]", *lines]))
