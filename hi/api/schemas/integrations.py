"""What `/integrations` answers."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from hi.api.schemas.times import UtcTime
from hi.integration import environment
from hi.integration.app_config import IntegrationInfo
from hi.integration.core.settings import SettingSpec
from hi.integration.core.settings_schema import build_schema
from hi.integration.overview import InstanceOverview
from hi.integration.quality.rules import Tier


class IntegrationOut(BaseModel):
    """One configured connection."""

    id: int
    label: str
    integration_type: str
    integration_label: str
    status: str
    reason: str = Field(description="why it has this status, in a sentence; may be empty")
    since: UtcTime
    desired_state: str
    is_demo: bool
    is_live: bool = Field(description="whether values arrive as they change")
    live_since: UtcTime | None
    last_sync_at: UtcTime | None
    next_sync_at: UtcTime | None
    sync_interval_seconds: int
    entity_count: int
    state_count: int
    source_version: str
    breaker_state: str

    @classmethod
    def build(cls, overview: InstanceOverview) -> "IntegrationOut":
        instance = overview.instance
        return cls(
            id=instance.pk,
            label=instance.label,
            integration_type=instance.integration_type,
            integration_label=overview.info.label,
            status=instance.status,
            reason=instance.reason,
            since=instance.since,
            desired_state=instance.desired_state,
            is_demo=instance.is_demo,
            is_live=overview.is_live,
            live_since=instance.live_since,
            last_sync_at=instance.last_sync_at,
            next_sync_at=overview.next_sync_at,
            sync_interval_seconds=instance.sync_interval_seconds,
            entity_count=overview.entity_count,
            state_count=overview.state_count,
            source_version=instance.source_version,
            breaker_state=instance.breaker_state,
        )


class IntegrationDetail(IntegrationOut):
    """One configured connection with how it is configured."""

    is_draft: bool = Field(description="whether its settings are only tried so far")
    removal_policy: str = Field(description="what becomes of its things when it is deactivated: remove or keep")
    settings: dict[str, str]
    secrets: list[str] = Field(description="the keys of those settings that are stored and never told")

    @classmethod
    def build(cls, overview: InstanceOverview) -> "IntegrationDetail":
        instance = overview.instance
        rows = list(instance.attributes.all())
        return cls(
            **IntegrationOut.build(overview).__dict__,
            is_draft=instance.is_draft,
            removal_policy=instance.removal_policy,
            settings={row.integration_attr_key: row.value for row in rows if not row.is_secret},
            secrets=sorted(row.integration_attr_key for row in rows if row.is_secret),
        )


class SettingOut(BaseModel):
    """What a kind of system asks for."""

    key: str
    label: str
    type: str
    required: bool
    default: str
    help: str
    variable: str = Field(description="of the environment, from which it is taken where it is not given")

    @classmethod
    def build(cls, spec: SettingSpec, integration_type: str) -> "SettingOut":
        return cls(
            key=spec.key,
            label=spec.label,
            type=spec.type,
            required=spec.required,
            default=spec.default,
            help=spec.help,
            variable=environment.name_variable(integration_type, spec.key),
        )


class IntegrationKind(BaseModel):
    """A kind of system that can be connected."""

    integration_type: str
    label: str
    description: str
    quality: Tier | None = Field(description="the tier of the Integration Quality Scale whose rules it meets, if any")
    settings: list[SettingOut]
    settings_schema: dict[str, Any] = Field(description="the same as a JSON Schema of what to give as `settings`")

    @classmethod
    def build(cls, info: IntegrationInfo, specs: Sequence[SettingSpec]) -> "IntegrationKind":
        return cls(
            integration_type=info.integration_type,
            label=info.label,
            description=info.description,
            quality=info.quality,
            settings=[SettingOut.build(spec, info.integration_type) for spec in specs],
            settings_schema=build_schema(specs),
        )


class IntegrationPage(BaseModel):
    items: list[IntegrationOut]
    next: str | None
