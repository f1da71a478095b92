"""From an integration_id to its gateway. Modules are imported on first use, so a broken one breaks only itself."""

import importlib
import inspect
from functools import cache

from hi.integration import discovery, exceptions
from hi.integration.app_config import require_loaded
from hi.integration.integration_gateway import IntegrationGateway


@cache
def get_integration_gateway(integration_type: str) -> IntegrationGateway:
    """The one gateway of an integration. Raises IntegrationError where it has gone, does not load, or does not hold
    exactly one subclass of IntegrationGateway in its gateway module."""
    found = discovery.find_integrations().get(integration_type)
    if found is None:
        raise exceptions.IntegrationError(
            f"The integration “{integration_type}” is not installed.",
            hint="Put its folder back into hi/services, or install its package again; or delete what used it.",
        )
    try:
        require_loaded(found.package)
        module = importlib.import_module(found.gateway_module)
    except Exception as err:
        raise exceptions.IntegrationError(
            f"The integration “{integration_type}” does not load: {err}",
            hint=f"This is a fault in {found.package}; everything else goes on.",
        ) from err
    gateways = [
        member
        for _name, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, IntegrationGateway) and member.__module__ == module.__name__
    ]
    if len(gateways) != 1:
        raise exceptions.IntegrationError(
            f"{found.gateway_module} must define one IntegrationGateway, it has {len(gateways)}."
        )
    return gateways[0]()
