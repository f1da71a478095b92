"""The part of a file that tells of systems: made, changed, started and stopped as from their pages."""

from collections.abc import Mapping

from hi.accounts.models import User
from hi.integration import choosing, configuration, operations
from hi.integration.app_config import describe
from hi.integration.config_file.document import ABSENT, IntegrationEntry
from hi.integration.config_file.nodes import FileError, Problem
from hi.integration.config_file.outcome import Outcome, told_of
from hi.integration.config_file.references import Reference, UnresolvedError
from hi.integration.config_file.writing import say_span
from hi.integration.core.selection import Selection
from hi.integration.core.settings import clean_settings
from hi.integration.enums import DesiredState
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import IntegrationInstance

SECTION = "integrations"


def apply_integration(
    label: str, entry: IntegrationEntry, instance: IntegrationInstance | None, user: User, outcome: Outcome
) -> IntegrationInstance:
    """Call it inside the transaction of the file. What is to run is asked for last, when all else is as it shall be."""
    with told_of(entry.line, SECTION, label):
        if instance is None:
            instance = _add(label, entry, user, outcome)
        elif entry.settings:
            _set_settings(instance, entry, user, outcome)
        _set_rest(instance, entry, user, outcome)
        _set_state(instance, entry, user, outcome)
    return instance


def _add(label: str, entry: IntegrationEntry, user: User, outcome: Outcome) -> IntegrationInstance:
    assert entry.kind is not ABSENT
    given = _resolve(label, entry, {}, outcome)
    outcome.add(SECTION, label, describe(entry.kind).label)
    return operations.add(entry.kind, label, given, user)


def _resolve(label: str, entry: IntegrationEntry, stored: Mapping[str, str], outcome: Outcome) -> dict[str, str]:
    """The settings in clear. A secret that is not where the file says stays the stored one, where there is one."""
    given, problems = {}, []
    for key, setting in entry.settings.items():
        if not isinstance(setting.value, Reference):
            given[key] = setting.value
            continue
        try:
            given[key] = setting.value.resolve()
        except UnresolvedError as err:
            if stored.get(key):
                outcome.notes.append(f"{label}: {err} The stored {key} stays.")
            else:
                problems.append(Problem(setting.line, (SECTION, label, "settings", key), str(err)))
    if problems:
        raise FileError(problems)
    return given


def _set_settings(instance: IntegrationInstance, entry: IntegrationEntry, user: User, outcome: Outcome) -> None:
    stored = configuration.read_what_is_left(instance)
    given = _resolve(instance.label, entry, stored, outcome)
    specs = get_integration_gateway(instance.integration_type).settings
    if clean_settings(specs, given, stored) == {spec.key: stored.get(spec.key, spec.default) for spec in specs}:
        return  # saving what is stored would try one again that has failed
    operations.update_settings(instance, given, user)
    written = configuration.read_configuration(instance)
    for spec in specs:
        before, after = stored.get(spec.key, ""), written.get(spec.key, "")
        if before != after:
            told = ("", "replaced") if spec.is_secret else (before, after)
            outcome.change(SECTION, instance.label, spec.label, *told)


def _set_rest(instance: IntegrationInstance, entry: IntegrationEntry, user: User, outcome: Outcome) -> None:
    label = instance.label
    if entry.sync_seconds is not ABSENT and entry.sync_seconds != instance.sync_interval_seconds:
        before = instance.sync_interval_seconds
        operations.set_interval(instance, entry.sync_seconds, user)
        outcome.change(SECTION, label, "a sync every", say_span(before), say_span(entry.sync_seconds))
    if entry.when_deactivated is not ABSENT and entry.when_deactivated != instance.removal_policy:
        was = instance.removal_policy
        operations.set_removal_policy(instance, entry.when_deactivated, user)
        outcome.change(SECTION, label, "its things when it is deactivated", was, entry.when_deactivated)
    _set_choice(instance, entry, user, outcome)


def _set_choice(instance: IntegrationInstance, entry: IntegrationEntry, user: User, outcome: Outcome) -> None:
    before, policy = Selection.read(instance.selection), instance.new_things
    chosen = None if entry.mirror is ABSENT else choosing.clean_selection(entry.mirror)
    new_things = None if entry.new_things is ABSENT else entry.new_things
    choosing.choose(instance, chosen, new_things=new_things, user=user)
    if chosen is not None and chosen != before:
        outcome.change(SECTION, instance.label, "mirrored", choosing.describe(before), choosing.describe(chosen))
    if new_things is not None and new_things != policy:
        outcome.change(SECTION, instance.label, "new things", policy, new_things)


def _set_state(instance: IntegrationInstance, entry: IntegrationEntry, user: User, outcome: Outcome) -> None:
    if entry.state is ABSENT:
        return
    instance.refresh_from_db()
    before, wanted = DesiredState(instance.desired_state), DesiredState(entry.state.upper())
    if before == wanted:
        return
    if wanted == DesiredState.INACTIVE:
        operations.deactivate(instance, user)
    else:
        if wanted == DesiredState.ACTIVE or before == DesiredState.INACTIVE:  # only what runs can be paused
            operations.activate(instance, user)
        if wanted == DesiredState.PAUSED:
            operations.pause(instance, user)
    outcome.change(SECTION, instance.label, "state", before.lower(), wanted.lower())
