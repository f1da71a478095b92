import logging

import pytest

from hi.integration.configuration import read_configuration, read_public_configuration, write_configuration
from hi.integration.core.settings import SettingSpec, SettingType
from hi.utils.log_format import LineFormatter
from tests.integration.home import make_instance

pytestmark = pytest.mark.database
SPECS = (SettingSpec("url", "Address", SettingType.URL), SettingSpec("token", "Token", SettingType.SECRET))


def test_a_secret_that_was_read_is_in_no_log_line_and_no_traceback() -> None:
    secret = "kingfisher/over the water"
    instance = make_instance()
    write_configuration(instance, SPECS, {"url": "http://porch.local", "token": secret})
    config = read_configuration(instance)
    assert config["token"] == secret

    try:
        raise ValueError(f"cannot send {config!r}, said {secret}")
    except ValueError as err:
        record = logging.getLogger("x").makeRecord("x", 40, __file__, 1, "sent %s", (secret,), (type(err), err, None))
    line = LineFormatter("%(message)s").format(record)

    assert "kingfisher" not in line
    assert "http://porch.local" in line


def test_what_may_be_shown_has_no_secret() -> None:
    instance = make_instance()
    write_configuration(instance, SPECS, {"url": "http://porch.local", "token": "kingfisher"})

    assert read_public_configuration(instance) == {"url": "http://porch.local"}
