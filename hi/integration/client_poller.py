"""ClientPoller: asks a service by its own client, one for each conversation. A service subclasses it."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

from hi.integration.poller import Poll, Poller
from hi.integration.service_client import ServiceClient

Client = TypeVar("Client", bound=ServiceClient)


class ClientPoller(Poller, Generic[Client]):
    client_class: type[Client]

    @contextmanager
    def open(self) -> Iterator[Sequence[Poll]]:
        with self.client_class(self.config, is_quiet=True) as client:
            yield self.begin(client)

    @abstractmethod
    def begin(self, client: Client) -> Sequence[Poll]:
        """What is asked (see `open`), by this client, which is closed in the end."""
