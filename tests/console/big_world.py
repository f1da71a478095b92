"""A big home with all that pages tell of it, and a sample of each thing that an address may name."""

from django.core.files.uploadedfile import SimpleUploadedFile

from hi.accounts.models import ApiToken, SignInLink, User
from hi.entity.enums import LocationKind
from hi.entity.models import Entity, EntityAttribute, EntityFile, Location
from hi.integration import configuration, files, place_edits
from hi.integration.enums import JobKind
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import AuditEntry, Command, InboxItem, IntegrationInstance, Job
from tests.big_home import BigHome
from tests.factories import InstanceFactory, JobFactory, RepairFactory


def build_world(user: User, kind: str, states: int) -> dict[str, object]:
    """Two instances of a kind and a home of so many states behind them; a second time adds another such home.

    Returns what `find_addresses` wants: a sample for each parameter of an address."""
    house, cabin, draft = (_connect(kind, label) for label in ("House", "Cabin", "Draft"))
    IntegrationInstance.objects.filter(pk=draft.pk).update(is_draft=True)
    home = BigHome(user, house, cabin, states)
    home.build()
    JobFactory(instance=draft, kind=JobKind.TEST_CONNECTION)
    RepairFactory(instance=cabin, data={"field": "token"})
    ApiToken.issue(user, "a program")
    manual = SimpleUploadedFile("manual.pdf", b"%PDF-1.4 how to use it")
    files.attach(Entity.objects.get(pk=home.thing.pk), manual, user)
    own = place_edits.add("Den", LocationKind.ROOM, home.things[0].room_id, user)
    newest = {
        name: model.objects.order_by("-pk").values_list("pk", flat=True)[0]
        for name, model in (
            *(("location_id", Location), ("attribute_id", EntityAttribute), ("job_id", Job)),
            *(("command_id", Command), ("item_id", InboxItem), ("entry_id", AuditEntry), ("token_id", ApiToken)),
            ("file_id", EntityFile),
        )
    }
    return {
        **newest,
        "entity_id": home.thing.pk,
        "state_id": home.thing.first_state,
        "instance_id": house.pk,
        "add-check.instance_id": draft.pk,
        "place-delete.location_id": own.pk,
        "integration_type": kind,
        "token": SignInLink.issue(user),
    }


def _connect(kind: str, label: str) -> IntegrationInstance:
    instance = InstanceFactory(integration_type=kind, label=label)
    specs = get_integration_gateway(kind).settings
    configuration.write_configuration(instance, specs, {"url": "http://house.local", "token": "x"})
    return instance
