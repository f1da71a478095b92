import gc
from collections.abc import Iterator

import pytest
from django.template import engines
from django.test import Client

from hi.console.preload import preload

pytestmark = pytest.mark.either_database


@pytest.fixture(autouse=True)
def thaw() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_no_page_has_a_template_left_to_compile(browser: Client) -> None:
    compiled = engines["django"].engine.template_loaders[0].get_template_cache  # type: ignore[attr-defined]
    compiled.clear()
    preload()
    names = set(compiled)
    assert gc.get_freeze_count() > 0
    for page in ("/", "/things/", "/integrations/", "/jobs/"):
        assert browser.get(page).status_code == 200
    assert set(compiled) == names
