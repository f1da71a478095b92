"""ApiClient: the only way an integration speaks HTTP.

One requests session with a total deadline, a cap on the size of an answer, bounded retries, and every third-party
error turned into one of ours. Redirects are followed on the same host only, so credentials never leave it.
"""

import logging
import time
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import orjson
import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util.retry import Retry

from hi.integration import exceptions
from hi.integration.connection_errors import socket_error, tls_error, too_slow_error, walk
from hi.integration.core.addresses import get_origin
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


class ApiClient:
    """A session with one server. Close it, or use it as a context manager.

    `base_url` has no trailing slash; `trust` says which certificate it may show; `headers` may hold credentials and go
    nowhere but to that host.
    """

    def __init__(
        self,
        base_url: str,
        trust: Trust = KNOWN,
        *,
        headers: Mapping[str, str] | None = None,
        retries: int = 2,
        deadline_seconds: float = DEADLINE_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self.base_url = base_url
        self._deadline_seconds = deadline_seconds
        self._timeout = (min(CONNECT_SECONDS, deadline_seconds), min(read_seconds, deadline_seconds))
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy or a .netrc of the machine has no business inside the home
        self._session.headers.update({"User-Agent": "hi", "Accept": "application/json", **(headers or {})})
        # A wait that the server asks for must fit into the deadline, or urllib3 would sleep through it.
        retry = Retry(
            total=retries,
            backoff_factor=0.3,
            backoff_max=2,
            status_forcelist=(429, 502, 503, 504),
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
        status, content_type, body = self._fetch("GET", path)
        self._refuse_status(path, status)
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as err:
            raise exceptions.ProtocolError(
                f"{self._place(path)} answered with {_describe(content_type)} instead of data.",
                hint="Something else listens at this address: check the address and the port, "
                "and leave the path of the web page out.",
            ) from err

    def _fetch(self, method: str, path: str) -> tuple[int, str, bytes]:
        begin = time.monotonic()
        with Deadline(self._deadline_seconds) as deadline:
            try:
                answer = self._follow(method, self.base_url + path)
            except (requests.RequestException, HTTPError, OSError) as err:
                if deadline.passed:
                    raise self._too_slow() from err
                raise self._translate(err) from err
            if deadline.passed:  # cut within its headers, an answer looks like a short one
                raise self._too_slow()
            logger.info("%s %s: %d in %d ms", method, self._place(path), answer[0], (time.monotonic() - begin) * 1000)
            return answer

    def _too_slow(self) -> exceptions.ConnectionError:
        return too_slow_error(self.base_url, self._deadline_seconds)

    def _follow(self, method: str, url: str) -> tuple[int, str, bytes]:
        prepared = self._prepare(method, url)
        for _hop in range(MAX_REDIRECTS + 1):
            # Not the session's `send`: that keeps cookies, and reads a redirect's body to its end, if it has one.
            adapter = self._session.get_adapter(str(prepared.url))
            with adapter.send(prepared, timeout=self._timeout, stream=True) as answer:
                if not answer.is_redirect:
                    return answer.status_code, answer.headers.get("Content-Type", ""), self._read(answer)
                prepared = self._redirect(prepared, answer.headers.get("Location", ""))
        raise exceptions.ProtocolError(f"{self.base_url} redirects in a circle.", hint="Check the address.")

    def _prepare(self, method: str, url: str) -> requests.PreparedRequest:
        return self._session.prepare_request(requests.Request(method, url, headers=trace.headers()))

    def _redirect(self, sent: requests.PreparedRequest, location: str) -> requests.PreparedRequest:
        """The next request, to the same server. That is told by the very addresses that go out: two readers may see two
        hosts in one address, as where a backslash or a user's name stands before it."""
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

    def _read(self, answer: requests.Response) -> bytes:
        body = bytearray()
        for chunk in answer.iter_content(CHUNK):
            body += chunk
            if len(body) > MAX_BYTES:
                raise exceptions.ProtocolError(
                    f"{self.base_url} sent more than {MAX_BYTES // 2**20} MiB; hi stopped reading."
                )
        return bytes(body)

    def _refuse_status(self, path: str, status: int) -> None:
        if status == 401:
            raise exceptions.AuthenticationError(f"{self.base_url} refused the credentials (401).")
        if status == 403:
            raise exceptions.AccessDeniedError(
                f"{self.base_url} refuses this machine (403).",
                hint="The address of this machine may be banned there after failed sign-ins, or rights are missing.",
            )
        if status == 404:
            raise exceptions.ProtocolError(
                f"{self._place(path)} does not exist (404).", hint="Check the address and the port."
            )
        if status >= 500 or status == 429:
            raise exceptions.ConnectionError(
                f"{self._place(path)} answered with an error of its own ({status}).",
                hint="Look at the server's log.",
            )
        if not 200 <= status < 300:
            raise exceptions.ProtocolError(f"{self._place(path)} answered with status {status}.")

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


def _find_ours(err: BaseException) -> exceptions.IntegrationError | None:
    """The error of ours anywhere in the chain: requests wraps urllib3's, which wraps that of a failed connect."""
    return next((one for one in walk(err) if isinstance(one, exceptions.IntegrationError)), None)


def _describe(content_type: str) -> str:
    kind = content_type.partition(";")[0].strip().lower()
    return {"text/html": "a web page", "text/plain": "plain text", "": "something unreadable"}.get(kind, kind)
