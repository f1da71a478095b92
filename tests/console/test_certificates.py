"""Which certificate an https address may show: chosen with the settings, and told wherever it is not checked."""

import re

import pytest
from django.test import Client

from hi.integration import configuration
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import AuditEntry, IntegrationInstance
from tests.certificates import Authority
from tests.factories import InstanceFactory

pytestmark = pytest.mark.either_database
AUTHORITY = Authority().pem
BADGE = "Certificate not checked"
GIVEN = {"action": "update_config", "label": "House", "url": "https://porch.local", "token": ""}


@pytest.fixture
def house(porch: str) -> IntegrationInstance:
    instance = InstanceFactory(integration_type=porch, label="House")
    specs = get_integration_gateway(porch).settings
    configuration.write_configuration(instance, specs, {"url": "https://porch.local", "token": "t0ken-of-porch"})
    return instance


def save(browser: Client, house: IntegrationInstance, **more: str) -> str:
    return browser.post(f"/integrations/{house.pk}/", {**GIVEN, **more}, follow=True).text


def read(house: IntegrationInstance) -> dict[str, str]:
    return configuration.read_configuration(IntegrationInstance.objects.get(pk=house.pk))


def folded(text: str) -> str:
    return re.search(r'<details class="fold"( open)?>.*?</details>', text, re.DOTALL)[0]  # type: ignore[index]


def test_the_form_keeps_it_out_of_the_way_of_those_who_need_nothing(
    browser: Client, house: IntegrationInstance
) -> None:
    for path in (f"/integrations/{house.pk}/", "/integrations/add/porch"):
        part = folded(browser.get(path).text)
        assert part.startswith('<details class="fold"><summary>')
        assert '<option value="system" selected>' in part
        assert '<textarea name="tls_authority"' in part


def test_what_was_chosen_is_stored_and_shown(browser: Client, house: IntegrationInstance) -> None:
    pasted = AUTHORITY.replace("\n", "\r\n")
    text = save(browser, house, tls_check="authority", tls_authority=pasted)
    assert "Settings saved." in text
    assert read(house)["tls_authority"] == AUTHORITY.strip()
    part = folded(text)
    assert part.startswith('<details class="fold" open>')
    assert '<option value="authority" selected>' in part
    assert AUTHORITY.strip() in part


def test_it_reconnects_only_when_something_changed(browser: Client, house: IntegrationInstance) -> None:
    def revision(**more: str) -> int:
        save(browser, house, **more)
        house.refresh_from_db()
        return house.config_revision

    first = house.config_revision
    assert revision() == first
    assert revision(tls_check="system", tls_authority="", tls_fingerprint="") == first
    assert revision(tls_check="authority", tls_authority=AUTHORITY) == first + 1
    assert revision(tls_check="authority", tls_authority=AUTHORITY) == first + 1
    assert revision(tls_check="system", tls_authority="") == first + 2
    assert read(house) == {"url": "https://porch.local", "token": "t0ken-of-porch"}


def test_a_mistake_is_told_at_its_field_which_is_then_open(browser: Client, house: IntegrationInstance) -> None:
    for more, field, words in (
        ({"tls_check": "authority"}, "tls_authority", "Certificate of the authority is missing."),
        ({"tls_check": "authority", "tls_authority": "hello"}, "tls_authority", "This is no certificate."),
        ({"tls_check": "fingerprint", "tls_fingerprint": "AB"}, "tls_fingerprint", "This is no SHA-256 fingerprint."),
        ({"tls_check": "maybe"}, "tls_check", "Certificate: choose one of"),
    ):
        part = folded(save(browser, house, **more))
        assert part.startswith('<details class="fold" open>')
        assert f'id="setting-{field}_error">{words}' in part


def test_what_is_not_checked_is_told_wherever_the_integration_is(browser: Client, house: IntegrationInstance) -> None:
    pages = ("/", "/integrations/", f"/integrations/{house.pk}/")
    assert all(BADGE not in browser.get(page).text for page in pages)
    save(browser, house, tls_check="off")
    assert all(BADGE in browser.get(page).text for page in pages)
    save(browser, house, tls_check="off", url="http://porch.local", token="t0ken-of-porch")
    assert all(BADGE not in browser.get(page).text for page in pages)  # nothing is encrypted there anyway


def test_what_is_chosen_fits_into_one_line_on_a_phone(porch: str) -> None:
    specs = get_integration_gateway(porch).settings
    assert [label for spec in specs for _value, label in spec.choices if len(label) > 36] == []


def test_the_audit_tells_the_choice_in_words(browser: Client, house: IntegrationInstance) -> None:
    save(browser, house, tls_check="authority", tls_authority=AUTHORITY)
    entry = AuditEntry.objects.get()
    assert entry.before == "Certificate Known authorities; Certificate of the authority none"
    assert entry.after == "Certificate An authority of your own; Certificate of the authority given"
