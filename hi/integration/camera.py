"""CameraSource: how a service shows what its cameras see.

A service subclasses it with `snapshot` and `stream`, and with the other two where it keeps recordings. It knows no
database; `hi/media` asks it, and hands on nothing but the pictures themselves.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator

from hi.integration import exceptions
from hi.integration.conversation import Conversation


class CameraSource(Conversation, ABC):
    """Asks once for what a camera sees.

    `address` is what the service calls the state (see `StateSpec.address`), `width` how many pixels wide a picture is
    wanted: whoever can asks the service for that, so that no more comes than is shown. Every picture is a JPEG.
    """

    @abstractmethod
    def snapshot(self, address: str, width: int) -> bytes:
        """What the camera sees now. Raises an IntegrationError that says why not, within ten seconds or so."""

    @abstractmethod
    def stream(self, address: str, width: int) -> Iterator[bytes]:
        """The same, picture after picture, until nobody takes the next one. Every end of its own is an error, and so
        is a silence of ten seconds or so."""

    def recording_picture(self, key: str, width: int) -> bytes:
        """One picture that tells what a recording shows. `key` is what the service calls the recording. Raises
        GoneError where the service says that it has it no more, after which hi does not list it either."""
        raise exceptions.IntegrationError("This integration keeps no recordings.")

    def recording(self, key: str, width: int) -> Iterator[bytes]:
        """The pictures of a recording, in the pace in which they are to be seen. Raises as `recording_picture` does."""
        raise exceptions.IntegrationError("This integration keeps no recordings.")
