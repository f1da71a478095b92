"""Settings of an instance: the only place that reads or writes their rows, and so the only one that sees secrets."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.db.models import F

from hi.integration import exceptions
from hi.integration.core.settings import SettingSpec
from hi.integration.models import IntegrationAttribute, IntegrationInstance
from hi.utils import crypto, redact


def read_configuration(instance: IntegrationInstance) -> dict[str, str]:
    """Every stored setting in clear. Keep it in memory only: never in a task's arguments, a log or a page.

    From then on this process's logs mask the secrets. Raises SecretLostError if no key fits one of them.
    """
    found, lost = _read(instance)
    if lost:
        raise exceptions.SecretLostError(
            f"A secret of {instance.label} cannot be read any more: the key it was encrypted with is missing.",
            field=lost[0],
            hint="Enter it anew in the settings.",
        )
    return found


def read_what_is_left(instance: IntegrationInstance) -> dict[str, str]:
    """As `read_configuration`, without the secrets that no key fits: as if they had never been given."""
    return _read(instance)[0]


def list_lost(instance: IntegrationInstance) -> list[str]:
    """The keys of the secrets that no key fits."""
    return _read(instance)[1]


def read_public_configuration(instance: IntegrationInstance) -> dict[str, str]:
    """The settings that may be shown: no secret, not even encrypted."""
    return {row.integration_attr_key: row.value for row in instance.attributes.all() if not row.is_secret}


def write_configuration(instance: IntegrationInstance, specs: Sequence[SettingSpec], values: Mapping[str, str]) -> None:
    """Store all settings and raise the instance's `config_revision`, at which its listener reconnects. What few need
    has a row only where it is not as for all others."""
    usual = {spec.key for spec in specs if spec.is_folded and values.get(spec.key, spec.default) == spec.default}
    rows = [
        IntegrationAttribute(
            instance=instance,
            integration_attr_key=spec.key,
            value=crypto.encrypt(values[spec.key]) if spec.is_secret else values[spec.key],
            is_secret=spec.is_secret,
        )
        for spec in specs
        if spec.key not in usual
    ]
    with transaction.atomic():
        IntegrationAttribute.objects.filter(instance=instance, integration_attr_key__in=usual).delete()
        IntegrationAttribute.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["instance", "integration_attr_key"],
            update_fields=["value", "is_secret"],
        )
        IntegrationInstance.objects.filter(pk=instance.pk).update(config_revision=F("config_revision") + 1)
    instance.refresh_from_db(fields=["config_revision"])


def say_changes(specs: Iterable[SettingSpec], before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, str]:
    """What is other than before, in words, as it was and as it is. Of a secret only that it was replaced."""
    changed = [spec for spec in specs if before.get(spec.key, spec.default) != after[spec.key]]
    shown = [spec for spec in changed if not spec.is_secret]
    was = "; ".join(f"{spec.label} {spec.say(before.get(spec.key, spec.default))}" for spec in shown)
    told = [f"{spec.label} {'replaced' if spec.is_secret else spec.say(after[spec.key])}" for spec in changed]
    return was, "; ".join(told)


def _read(instance: IntegrationInstance) -> tuple[dict[str, str], list[str]]:
    found, lost = {}, []
    for row in instance.attributes.all():
        try:
            found[row.integration_attr_key] = _read_secret(row.value) if row.is_secret else row.value
        except crypto.DecryptionError:
            lost.append(row.integration_attr_key)
    return found, sorted(lost)


def _read_secret(encrypted: str) -> str:
    secret = crypto.decrypt(encrypted)
    redact.register_secret(secret)
    return secret
