import asyncio
import socket
import threading
from pathlib import Path

import pytest

from hi.integration import exceptions, reach
from hi.integration.client import ApiClient
from tests.raw_servers import certificate, http, say, say_nothing, serving, unused_port

pytestmark = pytest.mark.wire

TRUST = "SSL_CERT_FILE"  # read by OpenSSL itself


def leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str, port: int) -> None:
    """Whatever name the system is asked for leads to these."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)


def test_an_open_port_is_reported_with_its_address() -> None:
    with serving(say_nothing) as port:
        assert reach.reach(f"http://127.0.0.1:{port}") == f"port {port} of 127.0.0.1 answers"
        assert reach.reach(f"http://localhost:{port}") == f"localhost is 127.0.0.1, port {port} answers"


def test_a_closed_port_says_that_nothing_listens_there() -> None:
    with pytest.raises(exceptions.ConnectionError, match="nothing listens on that port") as caught:
        reach.reach(f"http://127.0.0.1:{unused_port()}", usual_port=8123)

    assert "usually 8123" in caught.value.hint


def test_an_unknown_name_is_told_apart() -> None:
    with pytest.raises(exceptions.ConnectionError, match=r"The name no\.such\.host\.invalid is not known"):
        reach.reach("http://no.such.host.invalid:8123")


def test_a_name_that_is_none_is_unknown() -> None:
    with pytest.raises(exceptions.ConnectionError, match="is not known"):
        reach.reach(f"http://{'x' * 70}.local:8123")


def test_a_machine_that_does_not_answer_is_told_apart() -> None:
    # A listener whose queue is full: the system drops what comes.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
            waiting.append(client)
        try:
            with pytest.raises(exceptions.ConnectionError, match=f"did not answer on port {port} within"):
                reach.reach(f"http://127.0.0.1:{port}", seconds=0.3)
        finally:
            for client in waiting:
                client.close()


def test_an_address_of_a_cloud_machine_is_refused() -> None:
    with pytest.raises(exceptions.ConfigurationError):
        reach.reach("http://169.254.169.254:80", seconds=0.3)


@pytest.mark.parametrize("host", ["2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "[::ffff:169.254.169.254]"])
def test_no_way_of_writing_it_leads_there(host: str) -> None:
    with pytest.raises(exceptions.ConfigurationError):
        reach.reach(f"http://{host}:80", seconds=0.3)
    with pytest.raises(exceptions.ConfigurationError):
        asyncio.run(reach.connect_async(f"http://{host}:80", 0.3))
    with ApiClient(f"http://{host}:80", deadline_seconds=1) as client, pytest.raises(exceptions.ConfigurationError):
        client.get_json("/")


def test_of_several_addresses_only_those_of_a_home_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = http("200 OK", "[7]", "application/json")

    async def connect(url: str) -> str:
        with await reach.connect_async(url) as opened:
            return str(opened.getpeername()[0])

    with serving(say(answer)) as port:
        leads_to(monkeypatch, "169.254.169.254", "127.0.0.1", port=port)
        url = f"http://porch.local:{port}"
        assert reach.reach(url) == f"porch.local is 127.0.0.1, port {port} answers"
        assert asyncio.run(connect(url)) == "127.0.0.1"
        with ApiClient(url) as client:
            assert client.get_json("/") == [7]


def test_a_name_that_leads_elsewhere_is_refused_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    leads_to(monkeypatch, "169.254.169.254", port=80)
    with (
        ApiClient("http://porch.local", headers={"Authorization": "Bearer x"}) as client,
        pytest.raises(exceptions.ConfigurationError, match=r"porch\.local leads to an address"),
    ):
        client.get_json("/")


@pytest.mark.parametrize(
    ("host", "words"), [("127.0.0.1", "nothing listens on that port"), ("no.such.host.invalid", "is not known")]
)
def test_every_way_of_connecting_says_the_same(host: str, words: str) -> None:
    url = f"http://{host}:{unused_port()}"

    def fetch() -> None:
        with ApiClient(url, retries=0) as client:
            client.get_json("/")

    said = set()
    for action in (fetch, lambda: reach.connect(url), lambda: asyncio.run(reach.connect_async(url))):
        with pytest.raises(exceptions.ConnectionError, match=words) as caught:
            action()
        said.add((str(caught.value), caught.value.hint))
    assert len(said) == 1


async def _sends_at_once(port: int) -> bool:
    _reader, writer = await asyncio.open_connection(sock=await reach.connect_async(f"http://127.0.0.1:{port}"))
    try:
        return bool(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
    finally:
        writer.close()


def test_a_small_message_is_not_held_back_for_a_fuller_packet() -> None:
    with serving(say_nothing) as port:
        assert asyncio.run(_sends_at_once(port))


def test_a_client_tries_again_where_a_server_is_only_restarting() -> None:
    port = unused_port()
    answers = threading.Event()

    def come_up() -> None:
        answers.wait(5)
        with socket.create_server(("127.0.0.1", port)) as listener:
            connection, _address = listener.accept()
            with connection:
                say(http("200 OK", "[7]", "application/json"))(connection)

    server = threading.Thread(target=come_up)
    server.start()
    threading.Timer(0.1, answers.set).start()
    with ApiClient(f"http://127.0.0.1:{port}", retries=4) as client:
        assert client.get_json("/") == [7]
    server.join(5)


def test_a_redirect_to_no_address_is_an_error_of_ours() -> None:
    answer = http("302 Found", "", "text/html", "Location: http://porch:99999/\r\n")
    with (
        serving(say(answer)) as port,
        ApiClient(f"http://127.0.0.1:{port}") as client,
        pytest.raises(exceptions.ProtocolError, match="no address"),
    ):
        client.get_json("/")


def test_a_trusted_certificate_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = certificate(tmp_path)
    monkeypatch.setenv(TRUST, str(tmp_path / "ca.pem"))

    with serving(say_nothing, context) as port:
        assert "certificate vouched for by 127.0.0.1" in reach.check_tls(f"https://127.0.0.1:{port}")


def test_a_self_signed_certificate_says_so(tmp_path: Path) -> None:
    with (
        serving(say_nothing, certificate(tmp_path)) as port,
        pytest.raises(exceptions.ConnectionError, match="is self-signed"),
    ):
        reach.check_tls(f"https://127.0.0.1:{port}")


def test_a_certificate_of_another_name_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = certificate(tmp_path, name="hub.example")
    monkeypatch.setenv(TRUST, str(tmp_path / "ca.pem"))

    with (
        serving(say_nothing, context) as port,
        pytest.raises(exceptions.ConnectionError, match="belongs to another name"),
    ):
        reach.check_tls(f"https://localhost:{port}")


def test_an_expired_certificate_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = certificate(tmp_path, days=-1)
    monkeypatch.setenv(TRUST, str(tmp_path / "ca.pem"))

    with serving(say_nothing, context) as port, pytest.raises(exceptions.ConnectionError, match="has expired"):
        reach.check_tls(f"https://127.0.0.1:{port}")


def test_a_server_without_tls_says_so() -> None:
    with (
        serving(say(http("400 Bad Request", "?", "text/plain"))) as port,
        pytest.raises(exceptions.ConnectionError, match="does not speak https"),
    ):
        reach.check_tls(f"https://127.0.0.1:{port}")


def test_a_silent_server_does_not_hold_the_handshake() -> None:
    with serving(say_nothing) as port, pytest.raises(exceptions.ConnectionError, match="with silence"):
        reach.check_tls(f"https://127.0.0.1:{port}", seconds=0.3)


def test_tls_is_recognised_whatever_its_certificate(tmp_path: Path) -> None:
    with serving(say_nothing, certificate(tmp_path, days=-1)) as secure, serving(say(b"hello")) as plain:
        assert reach.speaks_tls(f"http://127.0.0.1:{secure}")
        assert not reach.speaks_tls(f"http://127.0.0.1:{plain}")
        assert not reach.speaks_tls(f"http://127.0.0.1:{unused_port()}")
