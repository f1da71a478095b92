"""Where the media process listens, in uvicorn's words."""

from typing import Any

import pytest

from hi.media.address import to_listen

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("unix:/run/hi/media.sock", {"uds": "/run/hi/media.sock"}),
        ("0.0.0.0:9415", {"host": "0.0.0.0", "port": 9415}),
        ("[::1]:9415", {"host": "::1", "port": 9415}),
    ],
)
def test_it_listens_where_the_setting_says(settings: Any, address: str, words: dict[str, object]) -> None:
    settings.HI_MEDIA_ADDRESS = address
    assert to_listen() == words
