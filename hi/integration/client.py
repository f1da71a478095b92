"""ApiClient: the only way an integration speaks HTTP.

One requests session with a total deadline, a cap on the size of an answer, bounded retries, and every third-party
error turned into one of ours. Redirects are followed on the same host only, so credentials never leave it.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import orjson
import requests
from urllib3 import BaseHTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util.retry import Retry

from hi.integration import exceptions, taping
from hi.integration.connection_errors import socket_error, tls_error, too_often_error, too_slow_error, walk
from hi.integration.core.addresses import get_origin
from hi.integration.core.backoff import read_retry_after
from hi.integration.deadline import Deadline, GuardedAdapter
from hi.integration.reach import KNOWN
from hi.integration.tls import Trust
from hi.utils import trace

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
DEADLINE_SECONDS = 30.0
MAX_BYTES = 32 * 1024 * 1024
MAX_REDIRECTS = 3
CHUNK = 64 * 1024
# What came where data should have, by what it was said to be.
NO_DATA = {
    "application/json": "broken JSON",
    "text/html": "a web page",
    "text/plain": "plain text",
    "": "something unreadable",
}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back, whatever it says. `retry_after`: the seconds for which the server wants to be left alone."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    retry_after: float = 0.0


# Given the path (without what goes on after `?`) and the answer.
Refuse = Callable[[str, HttpAnswer], None]


class ApiClient:
    """A session with one server. Close it, or use it as a context manager.

    `base_url` has no trailing slash; `trust` says which certificate it may show; `headers` may hold credentials and go
    nowhere but to that host. `is_quiet`: of one that asks all the time, requests are no news.
    """

    def __init__(
        self,
        base_url: str,
        trust: Trust = KNOWN,
        *,
        headers: Mapping[str, str] | None = None,
        retries: int = 2,
        deadline_seconds: float | None = None,
        read_seconds: float | None = None,
        is_quiet: bool = False,
        refuse: Refuse | None = None,
    ) -> None:
        """`refuse` comes before what any status means: what it raises is the product's own word for it."""
        self.base_url = base_url
        self._refuse_first = refuse
        self._level = logging.DEBUG if is_quiet else logging.INFO
        self._deadline_seconds = deadline = DEADLINE_SECONDS if deadline_seconds is None else deadline_seconds
        self._timeout = (min(CONNECT_SECONDS, deadline), min(read_seconds or READ_SECONDS, deadline))
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy or a .netrc of the machine has no business inside the home
        self._session.headers.update({"User-Agent": "hi", "Accept": "application/json", **(headers or {})})
        retry = _Retry(
            total=retries,
            backoff_factor=0.3,
            backoff_max=2,
            status_forcelist=(429, 502, 503, 504),
            allowed_methods=("GET",),
            raise_on_status=False,
            respect_retry_after_header=False,
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, GuardedAdapter(trust, max_retries=retry))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._session.close()

    def get_json(self, path: str) -> Any:
        """GET and decode. Raises ConnectionError, AuthenticationError, AccessDeniedError or ProtocolError."""
        answer = self.exchange("GET", path)
        self.refuse(path, answer)
        return self.decode(path, answer)

    def exchange(self, method: str, path: str, form: Mapping[str, str] | None = None) -> HttpAnswer:
        """One request and its whole answer, of whatever status. What goes on after `?` is in no log and no error."""
        begin = time.monotonic()
        with self._tape(path, method, form) as tape:
            with self._in_time(), self._follow(method, self.base_url + path, form) as response:
                answer = self._read(response)
            tape.answered(answer.status, answer.content_type, answer.body, answer.retry_after)
            place, taken = self._place(path), (time.monotonic() - begin) * 1000
            logger.log(self._level, "%s %s: %d in %d ms", method, place, answer.status, taken)
            return answer

    @contextmanager
    def open_stream(self, path: str) -> Iterator[Iterator[bytes]]:
        """An answer that need never end, in pieces as they come. What ends it raises a ConnectionError; a silence of
        `read_seconds` does. The deadline is that of its beginning: whoever reads it stops."""
        with self._tape(path, "GET") as tape, ExitStack() as stack:
            with self._in_time():
                response = stack.enter_context(self._follow("GET", self.base_url + path))
                tape.answered(response.status_code, response.headers.get("Content-Type", ""))
                if response.status_code != 200:
                    self.refuse(path, self._read(response))
            yield self._pieces(response)

    def refuse(self, path: str, answer: HttpAnswer) -> None:
        """Raise what a status that is no success means."""
        status = answer.status
        if self._refuse_first is not None:
            self._refuse_first(path.partition("?")[0], answer)
        if status == 401:
            raise exceptions.AuthenticationError(f"{self.base_url} refused the credentials (401).")
        if status == 403:
            raise exceptions.AccessDeniedError(
                f"{self.base_url} refuses this machine (403).",
                hint="The address of this machine may be banned there after failed sign-ins, or rights are missing.",
            )
        if status == 404:
            raise exceptions.MissingError(
                f"{self._place(path)} does not exist (404).", hint="Check the address and the port."
            )
        if status == 429:
            raise too_often_error(self._place(path), answer.retry_after)
        if status >= 500:
            raise exceptions.ConnectionError(
                f"{self._place(path)} answered with an error of its own ({status}).",
                hint="Look at the server's log.",
                retry_after=answer.retry_after,
            )
        if not 200 <= status < 300:
            raise exceptions.ProtocolError(f"{self._place(path)} answered with status {status}.")

    def decode(self, path: str, answer: HttpAnswer) -> Any:
        try:
            return orjson.loads(answer.body)
        except orjson.JSONDecodeError as err:
            raise exceptions.ProtocolError(
                f"{self._place(path)} answered with {_describe(answer.content_type)} instead of data.",
                hint="Something else listens at this address: check the address and the port.",
            ) from err

    def _tape(self, path: str, method: str, form: Mapping[str, str] | None = None) -> taping.Blank:
        return taping.tape(urlsplit(self.base_url).path + path, method, form)

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """Around what is sent and read before the deadline; what goes wrong there is one of our errors."""
        with Deadline(self._deadline_seconds) as deadline:
            try:
                yield
            except (requests.RequestException, HTTPError, OSError) as err:
                if not deadline.passed:
                    raise self._translate(err) from err
            if deadline.passed:  # cut within its headers, an answer looks like a short one
                raise too_slow_error(self.base_url, self._deadline_seconds)

    @contextmanager
    def _follow(self, method: str, url: str, form: Mapping[str, str] | None = None) -> Iterator[requests.Response]:
        prepared = self._prepare(method, url, form)
        for _hop in range(MAX_REDIRECTS + 1):
            # Not the session's `send`: that keeps cookies, and reads a redirect's body to its end, if it has one.
            adapter = self._session.get_adapter(str(prepared.url))
            with adapter.send(prepared, timeout=self._timeout, stream=True) as answer:
                if not answer.is_redirect:
                    yield answer
                    return
                prepared = self._redirect(prepared, answer.headers.get("Location", ""))
        raise exceptions.ProtocolError(f"{self.base_url} redirects in a circle.", hint="Check the address.")

    def _prepare(self, method: str, url: str, form: Mapping[str, str] | None = None) -> requests.PreparedRequest:
        return self._session.prepare_request(requests.Request(method, url, headers=trace.headers(), data=form))

    def _redirect(self, sent: requests.PreparedRequest, location: str) -> requests.PreparedRequest:
        """The next request, to the same server. That is told by the very addresses that go out: two readers may see two
        hosts in one address, as where a backslash or a user's name stands before it."""
        if sent.method != "GET":
            raise exceptions.ProtocolError(
                f"{self.base_url} wants this to be sent elsewhere, which hi does not do.",
                hint="Enter the address to which it leads.",
            )
        try:
            target = urljoin(str(sent.url), location)
            there = urlsplit(target)
            prepared = self._prepare(str(sent.method), target)
            is_same = get_origin(str(sent.url)) == get_origin(str(prepared.url)) and "@" not in there.netloc
        except ValueError as err:  # those of requests that tell of an address are such, too
            raise exceptions.ProtocolError(f"{self.base_url} redirects to something that is no address.") from err
        if not is_same:
            place = f"{there.scheme}://{there.netloc.rpartition('@')[2]}"
            raise exceptions.ProtocolError(
                f"{self.base_url} redirects to {place}, another server.",
                hint=f"If that is the right one, enter {place} as the address.",
            )
        return prepared

    def _read(self, answer: requests.Response) -> HttpAnswer:
        body = bytearray()
        for chunk in answer.iter_content(CHUNK):
            body += chunk
            if len(body) > MAX_BYTES:
                raise exceptions.ProtocolError(
                    f"{self.base_url} sent more than {MAX_BYTES // 2**20} MiB; hi stopped reading.",
                    hint="Something else may listen at this address: check the address and the port.",
                )
        headers = answer.headers
        return HttpAnswer(
            answer.status_code,
            headers.get("Content-Type", ""),
            bytes(body),
            read_retry_after(headers.get("Retry-After", "")),
        )

    def _pieces(self, answer: requests.Response) -> Iterator[bytes]:
        try:
            while piece := answer.raw.read1(CHUNK, decode_content=True):
                yield piece
        except (HTTPError, OSError) as err:
            raise self._translate(err) from err
        raise exceptions.ConnectionError(f"{self.base_url} ended the stream.")

    def _place(self, path: str) -> str:
        return f"{self.base_url}{path.partition('?')[0]}"

    def _translate(self, err: Exception) -> exceptions.IntegrationError:
        place = urlsplit(self.base_url).netloc
        if known := _find_ours(err):
            return known
        if isinstance(err, requests.exceptions.SSLError):
            return tls_error(place, err)
        if isinstance(err, requests.exceptions.Timeout | ReadTimeoutError) or "Read timed out" in str(err):
            return socket_error(place, TimeoutError(), self._timeout[1])
        return socket_error(place, ConnectionResetError(), self._timeout[1])


class _Retry(Retry):
    """Not at once, where the server says when: that is for whoever may wait so long. And no order: it goes out once."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        # Not by `allowed_methods` alone: broken TLS counts as no failure of reading, and may come after all was read.
        left = self if method == "GET" else self.new(total=0)
        return super(_Retry, left).increment(method, url, response, error, _pool, _stacktrace)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        return not has_retry_after and super().is_retry(method, status_code, has_retry_after)


def _find_ours(err: BaseException) -> exceptions.IntegrationError | None:
    """The error of ours anywhere in the chain: requests wraps urllib3's, which wraps that of a failed connect."""
    return next((one for one in walk(err) if isinstance(one, exceptions.IntegrationError)), None)


def _describe(content_type: str) -> str:
    kind = content_type.partition(";")[0].strip().lower()
    return NO_DATA.get(kind, kind)
