"""Settings from the environment: what a new connection takes where nothing is given, by whatever way it is added."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hi.accounts.models import User
from hi.integration import configuration, environment, operations
from hi.integration.core.settings import SettingSpec, SettingType
from hi.integration.exceptions import ConfigurationError
from hi.integration.models import IntegrationInstance
from tests.api.conftest import api, token, user
from tests.cli.conftest import Hub, administrator, hub
from tests.config_file.world import apply_text, refused
from tests.console.conftest import browser, person
from tests.porch import porch

__all__ = ["administrator", "api", "browser", "hub", "person", "porch", "token", "user"]
pytestmark = pytest.mark.either_database
CANARY = "canary-of-the-environment-52"
SPECS = (
    SettingSpec("url", "Address", SettingType.URL),
    SettingSpec("token", "Access token", SettingType.SECRET),
)
FILE = "hi: 1\nintegrations:\n  Back:\n    kind: porch\n"


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HI_PORCH_URL", "porch.local:8080")
    monkeypatch.setenv("HI_PORCH_TOKEN", CANARY)


def stored() -> dict[str, str]:
    instance = IntegrationInstance.objects.get()
    return {key: configuration.read_configuration(instance)[key] for key in ("url", "token")}


FROM_ENVIRONMENT = {"url": "http://porch.local:8080", "token": CANARY}


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ({}, {"url": "porch.local:8080", "token": CANARY}),
        ({"url": "http://porch.local:8080/"}, {"url": "http://porch.local:8080/", "token": CANARY}),
        ({"url": "", "token": ""}, {"url": ""}),
        ({"token": "mine"}, {"url": "porch.local:8080", "token": "mine"}),
        # To another server goes only what was given for it.
        ({"url": "http://elsewhere.lan:8080", "token": " "}, {"url": "http://elsewhere.lan:8080"}),
        ({"url": "https://porch.local:8080"}, {"url": "https://porch.local:8080"}),
        ({"url": "http://elsewhere.lan", "token": "mine"}, {"url": "http://elsewhere.lan", "token": "mine"}),
    ],
)
@pytest.mark.usefixtures("variables")
def test_what_is_given_stands_before_the_environment(given: dict[str, str], filled: dict[str, str]) -> None:
    assert environment.fill_in("porch", SPECS, given) == filled


@pytest.mark.usefixtures("variables")
def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n")
    monkeypatch.setenv("HI_PORCH_TOKEN_FILE", str(tmp_path / "token"))
    assert environment.read("porch", SPECS)["token"] == "from-a-file"
    monkeypatch.setenv("HI_PORCH_TOKEN_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigurationError, match="nowhere can't be read") as told:
        environment.read("porch", SPECS)
    assert (told.value.field, told.value.hint) == ("token", "Look at HI_PORCH_TOKEN_FILE.")


@pytest.mark.usefixtures("variables")
def test_the_form_says_so_and_never_shows_a_secret(browser: Client, porch: str) -> None:
    page = browser.get("/integrations/add/porch").text
    assert 'value="porch.local:8080"' in page
    assert page.count("Taken from the environment.") == 2
    assert "taken from the environment, unless you enter another" in page
    answer = browser.post("/integrations/add/porch", {"url": "porch.local:8080", "token": ""}, follow=True)
    assert stored() == FROM_ENVIRONMENT
    edited = browser.get(f"/integrations/add/porch?draft={IntegrationInstance.objects.get().pk}").text
    assert CANARY not in page + answer.text + edited


@pytest.mark.usefixtures("variables")
def test_the_form_asks_for_the_secret_of_another_server(browser: Client, porch: str) -> None:
    answer = browser.post("/integrations/add/porch", {"url": "http://elsewhere.lan", "token": ""})
    assert (answer.status_code, "Access token is missing." in answer.text) == (422, True)


@pytest.mark.usefixtures("variables")
def test_a_command_and_a_file_take_it_too(hub: Hub, administrator: User, porch: str) -> None:
    assert hub("add", porch, "--no-activate").code == 0
    assert stored() == FROM_ENVIRONMENT
    assert CANARY not in hub("show", "integration", porch).out
    IntegrationInstance.objects.all().delete()
    apply_text(FILE, administrator)
    assert stored() == FROM_ENVIRONMENT


def test_without_them_all_is_as_ever(hub: Hub, administrator: User, porch: str) -> None:
    assert "Access token is missing." in hub("add", porch, "--url", "http://porch.local").err
    assert refused(FILE, administrator) == [
        "3: integrations › Back › settings › url: Address is missing.",
        "3: integrations › Back › settings › token: Access token is missing.",
    ]


def test_what_is_stored_follows_no_change_of_the_environment(porch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = operations.create_draft(porch, "Back", {"url": "http://porch.local:8080", "token": "mine"})
    monkeypatch.setenv("HI_PORCH_TOKEN", CANARY)
    operations.update_settings(instance, {"token": ""})
    assert stored()["token"] == "mine"


def test_programs_are_told_the_schema_and_the_variables(api: Client, porch: str) -> None:
    kinds: list[dict[str, Any]] = api.get("/api/v1/integrations/kinds").json()
    kind = next(one for one in kinds if one["integration_type"] == porch)
    assert [setting["variable"] for setting in kind["settings"]][:2] == ["HI_PORCH_URL", "HI_PORCH_TOKEN"]
    schema = kind["settings_schema"]
    assert schema["required"] == ["url", "token"]
    assert schema["properties"]["token"] == {
        "type": "string",
        "title": "Access token",
        "maxLength": 4096,
        "writeOnly": True,
        "minLength": 1,
    }
    assert schema["properties"]["tls_check"]["enum"] == ["system", "authority", "fingerprint", "off"]
