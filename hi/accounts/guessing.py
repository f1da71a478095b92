"""Passwords are protected against guessing by django-axes, which counts in the database: after five wrong tries for a
name, or from an address, nobody may try again for a quarter of an hour, neither to sign in nor to choose a new password
with the old one. A sign-in link works all the same.

The settings `AXES_…` name what is here.
"""

import hashlib
import ipaddress
import math
import threading
from collections.abc import Mapping

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off, get_failure_limit
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone

from hi.accounts.models import User

# Passwords are checked one at a time: of many at once, all would be checked before the first was counted.
one_at_a_time = threading.Lock()


def read_name(request: HttpRequest, credentials: Mapping[str, str] | None) -> str:
    """Under which name a try is counted. What was typed into its field may be a password, so it is never kept."""
    typed = (credentials or request.POST).get("username") or ""
    return hashlib.sha256(typed.strip().lower().encode()).hexdigest()


def read_address(request: HttpRequest) -> str | None:
    """From where it comes, as the server says, who believes the headers of trusted proxies only. None over a socket
    that has no addresses."""
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "").partition("%")[0]))
    except ValueError:
        return None


def is_password(request: HttpRequest, user: User, text: str) -> bool:
    """Of who is signed in already. Counted as at the sign-in; a right one begins the count anew."""
    with one_at_a_time:
        found = authenticate(request, username=user.get_username(), password=text)
    if found is None:
        return False
    AxesProxyHandler.user_logged_in(sender=User, request=request, user=user)
    return True


def minutes_to_wait(request: HttpRequest) -> int:
    """For a request that was refused: how long until so many tries are forgotten that another is free."""
    credentials = request.axes_credentials  # type: ignore[attr-defined]
    limit, cool_off = get_failure_limit(request, credentials), get_cool_off(request)
    free_at = now = timezone.now()
    for tries in AxesProxyHandler.get_implementation().get_user_attempts(request, credentials):
        failures = 0
        for moment, number in tries.order_by("-attempt_time").values_list("attempt_time", "failures_since_start"):
            failures += number
            if failures >= limit:
                free_at = max(free_at, moment + cool_off)
                break
    return max(1, math.ceil((free_at - now).total_seconds() / 60))
