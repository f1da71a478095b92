"""From rows to a document: a constant number of statements, and one for each integration, however big the home."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from hi.entity.models import Entity, EntityAttribute, EntityState, Location
from hi.integration import configuration, exceptions
from hi.integration.config_file.document import (
    ABSENT,
    Absent,
    Document,
    IntegrationEntry,
    PlaceEntry,
    PlaceRef,
    Setting,
    StateEntry,
    ThingEntry,
)
from hi.integration.config_file.references import Reference, name_variable
from hi.integration.core.settings import SettingSpec
from hi.integration.enums import ItemKind, RemovalCause
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import IntegrationInstance, IntegrationLink

YOURS = Q(user_name__isnull=False) | Q(user_location__isnull=False)


@dataclass(frozen=True, slots=True)
class Described:
    """`left_out`: what people added to, but no file could name: sentences."""

    document: Document
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Named:
    """How a file calls a row: the label of an integration, and the key there."""

    integration: str
    key: str


def describe() -> Described:
    """All that people decided and added. Never a secret: of those only where they are to be found.

    Raises IntegrationError where two have one name, by which a file could not tell them apart.
    """
    instances = list(IntegrationInstance.objects.filter(is_draft=False).order_by("label", "pk"))
    _require_unique((one.label for one in instances), "integrations are")
    own = list(Location.objects.filter(source_name="").order_by("pk"))
    _require_unique((str(one.name) for one in own), "places of your own are")
    place_names = _name_rows(ItemKind.LOCATION, Location.objects.exclude(source_name=""))
    refs = {pk: PlaceRef(named.key, named.integration) for pk, named in place_names.items()}
    refs |= {one.pk: PlaceRef(str(one.name)) for one in own}
    places, lost_places = _describe_places(place_names, refs)
    things, lost_things = _describe_things(refs)
    document = Document(
        integrations=_describe_integrations(instances),
        own_places={str(one.name): _describe_own(one, refs) for one in own},
        mirrored_places=places,
        things=things,
    )
    left_out = (
        _say_lost(lost_places, "place that its source has lost has a name or a position of yours",
                  "places that their source has lost have names or positions of yours"),
        _say_lost(lost_things, "thing that its source has lost has additions of yours",
                  "things that their source has lost have additions of yours"),
    )  # fmt: skip
    return Described(document, tuple(filter(None, left_out)))


def _require_unique(names: Iterable[str], what: str) -> None:
    twice = [name for name, number in Counter(names).items() if number > 1]
    if twice:
        raise exceptions.IntegrationError(
            f"Two {what} called “{twice[0]}”, and a file knows them by their names.", hint="Rename one of them first."
        )


def _describe_integrations(instances: Iterable[IntegrationInstance]) -> dict[str, IntegrationEntry]:
    variables: set[str] = set()
    return {one.label: _describe_integration(one, variables) for one in instances}


def _describe_integration(instance: IntegrationInstance, variables: set[str]) -> IntegrationEntry:
    public = configuration.read_public_configuration(instance)
    settings = {}
    for spec in list_settings(instance):
        if spec.is_secret:
            variable = name_variable(instance.label, spec.key, variables)
            variables.add(variable)
            settings[spec.key] = Setting(Reference("env", variable))
        else:
            settings[spec.key] = Setting(str(public.get(spec.key, spec.default)))
    return IntegrationEntry(
        kind=instance.integration_type,
        settings=settings,
        state=instance.desired_state.lower(),
        sync_seconds=instance.sync_interval_seconds,
        when_deactivated=instance.removal_policy,
        new_things=instance.new_things,
        mirror=dict(instance.selection),
    )


def list_settings(instance: IntegrationInstance) -> tuple[SettingSpec, ...]:
    """None of one whose folder has gone: nobody knows what of its settings is secret."""
    try:
        return get_integration_gateway(instance.integration_type).settings
    except exceptions.IntegrationError:
        return ()


def _describe_own(location: Location, refs: Mapping[int, PlaceRef]) -> PlaceEntry:
    return PlaceEntry(
        kind=location.kind,
        inside=_or_absent(refs.get(location.user_parent_id or 0)),
        position=_or_absent(location.user_position),
    )


def _describe_places(
    names: Mapping[int, _Named], refs: Mapping[int, PlaceRef]
) -> tuple[dict[str, dict[str, PlaceEntry]], int]:
    changed = Q(user_name__isnull=False) | Q(user_parent__isnull=False) | Q(user_position__isnull=False)
    found: dict[str, dict[str, PlaceEntry]] = defaultdict(dict)
    lost = 0
    for location in Location.objects.filter(changed).exclude(source_name=""):
        named = names.get(location.pk)
        if named is None:
            lost += 1
            continue
        found[named.integration][named.key] = PlaceEntry(
            name=_or_absent(location.user_name),
            inside=_or_absent(refs.get(location.user_parent_id or 0)),
            position=_or_absent(location.user_position),
            called=location.source_name,
        )
    return _in_order(found), lost


def _describe_things(refs: Mapping[int, PlaceRef]) -> tuple[dict[str, dict[str, ThingEntry]], int]:
    noted = ~Q(user_notes="") | Q(Exists(EntityAttribute.objects.filter(entity=OuterRef("pk"))))
    changed = EntityState.objects.filter(YOURS)
    rows = Entity.objects.filter(YOURS | Q(user_type__isnull=False) | noted | Q(pk__in=changed.values("entity")))
    facts: dict[int, dict[str, str]] = defaultdict(dict)
    for entity_id, name, value in EntityAttribute.objects.order_by("name").values_list("entity", "name", "value"):
        facts[entity_id][name] = value
    states, names = _describe_states(changed, refs), _name_rows(ItemKind.ENTITY, rows)
    found: dict[str, dict[str, ThingEntry]] = defaultdict(dict)
    lost = 0
    for entity in rows.defer("source_details", "source_labels"):
        named = names.get(entity.pk)
        if named is None:
            lost += 1
            continue
        found[named.integration][named.key] = ThingEntry(
            name=_or_absent(entity.user_name),
            kind=_or_absent(entity.user_type),
            place=_or_absent(refs.get(entity.user_location_id or 0)),
            notes=entity.user_notes or ABSENT,
            facts=facts.get(entity.pk, {}),
            # A state of another source of the same thing is that one's to name.
            states={
                key: entry for integration, key, entry in states.get(entity.pk, ()) if integration == named.integration
            },
            called=entity.source_name,
        )
    return _in_order(found), lost


def _describe_states(
    changed: QuerySet[EntityState], refs: Mapping[int, PlaceRef]
) -> dict[int, list[tuple[str, str, StateEntry]]]:
    names = _name_rows(ItemKind.STATE, changed)
    found: dict[int, list[tuple[str, str, StateEntry]]] = defaultdict(list)
    for state in changed.order_by("pk"):
        named = names.get(state.pk)
        if named is not None:
            entry = StateEntry(
                name=_or_absent(state.user_name),
                place=_or_absent(refs.get(state.user_location_id or 0)),
                called=state.source_name,
            )
            found[state.entity_id].append((named.integration, named.key, entry))
    return {pk: sorted(entries, key=lambda entry: entry[:2]) for pk, entries in found.items()}


def _name_rows(kind: ItemKind, rows: QuerySet[Any]) -> dict[int, _Named]:
    """Row -> how the first of its sources calls it, of those that have it, or would if they were not switched off."""
    there = Q(removed_at=None) | Q(removal_cause=RemovalCause.DEACTIVATED)
    links = IntegrationLink.objects.filter(there, kind=kind, instance__is_draft=False)
    links = links.filter(**{f"{kind}__in": rows.order_by().values("pk")})
    last_first = links.order_by("-instance__label", F("removed_at").asc(nulls_last=True), "-pk")
    told = last_first.values_list(f"{kind}_id", "instance__label", "integration_key")
    return {pk: _Named(label, key) for pk, label, key in told}


def _in_order(found: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {label: dict(sorted(entries.items())) for label, entries in sorted(found.items())}


def _or_absent(value: Any) -> Any:
    absent: Absent = ABSENT
    return absent if value is None else value


def _say_lost(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}" if number else ""
