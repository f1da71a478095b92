"""What is shown once: carried from the answer to a form to the page that follows, in a cookie that only hi can read. So
loading that page anew asks for nothing again, and the text stands in no address, log or table."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from hi.utils import crypto

COOKIE = "hi_once"
SECONDS = 60


def lead_to(page: str, text: str, *, secure: bool) -> HttpResponse:
    response = HttpResponseRedirect(page)
    response.set_cookie(
        COOKIE, crypto.encrypt(text), max_age=SECONDS, path=page, secure=secure, httponly=True, samesite="Strict"
    )
    return response


def read(request: HttpRequest) -> str:
    """Empty where nothing was carried, or it has been shown."""
    try:
        return crypto.decrypt(request.COOKIES.get(COOKIE, ""))
    except crypto.DecryptionError:
        return ""


def forget(response: HttpResponse, page: str) -> None:
    response.delete_cookie(COOKIE, path=page, samesite="Strict")
