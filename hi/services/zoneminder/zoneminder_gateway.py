"""The ZoneMinder integration: what it asks for, how it is tested, what reads it."""

from typing import ClassVar

from hi.integration import exceptions
from hi.integration.core.settings import SettingSpec, SettingType
from hi.integration.core.specs import Structure
from hi.integration.integration_gateway import IntegrationGateway
from hi.integration.synchronizer import EntitySynchronizer, Tell
from hi.services.zoneminder.cameras import ZmCameras
from hi.services.zoneminder.client import ZONEMINDER, ZmClient
from hi.services.zoneminder.controls import ZmCommander
from hi.services.zoneminder.converter import convert_structure
from hi.services.zoneminder.poller import ZmPoller, fetch_run_states, fetch_version, read_zone
from hi.services.zoneminder.wire import read_monitors
from hi.utils.singleton import Singleton


class ZmSynchronizer(EntitySynchronizer):
    def fetch(self, tell: Tell) -> Structure:
        tell(0, 1, "Reading the monitors of ZoneMinder.")
        with ZmClient(self.configuration) as client:
            monitors, states = read_monitors(client.ask("monitors")), fetch_run_states(client)
            return convert_structure(client.server_id, fetch_version(client), states, monitors)


def _say_monitors(client: ZmClient) -> str:
    """Raises MissingRightsError for a user who may not see monitors or events."""
    monitors = read_monitors(client.ask("monitors"))
    if not monitors.rows and not monitors.bad:
        raise exceptions.MissingRightsError(
            "This user sees no monitor.", hint="In ZoneMinder: Options, Users: View for Monitors and Events."
        )
    client.list_events(direction="desc")
    found = f"{len(monitors.rows)} monitors" + (f", {len(monitors.bad)} that cannot be read" if monitors.bad else "")
    return found if fetch_run_states(client) else f"{found}; the user may not see or set the run state"


class ZoneMinderGateway(Singleton, IntegrationGateway):
    synchronizer_class = ZmSynchronizer
    poller_class = ZmPoller
    commander_class = ZmCommander
    camera_source_class = ZmCameras
    client_class = ZmClient
    checks: ClassVar = {
        "Sign in": ZmClient.sign_in,
        "Version": fetch_version,
        "Time": lambda client: f"its events are in the time of {read_zone(client)}",
        "Read": _say_monitors,
    }
    settings = (
        SettingSpec(
            "url",
            "Address",
            SettingType.URL,
            help="As you open ZoneMinder in the browser, with what follows the host.",
            placeholder="http://zoneminder.local/zm",
        ),
        SettingSpec("user", "User", required=False, help="Empty where ZoneMinder asks nobody for a password."),
        SettingSpec(ZONEMINDER.credential, "Password", SettingType.SECRET, required=False),
    )
