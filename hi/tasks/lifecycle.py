"""Bringing instances up and down."""

from hi.integration import exceptions, lifecycle
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.integration_gateway import IntegrationGateway
from hi.integration.job_run import JobRun
from hi.tasks.base import job_task


@job_task
def activate_integration(run: JobRun) -> str:
    return lifecycle.run_activation(run, get_integration_gateway(run.instance.integration_type))


@job_task
def deactivate_integration(run: JobRun) -> str:
    return lifecycle.run_deactivation(run, _find_gateway(run))


@job_task
def test_connection(run: JobRun) -> str:
    return lifecycle.run_connection_test(run, get_integration_gateway(run.instance.integration_type))


@job_task
def delete_integration(run: JobRun) -> str:
    return lifecycle.run_deletion(run, _find_gateway(run))


def _find_gateway(run: JobRun) -> IntegrationGateway | None:
    """None where its folder has gone, or it has itself; what that left can still be stopped and deleted."""
    try:
        return get_integration_gateway(run.instance.integration_type)
    except exceptions.IntegrationError:
        return None
