"""Whether hi itself is well, and what a person should do if not. The one source of `/health/*`, `manage.py doctor`, the
System page and the gauges of `/metrics`: `read_facts` looks, `judge` says what it means."""

from hi.integration.health.check import Health, check_health
from hi.integration.health.findings import Finding, Level

__all__ = ["Finding", "Health", "Level", "check_health"]
