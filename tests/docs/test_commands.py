"""Every command in README, CONTRIBUTING and docs is run by a test, or the page says why not."""

import ast
import os
import re
import shutil
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import get_commands

from hi.integration.tls import read_certificate
from tests.certificates import Authority
from tests.docs.elsewhere import ELSEWHERE, HERE, IN_PASSING, NOT_RUN
from tests.docs.pages import PAGES, ROOT, list_blocks, list_commands, list_commands_in_passing, list_spans

pytestmark = pytest.mark.pure
ALL = ELSEWHERE | IN_PASSING
MAKE = re.compile(r"\bmake (?:-s )?([a-z][a-z-]+)")
MANAGE = re.compile(r"\bmanage\.py ([a-z_]+)")
PLACE = re.compile(r"`((?:hi|tests|scripts|docs|bench)/[\w./-]*)`")
MADE_UP = ("greenhouse", "NAME", "locale/de/")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_command_is_run_by_a_test_or_says_why_not(page: Path) -> None:
    left = [] if name(page) in HERE else [command for command in list_commands(page) if command not in ELSEWHERE]
    assert left == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_block_says_what_it_is(page: Path) -> None:
    """Or commands could hide in one that is none."""
    known = {"sh", "python", "yaml", "toml", "ini", "text"}
    assert {block.language for block in list_blocks(page)} <= known
    marks = re.findall(r"^<!-- not run", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(marks) == sum(bool(block.reason) for block in list_blocks(page))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_command_in_a_sentence_is_run_by_a_test_or_said_not_to_be(page: Path) -> None:
    in_blocks = {command for one in PAGES for command in list_commands(one)}
    known = in_blocks | IN_PASSING.keys() | {command for commands in NOT_RUN.values() for command in commands}
    assert [command for command in list_commands_in_passing(page) if command not in known] == []


def test_what_is_said_to_be_run_elsewhere_stands_in_a_page() -> None:
    typed = {command for page in PAGES for command in list_commands(page)}
    assert ELSEWHERE.keys() - typed == set()
    in_passing = {command for page in PAGES for command in list_commands_in_passing(page)}
    told = [*IN_PASSING, *(command for commands in NOT_RUN.values() for command in commands)]
    assert sorted(in_passing - typed) == sorted(told)


def say(beginning: str, folder: Path) -> str:
    """Run the one command in a sentence that begins so, as it stands."""
    (command,) = {one for page in PAGES for one in list_commands_in_passing(page) if one.startswith(beginning)}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_command_that_makes_a_key_makes_one(tmp_path: Path) -> None:
    assert Fernet(say("python -c", tmp_path))


@pytest.mark.skipif(not shutil.which("openssl"), reason="the page's command is openssl, which is not here")
def test_openssl_tells_the_fingerprint_that_hi_tells(tmp_path: Path) -> None:
    issued = Authority().issue()
    (tmp_path / "fullchain.pem").write_text(issued.pem)
    shown = read_certificate(ssl.PEM_cert_to_DER_cert(issued.pem)).fingerprint
    assert say("openssl x509", tmp_path).partition("=")[2] == shown


def test_make_lists_its_commands() -> None:
    assert "make rotate-keys" in say("make help", ROOT)


@pytest.mark.parametrize(
    "test", sorted({test for test, _call in [*ELSEWHERE.values(), *IN_PASSING.values()]} | set(HERE.values()))
)
def test_the_test_that_runs_it_is_there(test: str) -> None:
    path, _, wanted = test.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert wanted in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("command", [command for command, (_test, call) in ALL.items() if call])
def test_make_calls_just_what_that_test_calls(command: str) -> None:
    words = [*command.split(), "-n", "-o", ".venv/.ready"]
    # Without what `make test` tells a make that it calls.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].split() == ["exec", ".venv/bin/python", *ALL[command][1].split()]


def test_what_is_named_in_passing_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    commands = set(get_commands())
    for page in PAGES:
        code = list_spans(page)
        assert {word for one in code for word in MAKE.findall(one)} <= targets, name(page)
        assert {word for one in code for word in MANAGE.findall(one)} <= commands, name(page)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere_in_the_checkout(page: Path) -> None:
    """On the site `make docs` looks, anchors included."""
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_files_that_are_named_are_there() -> None:
    named = {place for page in PAGES for place in PLACE.findall(page.read_text(encoding="utf-8"))}
    assert [one for one in named if not (ROOT / one).exists() and not any(word in one for word in MADE_UP)] == []


def test_the_user_guide_calls_buttons_and_cards_what_the_console_calls_them() -> None:
    guide = (ROOT / "docs" / "user-guide.md").read_text(encoding="utf-8")
    words = set(re.findall(r"\*\*([A-Z][^*]+)\*\*", guide)) | set(
        re.findall(r"^\| ([A-Za-z ]+) \|", guide, re.MULTILINE)
    )
    files = [path for path in (ROOT / "hi" / "console").rglob("*") if path.suffix in {".py", ".html"}]
    console = " ".join(path.read_text(encoding="utf-8") for path in files)
    assert {word for word in words - {"card"} if f'"{word}"' not in console} == set()
