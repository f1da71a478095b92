"""ZmClient: signs in, asks, and never trusts a 200.

https://zoneminder.readthedocs.io/en/stable/api.html, and what a real 1.36.33 answered (tests/fixtures/zoneminder).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import quote, urlencode

from hi.integration import exceptions, grants
from hi.integration.client import HttpAnswer
from hi.integration.core.decode import read_lenient_mapping, read_list, read_loose_number, read_mapping
from hi.integration.grants import Grant
from hi.integration.product import Product
from hi.integration.service_client import ServiceClient

ZONEMINDER = Product(
    "ZoneMinder",
    80,
    credential="password",
    usual_path="/zm",
    refused_hint="Enter user and password as you sign in to ZoneMinder itself.",
    denied_hint="Does the address end in /zm? If so: Options, System, OPT_USE_API, AUTH_HASH_SECRET; Users, its API.",
)
TOKEN_SECONDS, REFRESH_SECONDS = 7200.0, 86400.0
PAGE, MAX_PAGES = 100, 100
LOGIN = "/api/host/login.json"


class ZmClient(ServiceClient):
    product = ZONEMINDER

    def __init__(self, config: Mapping[str, str], **limits: Any) -> None:
        super().__init__(config, **limits)
        self.server_id = self.url.partition("//")[2][:120]  # it has no name of its own for good
        self._account = config["user"], config["password"]
        self._grant = grants.share(self.url, *self._account)

    def sign_in(self) -> str:
        self._grant.forget()
        return "the user is let in" if self._grant.get(self._sign_in).token else "no password is asked for"

    def refuse(self, path: str, answer: HttpAnswer) -> None:
        if answer.status == 401 and _lacks_rights(answer):
            who = self._account[0] or "anybody without a user"
            raise exceptions.MissingRightsError(
                f"ZoneMinder does not let {who} have {path.removeprefix('/api/').removesuffix('.json')}.",
                hint="In ZoneMinder: Options, Users, and give this user the rights.",
            )
        if path == LOGIN and answer.status == 404:
            raise ZONEMINDER.missing(self.url, answer.status)
        if answer.status == 401 and b'"API' in answer.body:
            raise ZONEMINDER.denied(self.url)
        super().refuse(path, answer)

    def ask(
        self,
        path: str,
        method: str = "GET",
        form: Mapping[str, str] | None = None,
        *,
        may_miss: bool = False,
        **query: Any,
    ) -> Any:
        """What `/api/PATH.json` answers; if it `may_miss`, None for what does not exist, by ZoneMinder's own word."""
        path = f"/api/{quote(path)}.json"
        answer = self._send(path, query, method, form)
        if answer.status == 404 and may_miss and "json" in answer.content_type:
            return None
        self._api.refuse(path, answer)
        return self.decode(path, answer)

    def ask_events(self, after: int) -> Iterator[Any]:
        """The rows behind that id. By ids and not by pages: what is deleted meanwhile would move these."""
        for _page in range(MAX_PAGES):
            rows = self.list_events(f"/index/Id >:{after}", direction="asc")
            yield from rows
            events = (read_lenient_mapping(read_lenient_mapping(row).get("Event")) for row in rows)
            after = int(max((read_loose_number(event.get("Id")) or 0 for event in events), default=0))
            if len(rows) < PAGE or not after:
                return

    def list_events(self, which: str = "", *, direction: str, limit: int = PAGE) -> list[Any]:
        answer = self.ask(f"events{which}", sort="Id", direction=direction, limit=limit)
        return read_list(read_mapping(answer, "answer").get("events"), "events")

    def fetch_picture(self, path: str, **query: Any) -> bytes:
        # It answers so for a token that it does not take, too.
        answer = self._send(path, query, is_refused=lambda answer: answer.status == 403)
        self._api.refuse(path, answer)
        return answer.body

    def open_stream(self, path: str, **query: Any) -> AbstractContextManager[Iterator[bytes]]:
        return grants.opened(
            self._grant, self._sign_in, lambda grant: self._api.open_stream(_with_token(path, query, grant))
        )

    def _send(
        self,
        path: str,
        query: Mapping[str, Any],
        method: str = "GET",
        form: Mapping[str, str] | None = None,
        is_refused: Callable[[HttpAnswer], bool] = lambda answer: answer.status == 401 and not _lacks_rights(answer),
    ) -> HttpAnswer:
        def send(grant: Grant) -> HttpAnswer:
            return self._api.exchange(method, _with_token(path, query, grant), form)

        return grants.ask(self._grant, self._sign_in, send, is_refused)

    def _sign_in(self, before: Grant | None) -> Grant:
        """By a form: JSON is not read there. A refresh brings no new refresh token; both are null where authentication
        is off, and without a user nobody can sign in."""
        user, password = self._account
        if not user:
            return Grant("", TOKEN_SECONDS)
        if before is not None and before.usable_refresh:
            answer = self._api.exchange("POST", LOGIN, {"token": before.usable_refresh})
            if answer.status == 200:
                return self._read_grant(answer)
        answer = self._api.exchange("POST", LOGIN, {"user": user, "pass": password})
        self._api.refuse(LOGIN, answer)
        return self._read_grant(answer)

    def _read_grant(self, answer: HttpAnswer) -> Grant:
        data = read_mapping(self.decode(LOGIN, answer), "login")
        return Grant(
            str(data.get("access_token") or ""),
            read_loose_number(data.get("access_token_expires")) or TOKEN_SECONDS,
            str(data.get("refresh_token") or ""),
            read_loose_number(data.get("refresh_token_expires")) or REFRESH_SECONDS,
        )


def _with_token(path: str, query: Mapping[str, Any], grant: Grant) -> str:
    """As a parameter: the header is not read. No log has what follows the `?`."""
    given = {**query, **({"token": grant.token} if grant.token else {})}
    return f"{path}?{urlencode(given)}" if given else path


def _lacks_rights(answer: HttpAnswer) -> bool:
    return b"insufficient privileges" in answer.body.lower()
