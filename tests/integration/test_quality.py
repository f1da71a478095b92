"""What integrations say of their quality: how it is read, what it amounts to, and that what shows it is there."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

import hi.services
from hi.integration.app_config import describe
from hi.integration.quality import evidence
from hi.integration.quality.report import Evidence, QualityError, Report, assess, read_declaration
from hi.integration.quality.rules import RULES, Tier
from hi.integration.quality.table import write_tables
from tests.api.conftest import api, token, user
from tests.declared import declare
from tests.porch import porch

__all__ = ["api", "porch", "token", "user"]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "quality.md"
FOLDERS = sorted(path.parent.name for path in Path(hi.services.__path__[0]).glob("*/*_gateway.py"))


def tell(*arguments: str) -> str:
    out = io.StringIO()
    call_command("quality", *arguments, stdout=out)
    return out.getvalue()


def read(porch: str) -> Report:
    report = assess(f"hi.services.{porch}")
    assert report is not None
    return report


def test_there_are_the_rules_that_are_published() -> None:
    counts = {tier: sum(rule.tier is tier for rule in RULES.values()) for tier in Tier}
    assert counts == {Tier.BRONZE: 20, Tier.SILVER: 10, Tier.GOLD: 21, Tier.PLATINUM: 3}


def test_what_is_declared_is_there() -> None:
    told = tell("--check", *FOLDERS)
    assert [f"{describe(name).label}: " in told for name in FOLDERS] == [True] * len(FOLDERS)
    assert "tests and sections that are named exist." in told


def test_the_page_has_the_tables_that_the_command_writes() -> None:
    """`manage.py quality --table` prints what belongs between the two marks."""
    page = PAGE.read_text(encoding="utf-8")
    between = page.partition("<!-- tables -->\n\n")[2].partition("\n<!-- end of tables -->")[0]
    assert between == tell("--table", *FOLDERS)


@pytest.mark.parametrize("tier", Tier)
def test_a_tier_is_reached_with_all_of_its_rules_and_all_below(porch: str, tmp_path: Path, tier: Tier) -> None:
    declare(tmp_path / porch, tier)
    assert read(porch).tier is tier
    assert describe(porch).quality is tier


def test_one_rule_that_is_missing_holds_it_back(porch: str, tmp_path: Path) -> None:
    declare(tmp_path / porch, Tier.GOLD)
    file = tmp_path / porch / "quality.toml"
    file.write_text("\n".join(line for line in file.read_text().splitlines() if not line.startswith("docs-actions")))
    report = read(porch)
    assert (report.tier, report.list_missing(Tier.BRONZE)) == (None, [RULES["docs-actions"]])
    assert "no tier; bronze lacks\n    docs-actions " in tell(porch)


def test_who_does_not_run_the_suite_cannot_count_on_it(porch: str, tmp_path: Path) -> None:
    declare(tmp_path / porch, Tier.PLATINUM)
    file = tmp_path / porch / "quality.toml"
    file.write_text(file.read_text().partition("\n")[2])
    assert RULES["entity-unique-id"] in read(porch).list_missing(Tier.BRONZE)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[rules", "cannot be read"),
        ("rules = 3", "[rules] and [exempt] are tables"),
        ("[rule]", "“rule” means nothing"),
        ('conformance = "TestIt"', "conformance is a class of tests, as in"),
        ('[exempt]\nshine = "It does not shine."', "there is no rule “shine”"),
        ('[exempt]\nbrands = "no"', "brands is exempt without a reason"),
        ("[rules]\nbrands = []", "brands names no test"),
        ("[rules]\nbrands = 3", "brands: 3 is neither a test, as in"),
        ('[rules]\nbrands = "docs/page.md#sign"', "brands: it is shown by a test, and not by a page"),
        ('[rules]\nbrands = "conformance::test_it"', "needs “conformance”"),
        (
            '[rules]\nbrands = "tests/test_it.py::test_it"\n[exempt]\nbrands = "It has no sign."',
            "brands is both met and exempt",
        ),
    ],
)
def test_a_declaration_that_cannot_be_right_says_why_and_has_no_badge(
    porch: str, tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / porch / "quality.toml"
    file.write_text(text)
    with pytest.raises(QualityError) as caught:
        read_declaration(file)
    assert str(file) in str(caught.value)
    assert told in str(caught.value)
    assert describe(porch).quality is None
    with pytest.raises(CommandError):
        tell(porch)


def test_what_is_not_there_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # loading them would take most of the time
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "test_it.py").write_text(
        "import pytest\n@pytest.mark.parametrize('x', [1, 2])\ndef test_it(x): pass\n"
        "class TestIt:\n    def test_more(self): pass\n"
        "    class simulator:\n        cannot = {'rename': 'it has no names'}\n"
        "    @pytest.mark.needs('rename')\n    def test_that_is_skipped(self): pass\n"
    )
    (tmp_path / "README.md").write_text("# It\n\n## Setting it, and more\n\n```sh\n# no heading\n```\n")
    there = ["test_it.py::test_it", "test_it.py::TestIt::test_more", "README.md#setting-it-and-more"]
    missing = [
        "README.md#no-heading",
        "elsewhere.py::test_it",
        "test_it.py::TestIt::test_that_is_skipped",
        "test_it.py::test_another",
    ]
    found = evidence.find_missing(Evidence(tmp_path, place) for place in (*there, *missing))
    assert [one.place for one in found] == missing
    (tmp_path / "test_it.py").write_text("import nothing_that_exists")
    with pytest.raises(QualityError, match="No module named 'nothing_that_exists'"):
        evidence.find_missing([Evidence(tmp_path, "test_it.py::test_it")])
    with pytest.raises(QualityError, match="check an installed package in its checkout"):
        evidence.find_missing([Evidence(None, "test_it.py::test_it")])


def test_what_is_common_is_told_once_in_the_tables(porch: str, tmp_path: Path) -> None:
    declare(tmp_path / porch, Tier.BRONZE)
    tables = write_tables({"Porch": read(porch)})
    assert "| Porch | bronze | for silver: `docs-configuration-parameters`" in tables
    assert tables.count("| `entity-unique-id` | all | a renamed thing is the row it was (conformance) |") == 1
    assert "| `docs-actions` | Porch | It is only made up. |" in tables


def test_one_that_says_nothing_has_no_badge(porch: str) -> None:
    assert describe(porch).quality is None
    assert tell(porch) == "porch: says nothing of itself, it has no quality.toml\n"


def test_an_unknown_integration_is_named_with_those_there_are() -> None:
    with pytest.raises(CommandError, match=f"no integration “shed”. There are: .*{FOLDERS[0]}"):
        tell("shed")


@pytest.mark.database
def test_programs_are_told(api: Client, porch: str, tmp_path: Path) -> None:
    declare(tmp_path / porch, Tier.GOLD)
    kinds = api.get("/api/v1/integrations/kinds").json()
    assert next(one["quality"] for one in kinds if one["integration_type"] == porch) == "gold"
