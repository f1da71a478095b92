"""Orders that break the line or the answers, the same for every simulated server."""

from typing import Any

from hi.testing.faults import Failure
from hi.testing.runner import C, Runner


class FaultControls(Runner[C]):
    """`heal` undoes them all. A path is a part of the request's path, "" is in all."""

    # The line

    def cut(self) -> None:
        """Drops every connection without a word, as a dead process or a pulled cable with a reset does."""
        self._call(self.server.abort_connections)

    def stall(self) -> None:
        """Goes on accepting connections but answers nothing: a half-open line, a frozen process."""
        self._call(self.core.flow.clear)

    def unstall(self) -> None:
        """Answers what came in meanwhile, and what comes."""
        self._call(self.core.flow.set)

    def drip(self, seconds: float = 0.02) -> None:
        """Sends everything one byte at a time, this far apart."""
        self._set_fault(drip_seconds=seconds)

    # The answers

    def fail(
        self,
        status: int = 500,
        path: str = "",
        *,
        retry_after: float | str | None = None,
        times: int | None = None,
    ) -> None:
        """Answers requests with this status, so many times or until healed; paths that were told before still fail."""
        wait = retry_after if isinstance(retry_after, str) or retry_after is None else f"{retry_after:g}"
        self._call(lambda: self.core.faults.failing.update({path: Failure(status, wait, times)}))

    def answer_html(self, path: str = "") -> None:
        """Answers requests with 200 and a page."""
        self._set_fault(html=path)

    def empty(self, path: str = "") -> None:
        """Answers requests with 200 and no body."""
        self._set_fault(empty=path)

    def truncate(self, path: str = "", *, honest: bool = False) -> None:
        """Ends bodies in the middle; `honest` ones say the length they have, as if they were whole."""
        self._set_fault(truncated=path, truncated_honestly=honest)

    def huge(self, path: str = "") -> None:
        """Lets bodies go on for 33 MB."""
        self._set_fault(huge=path)

    # Lists, by what they are of; of none named, all

    def partial(self, rows: int, *kinds: str) -> None:
        """Cuts lists to their first rows."""
        self._set_fault(rows=rows, partial_kinds=frozenset(kinds))

    def nothing(self, *kinds: str) -> None:
        """Lets lists be empty."""
        self._set_fault(nothing=frozenset(kinds))

    def undecodable(self, *kinds: str) -> None:
        """Makes the last row of lists nonsense."""
        self._set_fault(undecodable=frozenset(kinds))

    def duplicates(self, *kinds: str) -> None:
        """Repeats the first rows of lists at their ends."""
        self._set_fault(duplicates=frozenset(kinds))

    def heal(self) -> None:
        """Ends every fault, a stall included. A server that is down stays down."""

        def forget() -> None:
            self.core.faults = type(self.core.faults)()
            self.core.flow.set()

        self._call(forget)

    def _set_fault(self, **fields: Any) -> None:
        def change() -> None:
            for name, value in fields.items():
                setattr(self.core.faults, name, value)

        self._call(change)
