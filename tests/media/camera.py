"""A camera on loopback, and the integration that looks through it: by a token in each address, as real ones do."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from hi.testing.pictures import picture

TOKEN = "canary-token-of-the-camera"
CANARY = "canary-header-of-the-camera"
GATEWAY = """
import time

from hi.integration import exceptions, mjpeg
from hi.integration.camera import CameraSource
from hi.integration.client import ApiClient
from hi.integration.core.settings import SettingSpec, SettingType
from hi.integration.integration_gateway import IntegrationGateway


class LensSource(CameraSource):
    def __init__(self, config):
        super().__init__(config)
        self._client = ApiClient(config["url"], retries=0, read_seconds=2, deadline_seconds=2)

    def close(self):
        self._client.close()

    def snapshot(self, address, width):
        return self._get("snapshot", address, width)

    def recording_picture(self, key, width):
        return self._get("event", key, width)

    def recording(self, key, width):
        for picture in mjpeg.frames([self._get("event", key, width) * 3]):
            yield picture
            time.sleep(0.15)

    def _get(self, what, address, width):
        path = self._path(what, address, width)
        answer = self._client.exchange("GET", path)
        if answer.status == 410:
            raise exceptions.GoneError("It was deleted.")
        self._client.refuse(path, answer)
        return answer.body

    def stream(self, address, width):
        with self._client.open_stream(self._path("stream", address, width)) as pieces:
            yield from mjpeg.frames(pieces)

    def _path(self, what, address, width):
        return f"/{what}?camera={address}&width={width}&token={self.config['token']}"


class LensGateway(IntegrationGateway):
    settings = (SettingSpec("url", "Address", SettingType.URL), SettingSpec("token", "Token", SettingType.SECRET))
    camera_source_class = LensSource
"""


class Camera:
    """`status`, `body`, `stalls` and `drips` are its faults. `asked` counts what it was asked for, `events` are those
    of them that were recorded; `open` are its open streams."""

    def __init__(self) -> None:
        self.url = ""
        self.status, self.body, self.stalls, self.drips = 200, b"", False, False
        self.per_second = 20
        self.asked = Counter[str]()
        self.events: list[str] = []
        self.open = 0
        self._cut = threading.Event()

    def cut(self) -> None:
        """Streams end in the middle of a picture."""
        self._cut.set()

    @contextmanager
    def running(self) -> Iterator["Camera"]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"camera": self}))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            self._cut.set()
            server.shutdown()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    camera: Camera

    def do_GET(self) -> None:
        camera, address = self.camera, urlsplit(self.path)
        camera.asked[address.path] += 1
        given = parse_qs(address.query)
        camera.events += given["camera"] if address.path == "/event" else []
        status = camera.status if given.get("token") == [TOKEN] else 401
        while camera.stalls and not camera._cut.is_set():
            time.sleep(0.02)
        self.send_response(status)
        self.send_header("X-Secret", CANARY)
        if status == 200 and address.path == "/stream":
            self._stream(int(given["width"][0]))
            return
        body = camera.body or (_see(int(given["width"][0])) if status == 200 else f"{CANARY} {TOKEN}".encode())
        self.send_header("Content-Type", f"image/jpeg; secret={CANARY}")
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, width: int) -> None:
        camera = self.camera
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={CANARY}")
        self.end_headers()
        camera.open += 1
        try:
            while not camera._cut.wait(1 / camera.per_second):
                if camera.drips:
                    self.wfile.write(b"\r")
                else:
                    self._send_part(_see(width))
            self._send_part(_see(width), whole=False)
        except OSError:
            pass  # whoever watched has gone
        finally:
            camera.open -= 1

    def _send_part(self, jpeg: bytes, whole: bool = True) -> None:
        head = f"--{CANARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\nX-Secret: {TOKEN}\r\n\r\n"
        self.wfile.write(head.encode() + (jpeg if whole else jpeg[: len(jpeg) // 2]))

    def log_message(self, *_args: object) -> None:
        pass


def _see(width: int) -> bytes:
    return picture("Front door", datetime(2026, 11, 26, 12), width, width * 9 // 16)
