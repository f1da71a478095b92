"""The command as it is called, in this process: what it wrote, and its exit code."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.core.management import call_command

from hi.accounts.models import User
from tests.factories import UserFactory


@dataclass(frozen=True, slots=True)
class Answer:
    out: str
    err: str
    code: int


Hub = Callable[..., Answer]


@pytest.fixture
def administrator() -> User:
    return UserFactory(username="anna", is_superuser=True)


@pytest.fixture
def hub(administrator: User, monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.delenv("COLUMNS", raising=False)

    def call(*words: str) -> Answer:
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command("hub", *words, stdout=out, stderr=err)
        except SystemExit as ended:
            return Answer(out.getvalue(), err.getvalue(), int(ended.code or 0))
        return Answer(out.getvalue(), err.getvalue(), 0)

    return call
