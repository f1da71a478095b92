from hi.integration.app_config import ServiceConfig


class ZoneMinderConfig(ServiceConfig):
    name = "hi.services.zoneminder"
    integration_label = "ZoneMinder"
    integration_description = "Cameras: their pictures, what moves before them, and what was recorded."
    integration_badge = "ZM"
    integration_hue = 150
