"""What Prometheus reads: the figures of all processes, and those that rows and the machine tell at that moment."""

from collections.abc import Iterable

import redis
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from hi.integration import metrics
from hi.integration.health.rows import read_facts
from hi.integration.metrics_gauges import build_gauges
from hi.utils import redis_client

MAX_PROCESSES = 200
MAX_BYTES = 2_000_000

# What is scraped, and whether it could not be: told as `hi_scrape_errors`.
Errors = dict[str, int]


def scrape(own_name: str) -> bytes:
    """All metrics as text. What can't be had is left out and counted; the rest is served."""
    errors: Errors = {"redis": 0, "database": 0, "process": 0}
    texts = _read_published(errors) | {own_name: generate_latest(metrics.registry).decode()}
    facts = read_facts()
    errors["redis"] |= bool(facts.redis.error)
    errors["database"] |= bool(facts.rows_error) or any(database.error for database in facts.databases)
    families = _merge(texts, errors)
    everything = [*families.values(), *build_gauges(facts), _errors_gauge(errors)]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Given(everything))
    return generate_latest(registry)


class _Given(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families

    def describe(self) -> Iterable[Metric]:
        return ()


def _read_published(errors: Errors) -> dict[str, str]:
    """Process name -> its figures."""
    try:
        with redis_client.connect() as client:
            keys = sorted(client.scan_iter(match=f"{metrics.KEY_PREFIX}*", count=1000))[:MAX_PROCESSES]
            values = client.mget(keys) if keys else []
    except (redis.RedisError, OSError, ValueError):
        errors["redis"] = 1
        return {}
    found = {}
    for key, value in zip(keys, values, strict=True):
        if value is not None and len(value) <= MAX_BYTES:
            found[key.decode(errors="replace").removeprefix(metrics.KEY_PREFIX)] = value.decode(errors="replace")
    return found


def _merge(texts: dict[str, str], errors: Errors) -> dict[str, Metric]:
    """One family a name, each sample with the process it comes from."""
    merged: dict[str, Metric] = {}
    for process, text in sorted(texts.items()):
        try:
            families = list(text_string_to_metric_families(text))
        except ValueError:
            errors["process"] += 1
            continue
        for family in families:
            into = merged.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            for sample in family.samples:
                into.add_sample(sample.name, {**sample.labels, "process": process}, sample.value)
    return merged


def _errors_gauge(errors: Errors) -> Metric:
    metric = Metric("hi_scrape_errors", "What could not be read for this answer.", "gauge")
    for part, count in errors.items():
        metric.add_sample(metric.name, {"part": part}, count)
    return metric
