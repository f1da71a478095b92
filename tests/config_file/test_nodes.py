"""YAML as lines and texts, and what of it is not taken."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hi.integration.config_file import nodes
from hi.integration.config_file.nodes import FileError, Items, Pairs, Text, parse

pytestmark = pytest.mark.pure


def refused(content: str | bytes) -> str:
    with pytest.raises(FileError) as caught:
        parse(content if isinstance(content, bytes) else content.encode())
    (problem,) = caught.value.problems
    return f"{problem.line}: {problem.message}"


def test_no_value_is_made_of_a_text() -> None:
    found = parse(b"a: off\nb: 1.10\nc: 2026-01-01\nd: 0x1F\ne: '~'\nf: ~\n")
    assert isinstance(found, Pairs)
    texts = {key: node.text for key, node in found.pairs.items() if isinstance(node, Text)}
    assert texts == {"a": "off", "b": "1.10", "c": "2026-01-01", "d": "0x1F", "e": "~", "f": "~"}
    assert [key for key, node in found.pairs.items() if isinstance(node, Text) and node.is_null] == ["f"]


def test_each_text_knows_its_line() -> None:
    found = parse(b"# a remark\na: 1\n\nb:\n  c: 2\n")
    assert isinstance(found, Pairs)
    assert dict(found.lines) == {"a": 2, "b": 4}
    inner = found.pairs["b"]
    assert isinstance(inner, Pairs)
    assert inner.pairs["c"].line == 5


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a: &x 1\nb: *x\n", "1: Anchors and aliases"),
        ("a: *x\n", "1: Anchors and aliases"),
        ("a: !!python/object/apply:os.system ['true']\n", "1: Tags"),
        ("a: !secret token\n", "1: Tags"),
        ("a: 1\n---\nb: 2\n", "2: There is a second document"),
        ("a: 1\nb: 2\na: 3\n", "3: “a” stands here already, in line 1."),
        ("? [a, b]\n: 1\n", "1: Only a text can stand before the colon."),
        ("a: [1\n", "2: This is not YAML"),
        ("", "0: The file is empty."),
        ("a: \x07\n", "0: There is a character in it"),
        (b"a: 1\nb: \xff\n", "2: This is not UTF-8."),
        ("[" * 20 + "]" * 20, "1: This is nested too deeply."),
    ],
)
def test_what_is_not_taken_is_told_with_its_line(content: str | bytes, told: str) -> None:
    assert refused(content).startswith(told)


def test_laughter_does_not_multiply() -> None:
    """The file of a few lines that grows to billions of texts once its aliases are followed."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    assert refused("\n".join(lines)).startswith("1: Anchors and aliases")


def test_size_and_number_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "MAX_NODES", 1_000)
    assert "larger than 4 MB" in refused(b"a: " + b"x" * nodes.MAX_BYTES)
    assert "more in it than" in refused("[" + "x," * nodes.MAX_NODES + "]")


@given(st.binary(max_size=200))
def test_whatever_it_is_given_it_answers_with_nodes_or_its_own_error(content: bytes) -> None:
    with contextlib.suppress(FileError):
        assert isinstance(parse(content), Text | Items | Pairs)
