"""Each recording in tests/fixtures/cassettes is mirrored as it was when `manage.py record` made it: a real Home
Assistant 2025.4 with its demo integration, the simulated ZoneMinder, and what people send of theirs."""

import re
from pathlib import Path

import pytest

from hi.testing.cassette import Cassette
from hi.testing.conformance import replayed

FOLDER = Path(__file__).parents[1] / "fixtures" / "cassettes"
CASSETTES = sorted(FOLDER.glob("*.json"))
MOST_BYTES = 300_000
# Tokens, addresses with credentials, addresses of machines, mails.
CANARIES = re.compile(
    r"\beyJ[\w-]{5,}\.|\bbearer |://[^/\s\"]+@|\b(?:127|10|172|192)(?:\.\d{1,3}){3}\b|canary|[\w.]+@(?!example\.invalid)\w+\.\w",
    re.IGNORECASE,
)


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: path.stem)
@pytest.mark.either_database(transaction=True)
@pytest.mark.wire
def test_what_was_recorded_is_mirrored_as_it_was(
    path: Path, redis_url: str, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hi.integration.poller.PACE", 0.01)
    replayed(path)


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: path.stem)
@pytest.mark.pure
def test_a_recording_is_small_and_holds_what_was_heard_and_no_secret(path: Path) -> None:
    text = path.read_text()
    assert CANARIES.findall(text) == []
    assert len(text) < MOST_BYTES
    made = Cassette.load(path).made
    assert made["complete"]
    assert made["things"]
    assert made["values"]
    assert made["later"]
