"""The pages that people read, as what a shell and an editor would make of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
SHELLS = ("sh", "bash", "console")
# What stands right before a block belongs to it: why it is not run, or the name of the file that it is.
BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^\n]+) -->\n|`(?P<file>[\w./-]+)`\n\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`]+)`")
# What a command in a sentence begins with. A new program in the pages belongs here, too.
PROGRAM = re.compile(r"(?:make|docker|python|openssl|celery|curl|hub|sh|bash|\.venv\S*/\S+|\S*\.py) \S")


@dataclass(frozen=True, slots=True)
class Block:
    page: str
    language: str
    text: str
    file: str
    reason: str

    @property
    def is_shell(self) -> bool:
        return self.language in SHELLS

    @property
    def commands(self) -> list[str]:
        """A line each, without what is only said about it."""
        lines = [re.sub(r"(?:^|\s+)# .*", "", line).strip() for line in self.text.splitlines()]
        return [line for line in lines if line]


def list_blocks(page: Path) -> Iterator[Block]:
    for found in BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield Block(
            str(page.relative_to(ROOT)),
            found["language"],
            found["text"],
            found["file"] or "",
            found["reason"] or "",
        )


def list_spans(page: Path) -> list[str]:
    """The code within sentences, each on one line."""
    return [" ".join(span.split()) for span in SPAN.findall(FENCED.sub("", page.read_text(encoding="utf-8")))]


def list_commands_in_passing(page: Path) -> list[str]:
    """What somebody may type who reads its sentences."""
    return [span for span in list_spans(page) if PROGRAM.match(span)]


def list_commands(page: Path) -> list[str]:
    """What somebody types who follows the page; without what it says is not run."""
    return [line for block in list_blocks(page) if block.is_shell and not block.reason for line in block.commands]
