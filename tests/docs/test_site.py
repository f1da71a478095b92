"""What `make docs` refuses and rewrites; that it builds without a warning is for `make check` to show."""

from pathlib import Path

import pytest

from scripts.docs_site import find_loads, lay_out

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<img alt="x" src="https://elsewhere.example/a.png">', ["https://elsewhere.example/a.png"]),
        ("<script async src=//elsewhere.example/a.js></script>", ["//elsewhere.example/a.js"]),
        ('<link rel="stylesheet" href="https://elsewhere.example/a.css">', ["https://elsewhere.example/a.css"]),
        ("<style>body { background: url('https://elsewhere.example/a') }</style>", ["https://elsewhere.example/a"]),
        ('<pre class="mermaid">graph</pre>', ['class="mermaid']),
        ('<a href="https://elsewhere.example/">a link to click</a>', []),
        ('<link rel="canonical" href="https://docs.example/"><img src="images/a.png">', []),
    ],
)
def test_what_a_page_would_load_from_another_host_is_found(tmp_path: Path, text: str, found: list[str]) -> None:
    page = tmp_path / "page.html"
    page.write_text(text)
    assert find_loads(page) == found


def test_links_between_docs_and_the_checkouts_root_lead_to_where_their_target_is_on_the_site(tmp_path: Path) -> None:
    lay_out(tmp_path / "pages")
    pages = {page.name: page.read_text(encoding="utf-8") for page in (tmp_path / "pages").glob("*.md")}
    assert "](CONTRIBUTING.md)" in pages["README.md"]
    assert "](architecture.md)" in pages["CONTRIBUTING.md"]
    assert not [name for name, text in pages.items() if "](../" in text or "](docs/" in text]
