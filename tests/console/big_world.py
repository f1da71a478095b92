"""A big home with all that pages tell of it, and a sample of each thing that an address may name."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from hi.accounts.models import ApiToken, SignInLink, User
from hi.accounts.roles import Role
from hi.entity.models import Entity, EntityAttribute, Location
from hi.integration import configuration, files, place_edits
from hi.integration.core.catalogue import Catalogue, Offer
from hi.integration.enums import JobKind, RepairKind
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import AuditEntry, Command, InboxItem, IntegrationInstance, Job, Recording, SourceCatalogue
from tests.big_home import BigHome
from tests.factories import InstanceFactory, JobFactory, RepairFactory, UserFactory


def build_world(user: User, kind: str, states: int) -> dict[str, object]:
    """Two instances of a kind and a home of so many states behind them; a second time adds another such home.

    Returns what `find_addresses` wants: a sample for each parameter of an address."""
    house, cabin, draft = (_connect(kind, label) for label in ("House", "Cabin", "Draft"))
    IntegrationInstance.objects.filter(pk=draft.pk).update(is_draft=True)
    home = BigHome(user, house, cabin, states)
    home.build()
    JobFactory(instance=draft, kind=JobKind.TEST_CONNECTION)
    RepairFactory(instance=cabin, data={"field": "token"})
    RepairFactory(instance=cabin, kind=RepairKind.SERVER_CHANGED, data={"server_id": "x", "twin": house.pk})
    offered = tuple(Offer(f"offer-{number}", f"Offered {number}", "light") for number in range(states // 4))
    SourceCatalogue.objects.create(instance=house, content=Catalogue((), offered).dump())
    ApiToken.issue(user, "a program")
    kept = files.attach(Entity.objects.get(pk=home.thing.pk), SimpleUploadedFile("manual.pdf", b"%PDF-1.7"), user)
    began_at = timezone.now()
    Recording.objects.bulk_create(
        Recording(instance=house, integration_key=f"{began_at}-{number}", entity_id=home.thing.pk, began_at=began_at)
        for number in range(states // 10)
    )
    own = place_edits.add("Shed", "room", 0, user)
    newest = {
        name: model.objects.order_by("-pk").values_list("pk", flat=True)[0]
        for name, model in (
            *(("location_id", Location), ("attribute_id", EntityAttribute), ("job_id", Job)),
            *(("command_id", Command), ("item_id", InboxItem), ("entry_id", AuditEntry), ("token_id", ApiToken)),
            ("recording_id", Recording),
        )
    }
    return {
        **newest,
        "entity_id": home.thing.pk,
        "state_id": home.thing.first_state,
        "file_id": kept.pk,
        "place-delete.location_id": own.pk,
        "instance_id": house.pk,
        "run_id": house.sync_runs.latest("started_at").pk,
        "add-check.instance_id": draft.pk,
        "sign-in-again.instance_id": cabin.pk,
        "server-changed.instance_id": cabin.pk,
        "integration_type": kind,
        "token": SignInLink.issue(user),
        "person_id": user.pk,
        "person-withdraw.person_id": UserFactory(role=Role.VIEWER, password=None).pk,
    }


def _connect(kind: str, label: str) -> IntegrationInstance:
    instance = InstanceFactory(integration_type=kind, label=label)
    specs = get_integration_gateway(kind).settings
    configuration.write_configuration(instance, specs, {"url": "http://house.local", "token": "x"})
    return instance
