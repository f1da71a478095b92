"""Who may do what: people, where they are signed in, API tokens, one-time sign-in links, and the proof that the key is
the right one."""

import hashlib
import logging
import secrets
from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from hi.accounts import roles
from hi.accounts.roles import Permission, Role, Scope

logger = logging.getLogger(__name__)
TOKEN_PREFIX = "hi_"
SIGN_IN_LINK_MINUTES = 15
INVITATION_DAYS = 3


def _digest(text: str) -> str:
    # The text is 256 random bits: a plain hash can't be guessed back, so it needs no salt and can be looked up.
    return hashlib.sha256(text.encode()).hexdigest()


class User(AbstractUser):
    """A person. Ours from the first migration, since Django can't swap the model later. What they may do is their
    role's alone: Django's own flags, groups and permissions mean nothing here."""

    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    last_seen_at = models.DateTimeField(null=True, blank=True, help_text="on the pages; within a few minutes")

    def may(self, permission: Permission) -> bool:
        return self.is_active and roles.is_allowed(self.role, permission)


class OpenSession(models.Model):
    """A browser that somebody is signed in with, as people tell theirs apart. It goes with Django's own session, which
    is what opens the pages; see `sessions.py`."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="open_sessions")
    since = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now, help_text="within a few minutes")
    address = models.CharField(max_length=45, blank=True, default="")
    agent = models.CharField(max_length=255, blank=True, default="", help_text="what the browser calls itself")

    def __str__(self) -> str:
        return f"session of {self.user_id}"


class ApiToken(models.Model):
    """A bearer token of the JSON API; only its hash is stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=10, choices=Scope.choices, default=Scope.READ)
    prefix = models.CharField(max_length=12, help_text="Enough of the token to tell it from others on a page.")
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @classmethod
    def issue(cls, user: User, name: str, scope: Scope = Scope.READ) -> str:
        """Create a token and return its text, which is never shown again."""
        text = TOKEN_PREFIX + secrets.token_urlsafe(32)
        cls.objects.create(user=user, name=name, scope=scope, token_hash=_digest(text), prefix=text[:8])
        return text

    @classmethod
    def live(cls, user: User) -> models.QuerySet["ApiToken"]:
        """Those of a person that open something, newest first."""
        return cls.objects.filter(user=user, revoked_at=None)

    @classmethod
    def authenticate(cls, text: str) -> "ApiToken | None":
        """The live token with that text, of a user who may sign in; notes its use once a minute at most."""
        if not text.startswith(TOKEN_PREFIX):
            return None
        found = (
            cls.objects.select_related("user")
            .filter(token_hash=_digest(text), revoked_at__isnull=True, user__is_active=True)
            .first()
        )
        now = timezone.now()
        if found and (found.last_used_at is None or found.last_used_at < now - timedelta(minutes=1)):
            cls.objects.filter(pk=found.pk).update(last_used_at=now)
            found.last_used_at = now
        return found

    @classmethod
    def may_still(cls, pk: int, permission: Permission) -> bool:
        """For who was authenticated a while ago."""
        found = cls.objects.select_related("user").filter(pk=pk, revoked_at=None, user__is_active=True).first()
        return found is not None and found.may(permission)

    def may(self, permission: Permission) -> bool:
        """What its scope and its owner's role both allow."""
        return self.user.may(permission) and roles.scope_allows(self.scope, permission)

    def revoke(self) -> None:
        self.revoked_at = timezone.now()
        self.save(update_fields=["revoked_at"])
        logger.info("revoked: %s, for the API, of user %s", self, self.user_id)


class SignInLink(models.Model):
    """A link that signs its user in once, within 15 minutes, or three days where it lets them choose a password; only
    its hash is stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    sets_password = models.BooleanField(default=False, help_text="Whoever uses it chooses a password first.")

    def __str__(self) -> str:
        return f"sign-in link of {self.user_id}"

    @classmethod
    def issue(cls, user: User, *, sets_password: bool = False) -> str:
        """Create a link and return its text, never shown again; every unused link of that user stops working."""
        now = timezone.now()
        cls.objects.filter(Q(user=user, used_at__isnull=True) | Q(expires_at__lt=now)).delete()
        text = secrets.token_urlsafe(32)
        lasts = timedelta(days=INVITATION_DAYS) if sets_password else timedelta(minutes=SIGN_IN_LINK_MINUTES)
        cls.objects.create(user=user, token_hash=_digest(text), expires_at=now + lasts, sets_password=sets_password)
        return text

    @classmethod
    def find(cls, text: str) -> "SignInLink | None":
        """The link that `redeem` would use up now. Looking uses nothing up."""
        return cls._live(text, timezone.now()).select_related("user").first()

    @classmethod
    def _live(cls, text: str, now: datetime) -> models.QuerySet["SignInLink"]:
        return cls.objects.filter(
            token_hash=_digest(text), used_at__isnull=True, expires_at__gt=now, user__is_active=True
        )

    @classmethod
    def redeem(cls, text: str, now: datetime | None = None) -> User | None:
        """The user to sign in, once; None for a link that is unknown, used or expired. Two requests can't both win."""
        now = now or timezone.now()
        live = cls._live(text, now)
        with transaction.atomic():
            # The person before the link, as whoever changes a person does: else each could wait for the other.
            user = User.objects.select_for_update().filter(pk__in=live.values("user_id")).first()
            return user if user is not None and live.update(used_at=now) else None


class KeyCheck(models.Model):
    """A known text encrypted with the installation's key: how init notices that the key is the wrong one."""

    encrypted = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return "key check"
