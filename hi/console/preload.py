"""What every request needs, loaded before the first one and kept out of the garbage collector's sight."""

import gc
from pathlib import Path

from django.template.loader import get_template
from django.urls import get_resolver

TEMPLATES = Path(__file__).parent / "templates"


def preload() -> None:
    """Call this once, when the process has started. Compiled templates are some fifty thousand objects: looking for
    garbage among them and all modules holds up one request in a few for a twentieth of a second each time."""
    assert get_resolver().url_patterns
    for file in TEMPLATES.rglob("*.html"):
        get_template(str(file.relative_to(TEMPLATES)))
    gc.collect()
    gc.freeze()
