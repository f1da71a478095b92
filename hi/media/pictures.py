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
# What was last said of a link's row: a camera that stays away is told once.
_said: dict[tuple[MediaKind, int], str] = {}


def read_pictures(link: MediaLink) -> Generator[bytes, None, None]:
    """What the link leads to, picture after picture; ends where there is none, or none any more."""
    try:
        shown = cameras.find_shown(link)
        if shown is not None:
            yield from _read(shown.instance, shown.name, link)
    except (DatabaseError, InterfaceError) as err:
        logger.warning("no %s %s, since the database does not answer: %s", link.kind, link.row_id, err)
    except Exception:
        logger.exception("%s %s met an unexpected error", link.kind, link.row_id)
    finally:
        connections.close_all()


def is_shown(link: MediaLink) -> bool:
    """Whether its instance still runs and is heard. While the database does not answer, nothing tells otherwise."""
    try:
        return cameras.find_shown(link) is not None
    except (DatabaseError, InterfaceError):
        return True
    finally:
        connections.close_all()


def _read(instance: IntegrationInstance, name: str, link: MediaLink) -> Iterator[bytes]:
    try:
        with cameras.build_source(instance) as source:
            # A stream goes on for minutes, and what was to be read is read.
            connections.close_all()
            for picture in _ask(source, name, link):
                _said.pop((link.kind, link.row_id), None)
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


def _ask(source: CameraSource, name: str, link: MediaLink) -> Iterator[bytes]:
    if link.kind is MediaKind.LIVE:
        return source.stream(name, link.width)
    if link.kind is MediaKind.RECORDING:
        return source.recording(name, link.width)
    if link.kind is MediaKind.RECORDING_PICTURE:
        return iter([source.recording_picture(name, link.width)])
    return iter([source.snapshot(name, link.width)])


def _tell(link: MediaLink, err: exceptions.IntegrationError) -> None:
    if _said.get((link.kind, link.row_id)) != str(err):
        _said[link.kind, link.row_id] = str(err)
        logger.info("no %s %s: %s", link.kind, link.row_id, err)
