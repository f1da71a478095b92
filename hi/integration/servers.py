"""Which server an instance mirrors: never the same one twice, and never silently another one."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from hi.integration import exceptions, labels
from hi.integration.core.plan import Known
from hi.integration.core.specs import Structure
from hi.integration.enums import ItemKind
from hi.integration.models import IntegrationInstance

OPEN_THE_OTHER = "Open that integration instead; give this one another address, or delete it."


def find_twin(instance: IntegrationInstance, server_id: str | None = None) -> IntegrationInstance | None:
    """The other instance that mirrors this server (the instance's own by default), if there is one."""
    server_id = instance.server_id if server_id is None else server_id
    if not server_id:
        return None
    others = IntegrationInstance.objects.filter(integration_type=instance.integration_type, server_id=server_id)
    return others.filter(is_draft=False).exclude(pk=instance.pk).first()


def require_no_twin(instance: IntegrationInstance, server_id: str) -> None:
    """Raises WrongServerError where another instance mirrors this server."""
    if twin := find_twin(instance, server_id):
        raise _twin_error(twin, server_id)


def claim(instance: IntegrationInstance, structure: Structure, known: Iterable[Known]) -> None:
    """Say before anything is written that the instance mirrors this server. Call it under the instance's lock.

    Raises WrongServerError if it has mirrored another one so far, or somebody else mirrors this one. One that still has
    most of what is mirrored is the same, whatever it calls itself now, and so is one that says nothing. Raises
    ConnectionError where that cannot be told yet: neither its name nor all that it has is known.
    """
    server_id = structure.server_id
    mirrored = IntegrationInstance.objects.values_list("server_id", flat=True).get(pk=instance.pk)
    if server_id == mirrored:
        return
    require_no_twin(instance, server_id)
    if mirrored and not _has_most(structure, known):
        if not (server_id or structure.complete):
            raise exceptions.ConnectionError(
                f"The server at the address of {instance.label} does not say yet which one it is.",
                hint="hi wrote nothing. It looks again with the next sync.",
            )
        raise exceptions.WrongServerError(
            f"Another server answers at the address of {instance.label} now.",
            server_id=server_id,
            hint="Correct the address, or say that it is the new one.",
        )
    if server_id:
        _write(instance, server_id)


def end_draft(instance: IntegrationInstance) -> None:
    """What the add-wizard has made becomes a real instance. Raises WrongServerError if another mirrors its server, and
    ConfigurationError if one has got its name meanwhile."""
    if instance.is_draft:
        labels.require_free(instance.label)
    require_no_twin(instance, instance.server_id)
    _write(instance, instance.server_id, is_draft=False)


def accept(instance: IntegrationInstance, server_id: str) -> None:
    """This is the server from now on. Raises WrongServerError if another instance mirrors it."""
    require_no_twin(instance, server_id)
    _write(instance, server_id)


def _write(instance: IntegrationInstance, server_id: str, **columns: object) -> None:
    """Store whose server it is; the constraint decides between two that come at once. Raises WrongServerError."""
    try:
        with transaction.atomic():
            IntegrationInstance.objects.filter(pk=instance.pk).update(server_id=server_id, **columns)
    except IntegrityError as err:
        twin = find_twin(instance, server_id)
        if twin is None:
            raise
        raise _twin_error(twin, server_id) from err


def _has_most(structure: Structure, known: Iterable[Known]) -> bool:
    mirrored = {link.key for link in known if link.kind is ItemKind.ENTITY and link.removed_at is None}
    return 2 * len(mirrored.intersection(entity.key for entity in structure.entities)) > len(mirrored)


def _twin_error(twin: IntegrationInstance, server_id: str) -> exceptions.WrongServerError:
    return exceptions.WrongServerError(
        f"“{twin.label}” is connected to this server already.",
        server_id=server_id,
        twin_id=twin.pk,
        hint=OPEN_THE_OTHER,
    )
