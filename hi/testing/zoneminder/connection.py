"""One client's TCP connection."""

import asyncio

from hi.testing.connection import HttpConnection
from hi.testing.http import Answer, Request
from hi.testing.zoneminder import api, images
from hi.testing.zoneminder.core import Core
from hi.testing.zoneminder.errors import PHP_HTML, apache_page

_SIGN_IN_PAGE = b"<!DOCTYPE html>\n<html><head><title>ZM - Login</title></head><body></body></html>\n"


class Connection(HttpConnection):
    def __init__(self, core: Core, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(core, reader, writer)
        self.core = core

    def answer(self, request: Request) -> Answer:
        if request.path.startswith(api.API_PATH):
            return api.answer(self.core, request)
        if request.path == images.ZMS_PATH:
            return images.zms(self.core, request)
        if request.path == "/zm/index.php" and request.query.get("view") == "image":
            return images.view_image(self.core, request)
        if request.path in ("/zm", "/zm/", "/zm/index.php"):
            return Answer(200, _SIGN_IN_PAGE, PHP_HTML)
        return apache_page(403 if request.path.startswith("/api/") else 404)
