"""The control as operators start it and callers, good and bad, meet it; all on loopback."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from heliograph.collector.control import ControlService, Means
from heliograph.config import Resolver
from heliograph.control import ControlReply
from heliograph.extras import install
from heliograph.failure import Failure
from heliograph.lab import answers, handshakes
from heliograph.lab.authority import Authority
from heliograph.lab.nameserver import Nameserver
from heliograph.lab.origins import Origin, Site
from heliograph.limits import LimitsConfig
from heliograph.model import Role, StepKind
from probes.net.door import Door
from probes.net.surroundings import Surroundings
from tests.lab.control_fixtures import (
    TOKEN,
    Served,
    command,
    configured,
    environment,
    running,
)
from tests.lab.net_fixtures import NAME, Bench


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("control")
    arguments = command("--listen", "127.0.0.1:0", "--config", str(configured(folder)))
    with running(arguments, folder) as control:
        yield control


def asking(url: str = f"https://{NAME}/", *addresses: str) -> bytes:
    return json.dumps({"url": url, "addresses": addresses, "headers": [["Cookie", "a=b"]]}).encode()


def test_a_look_is_returned_and_the_guard_of_the_control_holds(served: Served) -> None:
    canary = socket.create_server(("127.0.0.1", 0))
    canary.settimeout(0.2)
    url = f"http://{NAME}:{canary.getsockname()[1]}/"

    status, body, _ = served.ask(asking(url, "127.0.0.1", "169.254.169.254", "::1"))

    reply = json.loads(body)
    assert status == 200
    assert (reply["observed_address"], reply["network"]) == ("127.0.0.1", None)
    assert {step["role"] for step in reply["steps"]} == {"remote_control"}
    tried = [step for step in reply["steps"] if step["kind"] == "tcp_connect"]
    assert [step["address"] for step in tried] == ["127.0.0.1", "169.254.169.254", "::1"]
    assert {step["failure"] for step in tried} == {"x_address_refused"}
    with canary, pytest.raises(TimeoutError):
        canary.accept()


@pytest.mark.parametrize("header", [None, "Bearer wrong", f"Basic {TOKEN}"])
def test_without_the_token_nothing_is_done(served: Served, header: str | None) -> None:
    headers = {"Content-Type": "application/json"}
    if header is not None:
        headers["Authorization"] = header

    status, body, response = served.ask(asking(), headers)

    assert (status, json.loads(body)["status"]) == (401, 401)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        *((b"", 400), (b"\x00\xff" * 40, 400), (b"[" * 60_000, 400), (b"{}", 400)),
        *((asking("ftp://site.example/"), 422), (asking("site.example:22"), 422)),
        (b" " * 65_537, 413),
    ],
)
def test_a_body_it_can_t_use_is_a_problem(served: Served, body: bytes, status: int) -> None:
    got, said, response = served.ask(body)

    assert (got, json.loads(said)["status"]) == (status, status)
    assert response.headers["Content-Type"] == "application/problem+json"


HEAD = (
    f"POST /v1/control HTTP/1.1\r\nHost: control.example\r\nAuthorization: Bearer {TOKEN}\r\n"
    "Content-Type: application/json\r\n"
).encode()
CHUNKED = HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_a_body_is_counted_while_it_comes(served: Served) -> None:
    got, said, response = served.ask(b" " * 0x4000 for _ in range(5))

    assert (got, json.loads(said)["status"]) == (413, 413)
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "garbage",
    [
        *(
            b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
            b"GET / HTTP/9.9\r\nConnection: close\r\n\r\n",
            b"\r\n" * 50 + b"x\r\n\r\n",
        ),
        b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000,
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        CHUNKED + b"zz\r\nnonsense",
    ],
)
def test_what_is_no_http_does_no_harm(served: Served, garbage: bytes) -> None:
    said = served.say(garbage)

    assert said == b"" or b"application/problem+json" in said
    assert served.ask(asking())[0] == 200


def test_a_hundred_at_once_are_served(served: Served) -> None:
    with ThreadPoolExecutor(100) as pool:
        statuses = list(pool.map(lambda _: served.ask(asking())[0], range(100)))

    assert statuses == [200] * 100


def test_those_beyond_the_queue_are_told_to_come_again(tmp_path: Path) -> None:
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 0))
    config = configured(tmp_path, f"udp://127.0.0.1:{silent.getsockname()[1]}", parallel=1)
    arguments = command("--listen", "127.0.0.1:0", "--config", str(config))
    with silent, running(arguments, tmp_path) as control, ThreadPoolExecutor(6) as pool:
        began = time.monotonic()
        first = [pool.submit(control.ask, asking()) for _ in range(2)]
        time.sleep(0.3)
        late = control.ask(asking())
        seconds = time.monotonic() - began
        silent.close()  # from now on asking it again fails at once
        statuses = sorted(future.result()[0] for future in first)

    assert (late[0], late[2].headers["Retry-After"]) == (503, "2")
    assert seconds < 2.0, "at once, not when the queue moves"
    assert statuses == [200, 200], "one was served, and one waited for its turn"


def test_a_signal_ends_it_within_seconds_though_a_look_is_under_way(tmp_path: Path) -> None:
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 0))
    config = configured(tmp_path, f"udp://127.0.0.1:{silent.getsockname()[1]}")
    arguments = command("--listen", "[::1]:0", "--config", str(config))
    with (
        silent,
        running(arguments, tmp_path) as control,
        socket.create_connection(("::1", control.port), timeout=10) as sock,
    ):
        sock.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(asking()) + asking())
        time.sleep(0.2)
        began = time.monotonic()
        control.process.send_signal(signal.SIGINT)
        code = control.process.wait(10)

    assert code == 0
    assert time.monotonic() - began < 4.0


def test_slow_callers_are_cut_off(tmp_path: Path) -> None:
    child = Path(__file__).with_name("control_child.py")
    began = HEAD + b"Content-Length: 1000\r\n\r\n"
    with running([sys.executable, str(child), "0.4"], tmp_path) as control:
        started = time.monotonic()
        dripped_head = control.say(*(bytes([byte]) for byte in HEAD[:20]), pause=0.1)
        control.say(began, *[b" "] * 20, pause=0.1)
        silent = control.say(b"")
        late = control.say(began)

    assert time.monotonic() - started < 6.0
    assert (dripped_head, silent) == (b"", b"")
    assert late.startswith(b"HTTP/1.1 408 ")


def test_over_tls_the_token_and_the_look_are_kept_from_others(tmp_path: Path) -> None:
    authority = Authority()
    pem = _issued(authority, tmp_path)
    arguments = command(
        *("--listen", "localhost:0", "--config", str(configured(tmp_path))),
        *("--tls-cert", str(pem), "--tls-key", str(pem)),
    )
    with running(arguments, tmp_path, authority.trusting()) as control:
        assert control.ask(asking())[0] == 200
        assert b"HTTP/1.1 2" not in control.say(HEAD + b"Content-Length: 0\r\n\r\n")
        assert control.ask(asking())[0] == 200


def _issued(authority: Authority, folder: Path) -> Path:
    leaf = authority._root.issue_cert("localhost")
    file = folder / "both.pem"
    file.write_bytes(leaf.private_key_and_cert_chain_pem.bytes())
    return file


def _port_in_use(_: Path) -> tuple[list[str], socket.socket]:
    taken = socket.create_server(("127.0.0.1", 0))
    return ["--listen", f"127.0.0.1:{taken.getsockname()[1]}"], taken


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--listen", "8443"], 2, "write HOST:PORT"),
        (["--listen", "::1:8443"], 2, "write HOST:PORT"),
        (["--listen", "127.0.0.1:65536"], 2, "write HOST:PORT"),
        (["--listen", "127.0.0.1:0", "--tls-cert", "x.pem"], 2, "give both"),
        (["--listen", "127.0.0.1:0", "--tls-cert", "x.pem", "--tls-key", "x.pem"], 66, "x.pem"),
        (["--listen", "127.0.0.1:0", "--tls-cert", "token", "--tls-key", "token"], 78, "no cert"),
        (["--listen", "127.0.0.1:0", "--config", "none.toml"], 78, "no such file"),
        (["--listen", "127.0.0.1:0", "--config", "empty.toml"], 78, "holds no token"),
        (["--listen", "192.0.2.1:8443"], 73, "can't listen on 192.0.2.1:8443"),
        (None, 73, "Address already in use"),
    ],
)
def test_what_is_wrong_at_the_start_is_one_line_and_a_code(
    tmp_path: Path, arguments: list[str] | None, code: int, words: str
) -> None:
    configured(tmp_path)
    (tmp_path / "none").touch()
    (tmp_path / "empty.toml").write_text('[control]\ntoken_file = "none"\n', encoding="utf-8")
    given, taken = (arguments, None) if arguments is not None else _port_in_use(tmp_path)
    if "--config" not in given:
        given = [*given, "--config", "control.toml"]
    done = subprocess.run(
        command(*given),
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        cwd=tmp_path,
    )
    if taken is not None:
        taken.close()

    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['uvicorn'] = None; sys.argv[1:] = "
        "['control', 'run', '--listen', '127.0.0.1:0']; from heliograph.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert done.returncode == 78
    assert done.stderr.splitlines() == [
        "heliograph: a control needs the package uvicorn, which comes with the extra 'collector':"
        f" {install('collector')}"
    ]


def service(around: Surroundings, seconds: float = 20.0) -> ControlService:
    means = Means(
        open_net=lambda trace: Door(around, trace),
        scrub=around.scrubber.scrub,
        clock=time.monotonic,
        networks=around.networks,
        software="heliograph test",
    )
    return ControlService(means, token=None, parallel=4, seconds=seconds)


def steps_of(reply: ControlReply, kind: StepKind) -> list[tuple[str | None, Failure | None]]:
    return [(step.address, step.failure) for step in reply.steps if step.kind is kind]


async def test_a_look_through_the_real_door(bench: Bench) -> None:
    forger = Site(handshakes.serve(Authority().context(NAME)))
    truth = {NAME: answers.addresses("127.0.0.2")}
    limits = LimitsConfig(per_address_connections=32, per_address_rate=1000.0)
    async with (
        Nameserver(truth, tls=bench.authority.context("dns.example")) as server,
        Origin({NAME: bench.site()}, address="127.0.0.2") as origin,
        Origin({NAME: forger}, address="127.0.0.3", port=origin.port),
    ):
        around = bench.around(
            Resolver.parse(f"udp://127.0.0.1:{server.port}"),
            trusted=(Resolver.parse(f"tls://dns.example:{server.tls_port}@127.0.0.1"),),
            admitted=("127.0.0.2", "127.0.0.3"),
            limits=limits,
        )
        url = f"https://{NAME}:{origin.port}/"
        reply = await service(around).answer(asking(url, "127.0.0.3", "127.0.0.4"), "127.0.0.1")

    assert {step.role for step in reply.steps} == {Role.REMOTE_CONTROL}
    assert len([step for step in reply.steps if step.kind is StepKind.DNS_QUERY]) == 4
    assert ("127.0.0.2", None) in steps_of(reply, StepKind.TLS_HANDSHAKE)
    assert ("127.0.0.3", Failure.SSL_UNKNOWN_AUTHORITY) in steps_of(reply, StepKind.TLS_HANDSHAKE)
    assert ("127.0.0.4", Failure.X_ADDRESS_REFUSED) in steps_of(reply, StepKind.TCP_CONNECT)
    (page,) = [step for step in reply.steps if step.kind is StepKind.HTTP_EXCHANGE]
    assert (page.address, page.failure) == ("127.0.0.2", None)
    assert json.loads(page.detail)["status"] == 200
    assert ["Cookie", "a=[1 characters]"] in json.loads(page.detail)["request_headers"]


async def test_a_look_that_takes_too_long_ends_with_what_was_seen(bench: Bench) -> None:
    truth = {NAME: answers.addresses("127.0.0.2")}
    silent = Site(handshakes.silence())
    async with (
        Nameserver(truth) as server,
        Origin({NAME: silent}, address="127.0.0.2") as origin,
    ):
        resolver = Resolver.parse(f"udp://127.0.0.1:{server.port}")
        around = bench.around(resolver, admitted=("127.0.0.2",))
        async with asyncio.timeout(5):
            url = f"https://{NAME}:{origin.port}/"
            reply = await service(around, seconds=0.4).answer(asking(url), None)

    assert steps_of(reply, StepKind.TCP_CONNECT) == [("127.0.0.2", None)]
    assert steps_of(reply, StepKind.TLS_HANDSHAKE) == [("127.0.0.2", Failure.INTERRUPTED)]
