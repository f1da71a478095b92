"""IntegrationGateway: what an integration is to the rest of hi.

A gateway declares what its service can do and holds no state. Its `activate`, `deactivate` and the actions of
`manage` validate, write down what is wanted, enqueue a job and answer at once; the work runs in a worker (see
`lifecycle.py`). A gateway may override them instead: the job then calls it in the worker, and its answer ends the job.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, TypedDict, TypeVar

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hi.accounts.models import User
from hi.integration import (
    audit,
    configuration,
    exceptions,
    jobs,
    leases,
    live_reports,
    offers,
    removal,
    status,
)
from hi.integration.activation import request_activation, request_deactivation
from hi.integration.camera import CameraSource
from hi.integration.commander import Commander
from hi.integration.connection_steps import ConnectionStep as ConnectionStep  # for gateways, which have it from here
from hi.integration.connection_steps import client_steps, first_steps
from hi.integration.core.settings import SettingSpec, SettingType, clean_settings
from hi.integration.enums import DesiredState, IntegrationStatus, ItemKind, JobKind
from hi.integration.listener import Listener
from hi.integration.models import IntegrationInstance, Job
from hi.integration.poller import Poller
from hi.integration.reach import REACH_SECONDS
from hi.integration.service_client import ANSWER_SECONDS, ServiceClient
from hi.integration.synchronizer import EntitySynchronizer
from hi.integration.tls import TLS_SETTINGS

Made = TypeVar("Made", Listener, Poller, Commander, CameraSource)


class Answer(TypedDict, total=False):
    """What lifecycle methods answer: `status` is "success" or "error", `redirect` a path or None."""

    status: str
    message: str
    redirect: str | None
    job_id: str


class IntegrationGateway:
    """Base of every integration's gateway. Override what the service has; leave out what it has not."""

    # A service with an address has those of TLS beside its own; `Trust.of(config)` is what they ask for.
    settings: ClassVar[tuple[SettingSpec, ...]] = ()
    # The port at which the service usually listens, if its client does not say, and how long the test of a connection
    # waits to reach it.
    usual_port: ClassVar[int | None] = None
    reach_seconds: ClassVar[float] = REACH_SECONDS
    # With a client: what it checks then, each with one of its own, and how long it waits for an answer.
    client_class: ClassVar[type[ServiceClient] | None] = None
    checks: ClassVar[Mapping[str, Callable[[Any], str]]] = {}
    answer_seconds: ClassVar[float] = ANSWER_SECONDS
    # Rendered by `manage` for a GET; a service with a page of its own names it here.
    management_template: ClassVar[str] = "console/integration_manage.html"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = {spec.key for spec in cls.settings}
        if any(spec.type is SettingType.URL for spec in cls.settings):
            cls.settings = (*cls.settings, *(spec for spec in TLS_SETTINGS if spec.key not in own))
        if cls.client_class and cls.usual_port is None:
            cls.usual_port = cls.client_class.product.usual_port

    # What the service can do, as the classes that do it. None means it cannot, and the machinery never asks.
    synchronizer_class: ClassVar[type[EntitySynchronizer] | None] = None
    listener_class: ClassVar[type[Listener] | None] = None
    poller_class: ClassVar[type[Poller] | None] = None
    commander_class: ClassVar[type[Commander] | None] = None
    camera_source_class: ClassVar[type[CameraSource] | None] = None

    def build_synchronizer(self, instance: IntegrationInstance) -> EntitySynchronizer | None:
        """What reads the service's structure, or None for a service without things."""
        return self.synchronizer_class(instance) if self.synchronizer_class else None

    def build_listener(self, instance: IntegrationInstance) -> Listener | None:
        """What receives values as they change, or None for a service that does not push."""
        return _build(self.listener_class, instance)

    def build_poller(self, instance: IntegrationInstance) -> Poller | None:
        """What asks for values again and again: of a service that does not push; beside a listener it stands in while
        nothing is pushed. None for a service that needs none."""
        return _build(self.poller_class, instance)

    def build_commander(self, instance: IntegrationInstance) -> Commander | None:
        """What sets the service's states, or None for a service that only tells."""
        return _build(self.commander_class, instance)

    def build_camera_source(self, instance: IntegrationInstance) -> CameraSource | None:
        """What shows what the service's cameras see, or None for a service without any."""
        return _build(self.camera_source_class, instance)

    def connection_steps(self, config: Mapping[str, str]) -> Iterable[ConnectionStep]:
        """The connection test: named steps in order, each a call that returns what it found in half a sentence, or
        raises an IntegrationError that says why not and what to do. `config` holds secrets in clear.

        A service with an address begins with reaching it, and goes on with its `checks`."""
        yield from first_steps(self.settings, config, self.usual_port, self.reach_seconds)
        if self.client_class:
            yield from client_steps(self.client_class, config, self.answer_seconds, self.checks)

    def build_sources(self, instance: IntegrationInstance) -> tuple[Listener | None, Listener | None]:
        """What keeps the instance live, and what stands in for that while it is cut off."""
        listener, poller = self.build_listener(instance), self.build_poller(instance)
        return (listener, poller) if listener else (poller, None)

    # Hooks of the lifecycle.

    def validate_configuration(self, instance: IntegrationInstance) -> None:
        """Check the stored settings without touching the network. Raises ConfigurationError."""
        clean_settings(self.settings, {}, configuration.read_configuration(instance))

    def test_connection(self, instance: IntegrationInstance) -> None:
        """Run the connection test. Raises the IntegrationError of the step that failed."""
        for _name, action in self.connection_steps(configuration.read_configuration(instance)):
            action()

    def initialize_integration(self, instance: IntegrationInstance) -> None:
        """Called in the worker after the connection test and before the first sync."""

    def cleanup_entities(self, instance: IntegrationInstance) -> int:
        """Remove or keep what the instance mirrors, by its removal policy. Returns how many things were removed."""
        return removal.cleanup_entities(instance)

    def close_connections(self, instance: IntegrationInstance) -> None:
        """Called in the worker when the instance stops, after its listener has gone."""

    def get_entity_count(self, instance: IntegrationInstance) -> int:
        return instance.links.filter(kind=ItemKind.ENTITY, removed_at=None).count()

    def get_last_sync_time(self, instance: IntegrationInstance) -> datetime | None:
        return instance.last_sync_at

    def get_connection_status(self, instance: IntegrationInstance) -> str:
        return instance.reason or instance.status

    # The lifecycle.

    @property
    def activates_itself(self) -> bool:
        """Whether the gateway brought an `activate` of its own, to be called in the worker."""
        return type(self).activate is not IntegrationGateway.activate

    @property
    def deactivates_itself(self) -> bool:
        return type(self).deactivate is not IntegrationGateway.deactivate

    @property
    def syncs(self) -> bool:
        """Whether the gateway brought something to sync with."""
        overrides_it = type(self).sync_entities is not IntegrationGateway.sync_entities
        return overrides_it or self._brought(self.synchronizer_class, "build_synchronizer")

    @property
    def takes_commands(self) -> bool:
        """Whether the gateway brought something to set states with."""
        return self._brought(self.commander_class, "build_commander")

    @property
    def has_cameras(self) -> bool:
        """Whether the gateway brought something to look through cameras with."""
        return self._brought(self.camera_source_class, "build_camera_source")

    @property
    def has_recordings(self) -> bool:
        """Whether what it brought for cameras shows recordings, too."""
        return self.camera_source_class is not None and self.camera_source_class.recording is not CameraSource.recording

    def _brought(self, made: type | None, build: str) -> bool:
        return made is not None or getattr(type(self), build) is not getattr(IntegrationGateway, build)

    def require_sync(self, instance: IntegrationInstance) -> None:
        """Raises IntegrationError where nothing can be synced (now)."""
        if not self.syncs:
            raise exceptions.IntegrationError(f"{instance.label} has nothing to sync.")
        status.require_running(instance)

    def activate(self, instance: IntegrationInstance) -> Answer:
        """Validate, set what is wanted, enqueue. Never touches the network."""
        try:
            self.validate_configuration(instance)
        except exceptions.ConfigurationError as err:
            return {"status": "error", "message": str(err), "redirect": None}
        try:
            return _accepted(request_activation(instance), f"Activating {instance.label}.")
        except exceptions.IntegrationError as err:
            return {"status": "error", "message": str(err), "redirect": None}

    def deactivate(self, instance: IntegrationInstance) -> Answer:
        """Set what is wanted and enqueue; entities are removed or kept by the instance's policy."""
        return _accepted(request_deactivation(instance), f"Deactivating {instance.label}.")

    def manage(self, request: HttpRequest, instance: IntegrationInstance) -> HttpResponse | Answer:
        """The management page (GET), or one of its actions (POST `action`), answered as a dict."""
        if request.method == "POST":
            return self.handle_management_post(request, instance)
        return self.render_management_page(request, instance)

    def handle_management_post(self, request: HttpRequest, instance: IntegrationInstance) -> Answer:
        actions: dict[str, Callable[[], Answer]] = {
            "sync_entities": lambda: self.sync_entities(instance, _user(request)),
            "test_connection": lambda: self.test_connection_endpoint(instance, _user(request)),
            "update_config": lambda: self.update_configuration(request, instance),
        }
        action = actions.get(request.POST.get("action", ""))
        if action is None:
            return {"status": "error", "message": "This page does not know that action.", "redirect": None}
        return action()

    def render_management_page(
        self, request: HttpRequest, instance: IntegrationInstance, extra: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "integration": instance,
            "entity_count": partial(self.get_entity_count, instance),  # counted only where the template shows it
            "last_sync": self.get_last_sync_time(instance),
            "connection_status": self.get_connection_status(instance),
            **(extra or {}),
        }
        return render(request, self.management_template, context)

    def sync_entities(self, instance: IntegrationInstance, user: User | None = None) -> Answer:
        try:
            self.require_sync(instance)
        except exceptions.IntegrationError as err:
            return {"status": "error", "message": str(err), "redirect": None}
        return _accepted(jobs.enqueue(JobKind.SYNC, instance, user=user), "Sync queued.")

    def test_connection_endpoint(self, instance: IntegrationInstance, user: User | None = None) -> Answer:
        return _accepted(jobs.enqueue(JobKind.TEST_CONNECTION, instance, user=user), "Connection test queued.")

    def update_configuration(self, request: HttpRequest, instance: IntegrationInstance) -> Answer:
        """Store the settings of the form. New credentials after a refused sign-in activate the instance again."""
        try:
            job = self.save_settings(instance, {key: str(value) for key, value in request.POST.items()}, _user(request))
        except exceptions.ConfigurationError as err:
            return {"status": "error", "message": str(err), "redirect": None}
        if job is not None:
            return _accepted(job, "Settings saved.")
        return {"status": "success", "message": "Settings saved.", "redirect": None}

    def save_settings(
        self, instance: IntegrationInstance, given: Mapping[str, str], user: User | None = None
    ) -> Job | None:
        """Store settings; a secret left empty keeps the stored one. Raises ConfigurationError with the field, and
        stores nothing then. Returns the activation that it starts for an instance that had failed, or the sync
        of one whose address changed."""
        stored = configuration.read_what_is_left(instance)
        values = clean_settings(self.settings, given, stored)
        changed = [spec for spec in self.settings if stored.get(spec.key, spec.default) != values[spec.key]]
        has_moved = any(not spec.is_secret for spec in changed)
        if changed:  # else its listener need not reconnect
            with transaction.atomic():
                leases.lock_instance(instance.pk)
                configuration.write_configuration(instance, self.settings, values)
                self.validate_configuration(instance)
                before, after = configuration.say_changes(self.settings, stored, values)
                audit.record_for(user, audit.Verb.CONFIGURED, instance, before=before, after=after)
                if instance.is_draft and has_moved:  # what it offers and who it is must be found out anew
                    offers.forget(instance)
                    IntegrationInstance.objects.filter(pk=instance.pk).update(server_id="", selection={})
                elif has_moved and status.is_running(instance):  # until the listener has looked who is there
                    what = "address was" if any(spec.type is SettingType.URL for spec in changed) else "settings were"
                    live_reports.hang_up(instance.pk, f"The {what} changed.")
        instance.refresh_from_db()
        if instance.desired_state == DesiredState.ACTIVE and instance.status in (
            IntegrationStatus.AUTH_FAILED,
            IntegrationStatus.FAILED,
        ):
            return request_activation(instance, user)
        if has_moved and instance.server_id and status.is_running(instance):
            return jobs.enqueue(JobKind.SYNC, instance, user=user)  # which looks whether it is the same server
        return None


def _build(made: type[Made] | None, instance: IntegrationInstance) -> Made | None:
    return made(configuration.read_configuration(instance)) if made else None


def _accepted(job: Job, message: str) -> Answer:
    return {"status": "success", "message": message, "redirect": None, "job_id": str(job.pk)}


def _user(request: HttpRequest) -> User | None:
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None
