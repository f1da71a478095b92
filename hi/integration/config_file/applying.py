"""Making the hub as a file says, all or nothing."""

from django.db import transaction

from hi.accounts.models import User
from hi.entity import places
from hi.integration import leases
from hi.integration.config_file.apply_home import HomePart
from hi.integration.config_file.apply_integrations import apply_integration
from hi.integration.config_file.checking import check, find_instances, find_own_places
from hi.integration.config_file.document import Document
from hi.integration.config_file.outcome import Outcome


def apply(document: Document, user: User, *, dry_run: bool = False) -> Outcome:
    """In one transaction, after which what is enqueued is sent. Applied twice, it changes nothing the second time.

    A dry run does the same and takes it back, so that what it tells is what would happen. Raises FileError with all
    that cannot be, and changes nothing then.
    """
    outcome = Outcome()
    with transaction.atomic():
        _apply(document, user, outcome)
        transaction.set_rollback(dry_run)
    return outcome


def _apply(document: Document, user: User, outcome: Outcome) -> None:
    instances, own_places = find_instances(document), find_own_places(document)
    check(document, instances, own_places)
    # As syncs do: instances before places, and each kind in one order, so that no two wait for each other.
    for instance in sorted(instances.values(), key=lambda one: one.pk):
        leases.lock_instance(instance.pk)
        instance.refresh_from_db()
    for label, entry in document.integrations.items():
        instances[label] = apply_integration(label, entry, instances.get(label), user, outcome)
    home = HomePart(instances, own_places, user, outcome)
    with places.changing():
        home.apply_places(document)
    for label, things in document.things.items():
        home.apply_things(label, things)
