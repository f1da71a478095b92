"""Where people are signed in. Django's session is the truth: what ends it signs the browser out."""

import logging
import time

from django.contrib.auth import SESSION_KEY, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from hi.accounts.guessing import read_address
from hi.accounts.models import OpenSession, User

logger = logging.getLogger(__name__)
# Pages ask every two seconds; what they tell is exact enough like this.
NOTE_SECONDS = 300
MOST_REMEMBERED = 10_000
# Session key -> when this process noted its use, on the steady clock.
_noted: dict[str, float] = {}


def note_use(request: HttpRequest) -> None:
    """Write down that somebody who is signed in was here: every few minutes, whatever they do."""
    key, user = request.session.session_key, request.user
    if key is None or not isinstance(user.pk, int) or time.monotonic() - _noted.get(key, -NOTE_SECONDS) < NOTE_SECONDS:
        return
    now = timezone.now()
    told = {
        "last_used_at": now,
        "address": read_address(request) or "",
        "agent": request.headers.get("User-Agent", "").replace("\0", "")[:255],
    }
    try:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(last_seen_at=now)
            OpenSession.objects.update_or_create(session_id=key, defaults={"user_id": user.pk, **told})
    except DatabaseError as err:  # ended meanwhile, or others write for long: a later request notes it
        logger.info("the use of a session is not noted: %s", err)
        return
    if len(_noted) >= MOST_REMEMBERED:
        _noted.clear()
    _noted[key] = time.monotonic()


def keep(request: HttpRequest, user: User) -> None:
    """After a new password: other browsers are out, and this one is the one that it was, by another key. Call it in a
    transaction."""
    ours = OpenSession.objects.filter(session=request.session.session_key).first()
    update_session_auth_hash(request, user)
    if ours is not None:  # it went with the old key
        ours.session = Session.objects.get(session_key=request.session.session_key)
        ours.save(force_insert=True)


def list_open(user: User) -> QuerySet[OpenSession]:
    """The last used first."""
    return OpenSession.objects.filter(user=user, session__expire_date__gt=timezone.now()).order_by(
        "-last_used_at", "pk"
    )


def end(user: User, open_session_id: int) -> bool:
    """Sign one browser out. False where it was not signed in."""
    found = list_open(user).filter(pk=open_session_id).values_list("session_id", flat=True)
    return Session.objects.filter(session_key__in=list(found)).delete()[0] > 0


def end_all(user: User, *, but: str | None = None) -> int:
    """Sign all browsers out, or all but the one of a session. Returns how many there were."""
    # Not by our own rows: a browser that has signed in and asked for nothing since has none yet.
    live = Session.objects.filter(expire_date__gt=timezone.now()).exclude(session_key=but)
    keys = [one.session_key for one in live.iterator() if one.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(session_key__in=keys).delete()
    return len(keys)
