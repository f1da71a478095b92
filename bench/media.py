"""`make bench-media`: whether people who watch cameras slow down pages.

Web and media as real processes, cameras in a third, ten people who watch them in a fourth. In turns nobody watches and
all do, while a fifth asks for pages; what is compared are the times of one run, so a busy machine is busy for both.
Prints one JSON line; exit code 1 if the limit does not hold.
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import requests

from bench.report import Limit, broken, percentile, tell
from hi.utils.own_process import die_with_parent
from tests.e2e.hub import Hub
from tests.e2e.process import ROOT
from tests.media.camera import GATEWAY

LIMITS = (Limit("ratio", 1.5, "the time of a page while ten watch, to that while nobody does (p95)"),)
CAMERAS = 5


def main() -> int:
    options = _options()
    # So that what it started ends with it, however it is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with (
        tempfile.TemporaryDirectory(prefix="hi-media-") as name,
        _hub_with_lens(Path(name)) as (hub, services),
        _program(hub, services, "cameras", str(options.per_second)) as cameras,
    ):
        assert cameras.stdout is not None
        url = cameras.stdout.readline().strip()
        with _program(hub, services, "connect", url, str(CAMERAS)) as connecting:
            ids: list[tuple[int, int]] = json.loads(connecting.communicate()[0])
        figures = _measure(hub, services, ids, options)
    tell(figures)
    return int(broken(figures, LIMITS, "media"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.media", description="Measure pages beside streams.")
    parser.add_argument("--streams", type=int, default=10, help="how many watch (default 10)")
    parser.add_argument("--per-second", type=int, default=5, help="pictures of each camera (default 5)")
    parser.add_argument("--rounds", type=int, default=6, help="times that all come and go (default 6)")
    parser.add_argument("--requests", type=int, default=100, help="pages asked for in each half (default 100)")
    return parser.parse_args()


@contextmanager
def _hub_with_lens(folder: Path) -> Iterator[tuple[Hub, Path]]:
    """No more of a hub than shows pages and pictures."""
    lens = folder / "services" / "lens"
    lens.mkdir(parents=True)
    (lens / "__init__.py").touch()
    (lens / "lens_gateway.py").write_text(GATEWAY)
    (folder / "data").mkdir()
    hub = Hub(folder / "data", HI_MEDIA_URL_SECONDS="3600")
    try:
        hub.prepare()
        for spec in hub.specs():
            if spec.name in ("web", "media"):
                argv = [sys.executable, "-m", "bench.lens", str(lens.parent), spec.name]
                hub.start_process(replace(spec, argv=argv, is_hi=False))
        hub.nodes["web"].ready()
        yield hub, lens.parent
    finally:
        hub.stop()


@contextmanager
def _program(hub: Hub, services: Path, *words: str) -> "Iterator[subprocess.Popen[str]]":
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.lens", str(services), *words],
        cwd=ROOT,
        env=hub.process_environment(HI_LOG_LEVEL="WARNING"),
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def _measure(hub: Hub, services: Path, ids: list[tuple[int, int]], options: argparse.Namespace) -> dict[str, object]:
    streams = [hub.get(f"entities/{entity}/states/{state}/camera")["stream"] for entity, state in ids]
    watched = [hub.url + streams[number % CAMERAS] for number in range(options.streams)]
    pages = ["/things/", f"/things/{ids[0][0]}/"]
    browser, alone, beside, rates = hub.browser(), list[float](), list[float](), list[float]()
    _ask(browser, hub, pages, 20)  # what a process finds out once it has found out
    for _round in range(options.rounds):
        alone += _ask(browser, hub, pages, options.requests)
        with _program(hub, services, "watch", *watched) as watching:
            assert watching.stdout is not None
            watching.stdout.readline()
            begin = time.perf_counter()
            beside += _ask(browser, hub, pages, options.requests)
            watching.terminate()
            rates.append(int(watching.stdout.readline()) / (time.perf_counter() - begin))
    p95_alone, p95_beside = percentile(alone, 95), percentile(beside, 95)
    return {
        "p95_alone_ms": round(p95_alone * 1000, 1),
        "p95_beside_ms": round(p95_beside * 1000, 1),
        "ratio": round(p95_beside / p95_alone, 2),
        "p50_ratio": round(percentile(beside, 50) / percentile(alone, 50), 2),
        "streams": options.streams,
        "pictures_per_second": options.per_second,
        "slowest_stream_kb_per_second": round(min(rates) / 1000),
    }


def _ask(browser: requests.Session, hub: Hub, pages: list[str], count: int) -> list[float]:
    took = []
    for number in range(count):
        begin = time.perf_counter()
        answer = browser.get(hub.url + pages[number % len(pages)], timeout=20)
        took.append(time.perf_counter() - begin)
        answer.raise_for_status()
    return took


if __name__ == "__main__":
    sys.exit(main())
