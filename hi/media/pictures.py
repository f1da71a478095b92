"""Asking a camera, in a thread: from a link to pictures. What goes wrong is told to the log and to nobody else."""

import logging
from collections.abc import Generator, Iterator

from django.db import DatabaseError, InterfaceError, connections

from hi.integration import cameras, exceptions, trouble
from hi.integration.camera import CameraSource
from hi.integration.media_links import MediaKind, MediaLink
from hi.integration.mjpeg import check_picture
from hi.integration.models import IntegrationInstance

logger = logging.getLogger(__name__)
# What was last said of a state: a camera that stays away is told once.
_said: dict[int, str] = {}


def read_pictures(link: MediaLink) -> Generator[bytes, None, None]:
    """What the link leads to, picture after picture; ends where there is none, or none any more."""
    try:
        found = cameras.find_link(link.state_id)
        if found is not None:
            yield from _read(found.instance, found.address, link)
    except (DatabaseError, InterfaceError) as err:
        logger.warning("no picture of state %s, since the database does not answer: %s", link.state_id, err)
    except Exception:
        logger.exception("a picture of state %s met an unexpected error", link.state_id)
    finally:
        connections.close_all()


def is_shown(link: MediaLink) -> bool:
    """Whether its instance still runs and is heard. While the database does not answer, nothing tells otherwise."""
    try:
        return cameras.find_link(link.state_id) is not None
    except (DatabaseError, InterfaceError):
        return True
    finally:
        connections.close_all()


def _read(instance: IntegrationInstance, address: str, link: MediaLink) -> Iterator[bytes]:
    try:
        with cameras.build_source(instance) as source:
            # A stream goes on for minutes, and what was to be read is read.
            connections.close_all()
            for picture in _ask(source, address, link):
                _said.pop(link.state_id, None)
                yield check_picture(picture)
    except exceptions.AccessDeniedError as err:  # of one camera, as a rule: nothing else is stopped for that
        _tell(link, err)
    except exceptions.AuthenticationError as err:
        _tell(link, err)
        trouble.stop_refused(instance.pk, err, instance.config_revision)
    except exceptions.SecretLostError as err:
        _tell(link, err)
        trouble.stop_secret_lost(instance.pk)
    except exceptions.IntegrationError as err:
        _tell(link, err)


def _ask(source: CameraSource, address: str, link: MediaLink) -> Iterator[bytes]:
    if link.kind is MediaKind.LIVE:
        return source.stream(address, link.width)
    if link.kind is MediaKind.RECORDING:
        return source.recording(link.key, link.width)
    if link.kind is MediaKind.RECORDING_PICTURE:
        return iter([source.recording_picture(link.key, link.width)])
    return iter([source.snapshot(address, link.width)])


def _tell(link: MediaLink, err: exceptions.IntegrationError) -> None:
    if _said.get(link.state_id) != str(err):
        _said[link.state_id] = str(err)
        logger.info("no picture of state %s: %s", link.state_id, err)
