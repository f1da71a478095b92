from datetime import timedelta

import pytest
from django.utils import timezone

from hi.accounts.models import ApiToken, SignInLink, User

pytestmark = pytest.mark.database


@pytest.fixture
def user() -> User:
    return User.objects.create_user("anna")


def test_an_issued_token_is_recognised_and_its_text_is_not_stored(user: User) -> None:
    text = ApiToken.issue(user, "tablet")
    found = ApiToken.authenticate(text)
    assert found is not None
    assert found.user == user
    assert text not in str(ApiToken.objects.values().get())


def test_the_use_of_a_token_is_noted(user: User) -> None:
    ApiToken.authenticate(ApiToken.issue(user, "tablet"))
    assert ApiToken.objects.get().last_used_at is not None


def test_a_revoked_token_is_refused(user: User) -> None:
    text = ApiToken.issue(user, "tablet")
    ApiToken.objects.get().revoke()
    assert ApiToken.authenticate(text) is None


def test_a_token_of_a_deactivated_user_is_refused(user: User) -> None:
    text = ApiToken.issue(user, "tablet")
    User.objects.update(is_active=False)
    assert ApiToken.authenticate(text) is None


@pytest.mark.parametrize("text", ["", "hi_", "hi_wrong", "Bearer x", "\x00"])
def test_an_unknown_token_is_refused(user: User, text: str) -> None:
    ApiToken.issue(user, "tablet")
    assert ApiToken.authenticate(text) is None


def test_a_sign_in_link_works_once(user: User) -> None:
    text = SignInLink.issue(user)
    assert SignInLink.redeem(text) == user
    assert SignInLink.redeem(text) is None


def test_a_sign_in_link_expires_after_15_minutes(user: User) -> None:
    text = SignInLink.issue(user)
    assert SignInLink.redeem(text, now=timezone.now() + timedelta(minutes=15, seconds=1)) is None


def test_a_new_sign_in_link_ends_the_one_before(user: User) -> None:
    first = SignInLink.issue(user)
    second = SignInLink.issue(user)
    assert SignInLink.redeem(first) is None
    assert SignInLink.redeem(second) == user


def test_a_sign_in_link_of_a_deactivated_user_is_refused(user: User) -> None:
    text = SignInLink.issue(user)
    User.objects.update(is_active=False)
    assert SignInLink.redeem(text) is None
