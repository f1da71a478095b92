"""Asking a camera, in a thread: from a link to pictures. What goes wrong is told to the log and to nobody else."""

import logging
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, InterfaceError, connections

from hi.accounts.roles import Permission
from hi.accounts.viewers import Viewer
from hi.integration import cameras, exceptions, recordings, trouble
from hi.integration.camera import CameraSource
from hi.integration.cameras import Shown
from hi.integration.media_links import MediaKind, MediaLink
from hi.integration.mjpeg import check_picture
from hi.integration.models import IntegrationInstance

logger = logging.getLogger(__name__)
# A stream that ceased is begun anew so long after.
AGAIN_SECONDS = 1.0
# What was last said of a link's row: a camera that stays away is told once.
_said: dict[tuple[MediaKind, int], str] = {}


def find_shown(link: MediaLink) -> Shown | None:
    """What the link leads to; nothing while nobody shows it, or the database does not answer."""
    shown = None
    with _database(link):
        shown = cameras.find_shown(link)
    return shown


def read_pictures(link: MediaLink, shown: Shown) -> Generator[bytes, None, None]:
    """Picture after picture; ends where there is none, or none any more."""
    with _database(link):
        yield from _read(shown.instance, shown.name, link)


def may_look(viewer: Viewer) -> bool:
    """While the database does not answer, nobody is shut out."""
    with suppress(DatabaseError, InterfaceError), _closed():
        return viewer.may_still(Permission.LOOK)
    return True


def find_hidden(links: Iterable[MediaLink]) -> set[MediaLink]:
    """Those whose instance does not run any more, or is not heard. While the database does not answer, nothing tells
    that of any."""
    hidden: set[MediaLink] = set()
    with suppress(DatabaseError, InterfaceError), _closed():
        hidden.update(link for link in links if cameras.find_shown(link) is None)
    return hidden


@contextmanager
def _database(link: MediaLink) -> Iterator[None]:
    """Around what asks it, too; what goes wrong ends the work, and is told."""
    try:
        with _closed():
            yield
    except (DatabaseError, InterfaceError) as err:
        logger.warning("no %s %s, since the database does not answer: %s", link.kind, link.row_id, err)
    except Exception:
        logger.exception("%s %s met an unexpected error", link.kind, link.row_id)


@contextmanager
def _closed() -> Iterator[None]:
    """Each thread has connections of its own, and ends soon."""
    try:
        yield
    finally:
        connections.close_all()


def _read(instance: IntegrationInstance, name: str, link: MediaLink) -> Iterator[bytes]:
    try:
        with cameras.build_source(instance) as source:
            # A stream goes on for minutes, and what was to be read is read.
            connections.close_all()
            for picture in _ask(source, name, link):
                whole = check_picture(picture)
                _said.pop((link.kind, link.row_id), None)
                yield whole
    except exceptions.AccessDeniedError as err:  # of one camera, as a rule: nothing else is stopped for that
        _tell(link, err)
    except exceptions.AuthenticationError as err:
        _tell(link, err)
        trouble.stop_refused(instance.pk, err, instance.config_revision)
    except exceptions.SecretLostError as err:
        _tell(link, err)
        trouble.stop_secret_lost(instance.pk)
    except exceptions.GoneError as err:
        logger.info("recording %s is not listed any more: %s", link.row_id, err)
        recordings.forget(link.row_id)
    except exceptions.IntegrationError as err:
        _tell(link, err)


def _ask(source: CameraSource, name: str, link: MediaLink) -> Iterator[bytes]:
    if link.kind is MediaKind.LIVE:
        return _watch(source, name, link.width)
    if link.kind is MediaKind.RECORDING:
        return source.recording(name, link.width)
    if link.kind is MediaKind.RECORDING_PICTURE:
        return iter([source.recording_picture(name, link.width)])
    return iter([source.snapshot(name, link.width)])


def _watch(source: CameraSource, name: str, width: int) -> Iterator[bytes]:
    """The stream; where it ceases, and one picture can be had still, that and the stream anew: some send nothing while
    they see nothing new. One that never brought a picture is not begun anew."""
    has_come = False
    while True:
        try:
            for picture in source.stream(name, width):
                has_come = True
                yield picture
        except exceptions.ConnectionError as err:
            if not has_come:
                raise
            logger.debug("a stream is begun anew: %s", err)
        if not has_come:
            return
        yield source.snapshot(name, width)
        time.sleep(AGAIN_SECONDS)


def _tell(link: MediaLink, err: exceptions.IntegrationError) -> None:
    if _said.get((link.kind, link.row_id)) != str(err):
        _said[link.kind, link.row_id] = str(err)
        logger.info("no %s %s: %s", link.kind, link.row_id, err)
