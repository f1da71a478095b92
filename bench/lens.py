"""Cameras for `bench.media`, which starts this with the hub's environment: `python -m bench.lens FOLDER WHAT WORDS…`.

FOLDER holds the integration that looks through them; `web` and `media` are hi's processes with it. `cameras PER_SECOND`
serves their pictures and prints the address; `connect URL COUNT` adds so many of them and prints the ids of their
things and states; `watch URL…` watches streams, prints a line once all have begun, and at its end how many bytes came
by the slowest.
"""

import json
import os
import signal
import sys
import threading

import requests

import hi.services
from hi.runtime import media, web
from tests.media.camera import TOKEN, Camera


def cameras(per_second: int) -> None:
    camera = Camera()
    camera.per_second = per_second
    with camera.running():
        print(camera.url, flush=True)
        signal.sigwait([signal.SIGTERM])


def connect(url: str, count: int) -> list[tuple[int, int]]:
    import django

    django.setup()
    from hi.entity.enums import EntityStateType, EntityType, Quality
    from hi.entity.models import Entity, EntityState
    from hi.integration import configuration
    from hi.integration.enums import DesiredState, IntegrationStatus, ItemKind
    from hi.integration.integration_factory import get_integration_gateway
    from hi.integration.models import IntegrationInstance, IntegrationLink

    instance = IntegrationInstance.objects.create(
        integration_type="lens", label="Lens", desired_state=DesiredState.ACTIVE, status=IntegrationStatus.ACTIVE
    )
    specs = get_integration_gateway("lens").settings
    configuration.write_configuration(instance, specs, {"url": url, "token": TOKEN})
    states = []
    for number in range(count):
        entity = Entity.objects.create(source_name=f"Camera {number}", source_type=EntityType.CAMERA)
        states.append(
            EntityState.objects.create(
                entity=entity,
                key="video",
                source_name=entity.source_name,
                state_type=EntityStateType.VIDEO,
                is_primary=True,
                value="idle",
                quality=Quality.GOOD,
            )
        )
    IntegrationLink.objects.bulk_create(
        IntegrationLink(instance=instance, kind=ItemKind.STATE, integration_key=str(state.pk), state=state)
        for state in states
    )
    return [(state.entity_id, state.pk) for state in states]


def watch(urls: list[str]) -> None:
    begun, came = threading.Semaphore(0), [0] * len(urls)

    def read(number: int, url: str) -> None:
        with requests.get(url, stream=True, timeout=20) as answer:
            answer.raise_for_status()
            begun.release()
            for piece in answer.iter_content(64 * 1024):
                came[number] += len(piece)

    for number, url in enumerate(urls):
        threading.Thread(target=read, args=[number, url], daemon=True).start()
    for _url in urls:
        begun.acquire()
    print("begun", flush=True)
    signal.sigwait([signal.SIGTERM])
    print(min(came), flush=True)


if __name__ == "__main__":
    # Before any thread is there that it might be sent to.
    if sys.argv[2] in ("cameras", "watch"):
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hi.settings.production")
    hi.services.__path__.append(sys.argv[1])
    match sys.argv[2:]:
        case ["web"]:
            web.main()
        case ["media"]:
            media.main()
        case ["cameras", per_second]:
            cameras(int(per_second))
        case ["connect", url, count]:
            print(json.dumps(connect(url, int(count))))
        case ["watch", *urls]:
            watch(urls)
        case _:
            sys.exit(__doc__)
