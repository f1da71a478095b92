"""From an integration_id to its gateway. Modules are imported on first use, so a broken service breaks only itself."""

import importlib
import inspect
from functools import cache

from hi.integration import discovery, exceptions
from hi.integration.integration_gateway import IntegrationGateway


@cache
def get_integration_gateway(integration_type: str) -> IntegrationGateway:
    """The one gateway of an integration. Raises IntegrationError where the folder has gone or does not hold exactly
    one subclass of IntegrationGateway in its gateway module."""
    if integration_type not in discovery.find_integrations():
        raise exceptions.IntegrationError(
            f"The integration “{integration_type}” is not installed.",
            hint="Put its folder back into hi/services, or delete what used it.",
        )
    module_name = discovery.gateway_module(integration_type)
    try:
        module = importlib.import_module(module_name)
    except Exception as err:
        raise exceptions.IntegrationError(f"The integration “{integration_type}” does not load: {err}") from err
    gateways = [
        member
        for _name, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, IntegrationGateway) and member.__module__ == module.__name__
    ]
    if len(gateways) != 1:
        raise exceptions.IntegrationError(f"{module_name} must define one IntegrationGateway, it has {len(gateways)}.")
    return gateways[0]()
