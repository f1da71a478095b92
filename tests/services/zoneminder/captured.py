"""What a real ZoneMinder 1.36.33 answered."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "fixtures" / "zoneminder"


def body(name: str) -> Any:
    """As it came, without the notes on what was cut from lists."""
    return _without_notes(json.loads((FOLDER / f"{name}.json").read_text())["response"]["body"])


def _without_notes(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_notes(one) for one in value if not (isinstance(one, str) and "trimmed" in one)]
    return {key: _without_notes(one) for key, one in value.items()} if isinstance(value, dict) else value
