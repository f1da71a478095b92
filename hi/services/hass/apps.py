from hi.integration.app_config import ServiceConfig


class HassConfig(ServiceConfig):
    name = "hi.services.hass"
    integration_label = "Home Assistant"
    integration_description = "Everything a Home Assistant knows: rooms, devices and their values, live."
    integration_badge = "HA"
    integration_hue = 240
