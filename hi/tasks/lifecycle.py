"""Bringing instances up and down."""

from hi.integration import exceptions, lifecycle
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.job_run import JobRun
from hi.tasks.base import job_task


@job_task
def activate_integration(run: JobRun) -> str:
    return lifecycle.run_activation(run, get_integration_gateway(run.instance.integration_type))


@job_task
def deactivate_integration(run: JobRun) -> str:
    return lifecycle.run_deactivation(run, get_integration_gateway(run.instance.integration_type))


@job_task
def test_connection(run: JobRun) -> str:
    return lifecycle.run_connection_test(run, get_integration_gateway(run.instance.integration_type))


@job_task
def delete_integration(run: JobRun) -> str:
    try:
        gateway = get_integration_gateway(run.instance.integration_type)
    except exceptions.IntegrationError:
        gateway = None  # its folder has gone; what it left can still be deleted
    return lifecycle.run_deletion(run, gateway)
