"""What of a document cannot be here, before anything is written: all of it in one go, each with its line."""

from collections.abc import Iterable, Iterator, Mapping

from hi.entity.models import Location
from hi.integration import discovery, environment, exceptions
from hi.integration.config_file.document import ABSENT, Document, IntegrationEntry, PlaceRef, Setting
from hi.integration.config_file.nodes import FileError, Problem
from hi.integration.config_file.reading import say_allowed
from hi.integration.config_file.references import Reference
from hi.integration.core.settings import SettingSpec
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import IntegrationInstance
from hi.integration.operations import MAX_LABEL

Instances = Mapping[str, IntegrationInstance]
OwnPlaces = Mapping[str, Location]


def find_instances(document: Document) -> dict[str, IntegrationInstance]:
    """Those that the document speaks of and that are there, by label. Raises FileError where two have one."""
    labels = {*document.integrations, *document.mirrored_places, *document.things}
    labels |= {ref.integration for _path, ref in list_place_refs(document) if ref.integration}
    rows = IntegrationInstance.objects.filter(is_draft=False, label__in=labels).order_by("pk")
    found: dict[str, IntegrationInstance] = {}
    for instance in rows:
        if instance.label in found:
            raise FileError([Problem(0, (instance.label,), "Two integrations are called so here. Rename one first.")])
        found[instance.label] = instance
    return found


def find_own_places(document: Document) -> dict[str, Location]:
    """People's own places by name. Raises FileError where two that the document speaks of have one."""
    names = {*document.own_places, *(ref.key for _path, ref in list_place_refs(document) if not ref.integration)}
    found: dict[str, Location] = {}
    for location in Location.objects.filter(source_name="", name__in=names).order_by("pk"):
        name = str(location.name)
        if name in found:
            raise FileError([Problem(0, ("places", "own", name), "Two are called so here. Rename one first.")])
        found[name] = location
    return found


def check(document: Document, instances: Instances, own_places: OwnPlaces) -> None:
    """Raises FileError."""
    problems = [
        *_check_integrations(document, instances),
        *_check_labels(document, instances),
        *_check_places(document, own_places),
        *_check_refs(document, instances, own_places),
    ]
    if problems:
        raise FileError(problems)


def list_place_refs(document: Document) -> Iterator[tuple[tuple[str, ...], PlaceRef]]:
    for name, place in document.own_places.items():
        if isinstance(place.inside, PlaceRef):
            yield ("places", "own", name, "inside"), place.inside
    for label, places in document.mirrored_places.items():
        for key, place in places.items():
            if isinstance(place.inside, PlaceRef):
                yield ("places", "mirrored", label, key, "inside"), place.inside
    for label, things in document.things.items():
        for key, thing in things.items():
            if isinstance(thing.place, PlaceRef):
                yield ("things", label, key, "place"), thing.place
            for state_key, state in thing.states.items():
                if isinstance(state.place, PlaceRef):
                    yield ("things", label, key, "states", state_key, "place"), state.place


def _check_integrations(document: Document, instances: Instances) -> Iterable[Problem]:
    for label, entry in document.integrations.items():
        path = ("integrations", label)
        if not label.strip() or label != label.strip() or len(label) > MAX_LABEL or not label.isprintable():
            yield Problem(entry.line, path, f"A name has between 1 and {MAX_LABEL} characters, and no space around it.")
        instance = instances.get(label)
        kind = instance.integration_type if instance is not None and entry.kind is ABSENT else entry.kind
        if kind is ABSENT:
            yield Problem(entry.line, path, f"It is not there yet, so say its kind. {_say_kinds('')}")
        elif instance is not None and kind != instance.integration_type:
            message = f"It is a {instance.integration_type} here. Delete that first, or call this one otherwise."
            yield Problem(entry.line, (*path, "kind"), message)
        elif kind not in discovery.find_integrations():
            if instance is None or entry.settings:  # what is left of a folder that has gone rests
                yield Problem(entry.line, (*path, "kind"), f"There is no “{kind[:60]}” here. {_say_kinds(kind)}")
        else:
            yield from _check_settings(path, kind, entry, is_new=instance is None)


def _say_kinds(kind: str) -> str:
    return say_allowed(kind, list(discovery.find_integrations()))


def _check_settings(path: tuple[str, ...], kind: str, entry: IntegrationEntry, *, is_new: bool) -> Iterable[Problem]:
    path = (*path, "settings")
    try:
        specs = {spec.key: spec for spec in get_integration_gateway(kind).settings}
        at_hand = {*entry.settings, *(environment.read(kind, specs.values()) if is_new else ())}
    except exceptions.IntegrationError as err:
        yield Problem(entry.line, path, str(err), err.hint)
        return
    for key, setting in entry.settings.items():
        if key not in specs:
            yield Problem(setting.line, path, f"There is no setting “{key[:60]}”. {say_allowed(key, list(specs))}")
        else:
            yield from _check_setting((*path, key), specs[key], setting)
    if is_new:
        for spec in specs.values():
            if spec.required and not spec.default and spec.key not in at_hand:
                yield Problem(entry.line, (*path, spec.key), f"{spec.label} is missing.")


def _check_setting(path: tuple[str, ...], spec: SettingSpec, setting: Setting) -> Iterable[Problem]:
    is_reference = isinstance(setting.value, Reference)
    if spec.is_secret and not is_reference:
        message = "No secret stands in the file itself. Write {env: NAME} or {file: /path}."
        yield Problem(setting.line, path, message)
    if is_reference and not spec.is_secret:
        yield Problem(setting.line, path, "This is no secret: write it out.")


def _check_labels(document: Document, instances: Instances) -> Iterable[Problem]:
    for section, entries in (("places › mirrored", document.mirrored_places), ("things", document.things)):
        for label in entries:
            if label not in instances and label not in document.integrations:
                yield Problem(0, (section, label), "There is no integration of this name, here or in the file.")


def _check_places(document: Document, own_places: OwnPlaces) -> Iterable[Problem]:
    for name, entry in document.own_places.items():
        path, place = ("places", "own", name), own_places.get(name)
        if place is None and entry.kind is ABSENT:
            yield Problem(entry.line, path, "It is not there yet, so say its kind: building, floor or room.")
        elif place is not None and entry.kind is not ABSENT and entry.kind != place.kind:
            yield Problem(entry.line, (*path, "kind"), f"It is a {place.kind} here, and a place's kind stays.")


def _check_refs(document: Document, instances: Instances, own_places: OwnPlaces) -> Iterable[Problem]:
    """A source's place may be there later; a name that nobody will ever give is a mistake."""
    for path, ref in list_place_refs(document):
        if ref.integration:
            if ref.integration not in instances and ref.integration not in document.integrations:
                yield Problem(ref.line, path, f"There is no integration “{ref.integration[:60]}”.")
        elif ref.key not in own_places and ref.key not in document.own_places:
            known = sorted({*own_places, *document.own_places})
            more = f" {say_allowed(ref.key, known)}" if known else ""
            hint = " A source's place is {integration: LABEL, key: KEY}."
            yield Problem(ref.line, path, f"No place of your own is called “{ref.key[:60]}”.{more}{hint}")
