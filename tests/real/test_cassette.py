"""What is recorded of a real Home Assistant: no secret in it, and the same mirror of it."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

from hi.integration import operations
from hi.integration.models import IntegrationInstance
from hi.testing.conformance import replayed
from hi.testing.conformance.secrets import spell
from tests.factories import UserFactory
from tests.real.server import Server


@pytest.mark.real
@pytest.mark.either_database(transaction=True)
def test_a_recording_is_mirrored_as_it_was_and_holds_no_secret(
    server: Server, redis_url: str, quick: None, tmp_path: Path
) -> None:
    UserFactory(username="anna", is_superuser=True)
    draft = operations.create_draft("hass", "House", {"url": server.url, "token": server.token})
    IntegrationInstance.objects.filter(pk=draft.pk).update(is_draft=False)
    path = tmp_path / "cassette.json"
    call_command("record", "House", "--seconds", "5", "--output", str(path))
    text = path.read_text()
    assert [spelling for spelling in spell(server.token) if spelling in text] == []
    host = re.sub(r"^https?://|[:/].*$", "", server.url)
    assert host not in text
    replayed(path)
