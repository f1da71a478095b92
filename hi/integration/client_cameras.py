"""ClientCameras: pictures of a service that sends them over HTTP, by its own client. A service subclasses it."""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from hi.integration.camera import CameraSource
from hi.integration.mjpeg import frames
from hi.integration.service_client import ServiceClient

Client = TypeVar("Client", bound=ServiceClient)


class ClientCameras(CameraSource, Generic[Client]):
    client_class: type[Client]

    def __init__(self, config: Mapping[str, str]) -> None:
        super().__init__(config)
        self.client = self.client_class(config, is_quiet=True)

    def close(self) -> None:
        self.client.close()

    def read_stream(self, path: str, **query: object) -> Iterator[bytes]:
        with self.client.open_stream(path, **query) as pieces:
            yield from frames(pieces)
