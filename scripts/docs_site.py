"""Builds the site of docs/ into site/html: `make docs`. A warning fails, and so does a page that loads from elsewhere.

The pages are plain Markdown whose links fit the checkout. On the site they stand in one folder with the few files of
the checkout's root that they lead to.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "site"
FROM_ROOT = ("CONTRIBUTING.md", "CHANGELOG.md")
# What a browser fetches by itself, not what a reader may click.
LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed|object|link)\b[^>]*?\b(?:src|href|data)=["']?([^"'\s>]+)"""
    r"""|url\(["']?([^"')]+)|@import\s+["']([^"']+)"""
)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
ELSEWHERE = re.compile(r"(?:[a-z]+:)?//", re.IGNORECASE)
# Links that tell what a page is, and fetch nothing.
TOLD = re.compile(r"""<link\b[^>]*\brel=["']?(?:canonical|prev|next)\b[^>]*>""")
# The theme's program fetches these by itself once a page has what they are for.
FETCHERS = re.compile(r"""class="[^"]*\b(?:mermaid|glightbox|pyodide)\b|data-md-component="source\"""")


def main() -> None:
    shutil.rmtree(SITE, ignore_errors=True)
    lay_out(SITE / "pages")
    build()
    found = {page: loads for page in sorted((SITE / "html").rglob("*")) if (loads := find_loads(page))}
    for page, loads in found.items():
        print(f"{page.relative_to(SITE)} loads from elsewhere: {', '.join(loads)}", file=sys.stderr)
    if found:
        sys.exit(1)
    print(f"The site is in {SITE / 'html' / 'index.html'}")


def lay_out(pages: Path) -> None:
    """The pages side by side, each link to where its target stands then."""
    shutil.copytree(ROOT / "docs", pages)
    for page in pages.rglob("*.md"):
        page.write_text(page.read_text(encoding="utf-8").replace("](../", "]("), encoding="utf-8")
    for name in FROM_ROOT:
        text = (ROOT / name).read_text(encoding="utf-8")
        (pages / name).write_text(text.replace("](docs/", "]("), encoding="utf-8")


def build() -> None:
    zensical = Path(sys.executable).with_name("zensical")
    command = [zensical, "build", "--clean", "--strict"]
    done = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False)
    # Each letter comes with a colour of its own; what follows is where in its own code Zensical gave up.
    print(COLOUR.sub("", done.stderr).partition("Traceback")[0], end="", file=sys.stderr)
    if done.returncode:
        sys.exit("The site was not built: see above.")


def find_loads(file: Path) -> list[str]:
    """What the page or style sheet would fetch from another host."""
    if file.suffix not in {".html", ".css", ".svg"}:
        return []
    text = TOLD.sub("", file.read_text(encoding="utf-8"))
    found = ["".join(groups) for groups in LOADED.findall(text)]
    return [url for url in found if ELSEWHERE.match(url)] + FETCHERS.findall(text)


if __name__ == "__main__":
    main()
