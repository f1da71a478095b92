import logging

import pytest
from django.core.exceptions import ImproperlyConfigured

from hi.integration.job_log import JobLogHandler
from hi.settings import base
from hi.settings.log import logging_settings

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("log_format", ["line", "json"])
def test_every_record_goes_through_one_formatter_that_redacts(log_format: str) -> None:
    settings = logging_settings("INFO", log_format)
    assert settings["handlers"]["stderr"]["formatter"] == log_format
    config = dict(settings["formatters"][log_format])
    assert config.pop("()").startswith("hi.utils.log_format.")


@pytest.mark.parametrize("log_format", ["xml", "LINE", ""])
def test_an_unknown_format_is_refused_by_name(log_format: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="HI_LOG_FORMAT must be line or json, not"):
        logging_settings("INFO", log_format)


def test_an_unknown_level_is_refused_by_name() -> None:
    with pytest.raises(ImproperlyConfigured, match="HI_LOG_LEVEL"):
        logging_settings("LOUD")


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "ERROR"])
def test_no_level_writes_down_what_goes_over_a_websocket(level: str) -> None:
    assert logging_settings(level)["loggers"]["websockets"]["level"] in ("INFO", "WARNING")


def test_the_settings_in_use_hand_records_to_the_job_at_work_once() -> None:
    assert logging_settings("INFO") == base.LOGGING
    assert len([one for one in logging.getLogger().handlers if isinstance(one, JobLogHandler)]) == 1
