"""The ZoneMinder integration: what it asks for, how it is tested, what reads it."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from hi.integration import configuration, exceptions
from hi.integration.core.settings import SettingSpec, SettingType
from hi.integration.core.specs import Structure
from hi.integration.integration_gateway import ConnectionStep, IntegrationGateway
from hi.integration.models import IntegrationInstance
from hi.integration.reach import check_tls, reach
from hi.integration.synchronizer import EntitySynchronizer, Tell
from hi.integration.tls import Trust
from hi.services.zoneminder.client import ZmClient
from hi.services.zoneminder.controls import ZmCommander
from hi.services.zoneminder.converter import convert_structure
from hi.services.zoneminder.poller import ZmPoller, fetch_run_states, fetch_version, read_zone
from hi.services.zoneminder.wire import read_monitors
from hi.utils.singleton import Singleton


class ZmSynchronizer(EntitySynchronizer):
    def fetch(self, tell: Tell) -> Structure:
        tell(0, 1, "Reading the monitors of ZoneMinder.")
        with ZmClient(self.configuration) as client:
            return convert_structure(
                fetch_version(client), fetch_run_states(client), *read_monitors(client.ask("monitors"))
            )


class ZoneMinderGateway(Singleton, IntegrationGateway):
    settings = (
        SettingSpec(
            "url",
            "Address",
            SettingType.URL,
            help="As you open ZoneMinder in the browser, with what follows the host.",
            placeholder="http://zoneminder.local/zm",
        ),
        SettingSpec("user", "User", required=False, help="Empty where ZoneMinder asks nobody for a password."),
        SettingSpec("password", "Password", SettingType.SECRET, required=False),
    )

    def build_synchronizer(self, instance: IntegrationInstance) -> ZmSynchronizer:
        return ZmSynchronizer(instance)

    def build_poller(self, instance: IntegrationInstance) -> ZmPoller:
        return ZmPoller(configuration.read_configuration(instance))

    def build_commander(self, instance: IntegrationInstance) -> ZmCommander:
        return ZmCommander(configuration.read_configuration(instance))

    def connection_steps(self, config: Mapping[str, str]) -> Iterable[ConnectionStep]:
        yield "Reach", partial(reach, config["url"])
        if config["url"].startswith("https:"):
            yield "Encrypt", partial(check_tls, config["url"], Trust.of(config))
        for name, step in {"Sign in": _sign_in, "Version": fetch_version, "Time": _time, "Read": _read}.items():
            yield name, partial(_run, step, config)


def _run(step: Callable[[ZmClient], str], config: Mapping[str, str]) -> str:
    with ZmClient(config) as client:
        return step(client)


def _sign_in(client: ZmClient) -> str:
    return "the user is let in" if client.sign_in() else "it asks nobody for a password"


def _time(client: ZmClient) -> str:
    return f"its events are in the time of {read_zone(client)}"


def _read(client: ZmClient) -> str:
    monitors, unreadable = read_monitors(client.ask("monitors"))
    if not monitors and not unreadable:
        raise exceptions.MissingRightsError(
            "This user sees no monitor.", hint="In ZoneMinder: Options, Users: View for Monitors and Events."
        )
    found = f"{len(monitors)} monitors" + (f", {len(unreadable)} that cannot be read" if unreadable else "")
    return found if fetch_run_states(client) else f"{found}; the user may not see or set the run state"
