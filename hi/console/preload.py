"""What every request needs, loaded before the first one and kept out of the garbage collector's sight."""

import gc
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.template.loader import get_template

TEMPLATES = Path(__file__).parent / "templates"


def preload() -> None:
    """Call this once, when the process has started. Compiled templates are some fifty thousand objects: looking for
    garbage among them and all modules holds up one request in a few for a twentieth of a second each time."""
    import_module(settings.ROOT_URLCONF)
    for file in TEMPLATES.rglob("*.html"):
        get_template(str(file.relative_to(TEMPLATES)))
    gc.collect()
    gc.freeze()
