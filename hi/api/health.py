"""For probes and Prometheus: `/health/ready`, `/health/deep`, `/metrics`. (`/health/live` is answered in `hi/asgi.py`.)

Open to people who are signed in and to API tokens. Whoever asks without either gets one line and never a redirect: a
probe would follow it and think that all is well.
"""

import socket
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from hi.accounts.models import ApiToken
from hi.integration.health.check import check_health
from hi.integration.health.findings import Level
from hi.integration.health.probes import probe_databases, say
from hi.integration.metrics_scrape import scrape

PLAIN = "text/plain; charset=utf-8"
# What hi cannot serve a single page without.
NEEDED = {"Database", "History database", "Tables", "Redis"}
PROCESS_NAME = f"web@{socket.gethostname()}"

View = Callable[[HttpRequest], HttpResponse]


def _guarded(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        token, session = _bearer(request), request.session.session_key
        if not token and not session:
            return _refuse()
        # Who asks is known to the database alone; one that hangs must not hang the probe.
        lines = [f"{found.subject}: it does not answer ({found.error})." for found in probe_databases() if found.error]
        if lines:
            return _not_ready(lines)
        try:
            known = ApiToken.authenticate(token) if token else request.user.is_authenticated
        except DatabaseError as err:
            return _not_ready([f"Database: it can't tell who asks ({say(err)})."])
        if not known:
            return _refuse()
        return view(request)

    return login_not_required(require_safe(never_cache(answer)))


def _bearer(request: HttpRequest) -> str:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _refuse() -> HttpResponse:
    words = "Sign in, or send an API token: “Authorization: Bearer hi_…” (make -s token NAME=probe).\n"
    return HttpResponse(words, status=401, content_type=PLAIN, headers={"WWW-Authenticate": 'Bearer realm="hi"'})


def _not_ready(lines: list[str]) -> HttpResponse:
    return HttpResponse("\n".join(lines) + "\n", status=503, content_type=PLAIN)


@_guarded
def ready(request: HttpRequest) -> HttpResponse:
    findings = [finding for finding in check_health().findings if finding.subject in NEEDED]
    lines = [f"{finding.subject}: {finding.what}" for finding in findings if finding.level is Level.BAD]
    return _not_ready(lines) if lines else HttpResponse("ready\n", content_type=PLAIN)


@_guarded
def deep(request: HttpRequest) -> HttpResponse:
    health = check_health()
    findings = [asdict(finding) for finding in health.findings]
    status = 503 if health.level is Level.BAD else 200
    return JsonResponse({"level": health.level, "findings": findings}, status=status)


@_guarded
def metrics(request: HttpRequest) -> HttpResponse:
    return HttpResponse(scrape(PROCESS_NAME), content_type=CONTENT_TYPE_PLAIN_0_0_4)


urlpatterns = [
    path("health/ready", ready, name="ready"),
    path("health/deep", deep, name="deep"),
    path("metrics", metrics, name="metrics"),
]
