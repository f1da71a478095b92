"""ServiceClient: what a client of any product is, by the settings of an instance. A service subclasses it."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from hi.integration import exceptions
from hi.integration.client import ApiClient, HttpAnswer
from hi.integration.product import Product
from hi.integration.tls import Trust
from hi.integration.websocket import WebSocketTalk, explained, open_websocket

ANSWER_SECONDS = 10.0
FETCH_SECONDS = 30.0


class ServiceClient:
    """One server, at the setting `url`. Raises only IntegrationErrors, and none holds a secret. A context manager."""

    product: ClassVar[Product]

    def __init__(
        self,
        config: Mapping[str, str],
        *,
        answer_seconds: float | None = None,
        fetch_seconds: float = FETCH_SECONDS,
        is_quiet: bool = False,
    ) -> None:
        """`is_quiet`: of one that asks all the time, requests are not told in the log."""
        self.config = config
        self.url = config["url"]
        self.answer_seconds = answer_seconds = ANSWER_SECONDS if answer_seconds is None else answer_seconds
        self.fetch_seconds = fetch_seconds
        self._trust = Trust.of(config)
        # One attempt: a person waits, and credentials that may be wrong are not repeated.
        self._api = ApiClient(
            self.url,
            self._trust,
            headers=self.headers(),
            retries=0,
            read_seconds=answer_seconds,
            deadline_seconds=2 * answer_seconds,
            is_quiet=is_quiet,
            refuse=self.refuse,
        )

    def headers(self) -> Mapping[str, str]:
        """What goes along with each request over HTTP, and nowhere else."""
        return {"Authorization": f"Bearer {self.config[self.product.credential]}"} if self.product.is_bearer else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._api.close()

    def refuse(self, path: str, answer: HttpAnswer) -> None:
        """Raise what this status of an answer means; overridden where the product says that in other ways, too."""
        if answer.status == 401:
            is_given = self.config.get(self.product.credential)
            raise self.product.refused(self.url) if is_given else self.product.wants(self.url)
        if answer.status == 403:
            raise self.product.denied(self.url)
        if answer.status in (405, 501):  # it does not even know what is asked
            raise self.product.missing(self.url, answer.status)

    def decode(self, path: str, answer: HttpAnswer) -> Any:
        if not answer.body.strip():  # and a status of success
            raise exceptions.ConnectionError(
                f"{self.url} answers with nothing.", hint="It is in trouble: look at the server's log."
            )
        if "html" in answer.content_type:
            raise self.product.web_page(self.url)
        return self._api.decode(path, answer)

    def get_json(self, path: str) -> Any:
        answer = self._api.exchange("GET", path)
        self._api.refuse(path, answer)
        return self.decode(path, answer)

    def fetch_picture(self, path: str, **query: object) -> bytes:
        path = _with_query(path, query)
        answer = self._api.exchange("GET", path)
        self._api.refuse(path, answer)
        return answer.body

    def open_stream(self, path: str, **query: object) -> AbstractContextManager[Iterator[bytes]]:
        """As that of ApiClient."""
        return self._api.open_stream(_with_query(path, query))

    def open_websocket(self, path: str) -> AbstractContextManager[WebSocketTalk]:
        return open_websocket(self.url, path, self._trust, seconds=self.answer_seconds, product=self.product)

    def explained(self, path: str) -> AbstractContextManager[None]:
        """Around a first WebSocket, in which no credentials are sent: better reasons for its failure."""
        return explained(self.url, path, self._trust, self.product, seconds=self.answer_seconds)


def _with_query(path: str, query: Mapping[str, object]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
