"""What goes wrong, in the words and shapes of the real server."""

from html import escape

from hi.testing.http import Answer, Request, json_answer

API_JSON = "application/json; charset=UTF-8"
PHP_HTML = "text/html; charset=UTF-8"

_CLASSES = {
    400: "BadRequestException",
    401: "UnauthorizedException",
    403: "ForbiddenException",
    404: "NotFoundException",
    500: "Exception",
}
_APACHE_WORDS = {
    403: ("Forbidden", "You don't have permission to access this resource."),
    404: ("Not Found", "The requested URL was not found on this server."),
}


class ApiError(Exception):
    """An error of the API; `shown` is its name where that hides the message."""

    def __init__(
        self,
        status: int,
        message: str,
        kind: str | None = None,
        code: int | str | None = None,
        shown: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind or _CLASSES[status]
        self.code = status if code is None else code
        self.shown = shown or message

    def to_answer(self, request: Request) -> Answer:
        """The address in it is as it was asked for: with the token."""
        if not request.path.endswith(".json"):
            page = f"<!DOCTYPE html>\n<html>\n<body>\n<h2>{escape(self.shown)}</h2>\n</body>\n</html>\n"
            return Answer(self.status, page.encode(), PHP_HTML)
        told = {"name": escape(self.shown), "message": escape(self.shown), "url": escape(request.target)}
        told |= {"exception": {"class": self.kind, "code": self.code, "message": self.message}}  # type: ignore[dict-item]
        return json_answer({"success": False, "data": told}, self.status, API_JSON)


def internal_error(message: str, kind: str = "Exception", code: int | str = 0) -> ApiError:
    return ApiError(500, message, kind, code, "An Internal Error Has Occurred.")


def unknown_controller(request: Request) -> Answer:
    told = {"name": "Not Found", "message": "Not Found", "url": escape(request.target)}
    return json_answer(told, 404, API_JSON)


def apache_page(status: int) -> Answer:
    """Of the web server, which knows nothing there."""
    title, text = _APACHE_WORDS[status]
    page = (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">\n<html><head>\n'
        f"<title>{status} {title}</title>\n</head><body>\n<h1>{title}</h1>\n<p>{text}</p>\n</body></html>\n"
    )
    return Answer(status, page.encode(), "text/html; charset=iso-8859-1")
