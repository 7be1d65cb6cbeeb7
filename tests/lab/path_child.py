"""Inside namespaces: a vantage, a path with the bridge on it, and servers; looks as JSON lines.

Each line on stdin is a job: what the bridge is set to and told, and what the vantage then
looks at. Each line on stdout is what it saw.
"""

import contextlib
import ctypes
import hashlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypedDict, TypeVar

import dns.message
import dns.rrset

from heliograph.lab.netns import Network, end_with

SITE, SITE_V6, NOBODY = "198.18.16.1", "2001:2:0:16::1", "198.18.16.99"
TRUTH, TRUTH_V6 = "198.51.100.10", "2001:db8::10"
BIG = bytes(range(256)) * 65536  # 16 MiB
_WAIT = 1.0
_ON_THE_PATH = ("nsenter", "--net=/run/netns/path")
_NEWNET = 0x40000000
_IP_RECVTTL = 12
_Seen = TypeVar("_Seen")


class Job(TypedDict):
    setting: dict[str, object]
    words: list[str]
    looks: list[list[str]]


class Sight(TypedDict):
    seen: str
    seconds: float


# The servers, in the world


def _serve_tcp(address: str, port: int, answer: Callable[[socket.socket], None]) -> None:
    server = socket.create_server((address, port), family=_family(address), backlog=64)

    def each(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            answer(connection)

    def accept() -> None:
        while True:
            connection, _ = server.accept()
            threading.Thread(target=each, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def _answer_hello(connection: socket.socket) -> None:
    said = b""
    while len(said) < 5 or len(said) < 5 + int.from_bytes(said[3:5]):
        if not (more := connection.recv(65536)):
            return
        said += more
    connection.sendall(b"served")
    connection.recv(1)


def _answer_request(connection: socket.socket) -> None:
    while True:
        said = b""
        while b"\r\n\r\n" not in said:
            if not (more := connection.recv(65536)):
                return
            said += more
        body = BIG if b" /big" in said else b"x" * 40_000 if b" /page" in said else b"served"
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def _truth(query: bytes) -> bytes:
    asked = dns.message.from_wire(query)
    reply = dns.message.make_response(asked)
    kind = asked.question[0].rdtype.name
    address = TRUTH_V6 if kind == "AAAA" else TRUTH
    reply.answer.append(dns.rrset.from_text(asked.question[0].name, 60, "IN", kind, address))
    return reply.to_wire()


def _answer_stream_query(connection: socket.socket) -> None:
    size = int.from_bytes(connection.recv(2))
    answer = _truth(connection.recv(size))
    connection.sendall(len(answer).to_bytes(2) + answer)


def _serve_udp(address: str, port: int, answer: Callable[[bytes], bytes]) -> None:
    sock = socket.socket(_family(address), socket.SOCK_DGRAM)
    sock.bind((address, port))

    def run() -> None:
        while True:
            data, peer = sock.recvfrom(65536)
            sock.sendto(answer(data), peer)

    threading.Thread(target=run, daemon=True).start()


# The looks, from the vantage


def _hello(address: str, name: str, split: str = "") -> str:
    """A real ClientHello, whole or in two pieces, and what comes back."""
    tls = ssl.create_default_context().wrap_bio(
        ssl.MemoryBIO(), outgoing := ssl.MemoryBIO(), server_hostname=name
    )
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    said = outgoing.read().replace(name.lower().encode(), name.encode())  # ssl lowers names
    with _connected(address, 443) as sock:
        for piece in (said[: len(said) // 2], said[len(said) // 2 :]) if split else (said,):
            sock.sendall(piece)
            time.sleep(0.03 if split else 0)
        return _heard(sock)


def _heard(sock: socket.socket) -> str:
    data = sock.recv(65536)
    if not data:
        return "eof"
    if data[0] == 21:
        with contextlib.suppress(OSError):
            return f"alert {data[6]} then {'eof' if sock.recv(1) == b'' else 'more'}"
    return data.decode("latin-1")


def _get(address: str, host: str, path: str = "/") -> str:
    with _connected(address, 80) as sock:
        return _request(sock, host, path)


def _get_twice(address: str, first: str, second: str) -> str:
    """Two requests for two hosts on one connection."""
    with _connected(address, 80) as sock:
        seen = [_seen(partial(_request, sock, host, "/")) for host in (first, second)]
        return ", ".join(seen)


def _request(sock: socket.socket, host: str, path: str) -> str:
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := sock.recv(65536)):
            return "eof"
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    hashed, got = hashlib.sha256(body), len(body)
    try:
        while got < size:
            hashed.update(more := sock.recv(1 << 20))
            got += len(more)
    except TimeoutError:
        return f"frozen after {len(head) + 4 + got}"
    return body.decode() if size < 99 else hashed.hexdigest()


def _connect(address: str, port: str) -> str:
    with _connected(address, int(port)):
        return "connected"


def _residual(address: str, named: str, other: str) -> str:
    """A name that is reset; then another on the same address, on port 80, and after a while."""
    seen = [_seen(partial(_hello, address, name)) for name in (named, other)]
    seen.append(_seen(partial(_get, address, other)))
    time.sleep(1.1)
    return ", ".join([*seen, _seen(partial(_hello, address, other))])


def _ask(address: str, name: str, kind: str = "A") -> str:
    """All answers in the window: address, IP TTL."""
    found = []
    with socket.socket(_family(address), socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.4)
        if ":" in address:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
        else:
            sock.setsockopt(socket.IPPROTO_IP, _IP_RECVTTL, 1)
        sock.connect((address, 53))
        query = dns.message.make_query(name, kind)
        sock.send(query.to_wire())
        with contextlib.suppress(TimeoutError):
            while True:
                data, extra, _, _ = sock.recvmsg(4096, 64)
                reply = dns.message.from_wire(data)
                assert query.is_response(reply)
                ttl = int.from_bytes(extra[0][2], sys.byteorder)
                found.append(f"{reply.answer[0][0]} {ttl}")
    return ", ".join(found) or "timeout"


def _ask_tcp(address: str, name: str) -> str:
    query = dns.message.make_query(name, "A").to_wire()
    with _connected(address, 53) as sock:
        sock.sendall(len(query).to_bytes(2) + query)
        data = sock.recv(4096)
        return str(dns.message.from_wire(data[2:]).answer[0][0])


def _echo(address: str, port: str) -> str:
    with socket.socket(_family(address), socket.SOCK_DGRAM) as sock:
        sock.settimeout(_WAIT / 2)
        sock.connect((address, int(port)))
        sock.send(b"echoed")
        return sock.recv(100).decode()


_LOOKS: dict[str, Callable[..., str]] = {
    "hello": _hello,
    "get": _get,
    "get twice": _get_twice,
    "connect": _connect,
    "residual": _residual,
    "ask": _ask,
    "ask tcp": _ask_tcp,
    "echo": _echo,
}


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _connected(address: str, port: int) -> socket.socket:
    return socket.create_connection((address, port), _WAIT)


def _seen(look: Callable[[], str]) -> str:
    try:
        return look()
    except TimeoutError:
        return "timeout"
    except ConnectionResetError:
        return "reset"
    except ConnectionRefusedError:
        return "refused"
    except OSError as error:
        return f"errno {error.errno}"


def _looked(looks: list[list[str]]) -> list[Sight]:
    return [_timed(look) for look in looks]


def _timed(look: list[str]) -> Sight:
    began = time.monotonic()
    seen = _seen(lambda: _LOOKS[look[0]](*look[1:]))
    return Sight(seen=seen, seconds=time.monotonic() - began)


def _on(host: str, action: Callable[[], _Seen]) -> _Seen:
    """An action by a thread of its own, moved to a host's network."""
    found: list[_Seen] = []

    def run() -> None:
        place = os.open(f"/run/netns/{host}", os.O_RDONLY)
        assert ctypes.CDLL(None).setns(place, _NEWNET) == 0
        os.close(place)
        found.append(action())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


# The stage


def _stage() -> None:
    """Hosts, links, addresses, servers."""
    network = Network()
    network.host("vantage")
    network.host("path", silent=True)
    network.link(("vantage", "net0"), ("path", "client"))
    network.link(("path", "world"), (None, "wv"))
    network.addresses("vantage", "net0", ("198.18.1.2/24", "2001:2:0:1::2/64"))
    network.addresses(None, "wv", ("198.18.1.1/24", "2001:2:0:1::1/64"))
    network.addresses(None, "lo", (f"{SITE}/32", f"{SITE_V6}/128"))
    network.default_route("vantage", "198.18.1.1")
    network.default_route("vantage", "2001:2:0:1::1")
    for address in (SITE, SITE_V6):
        _serve_tcp(address, 443, _answer_hello)
        _serve_tcp(address, 80, _answer_request)
        _serve_tcp(address, 53, _answer_stream_query)
        _serve_udp(address, 53, _truth)
        _serve_udp(address, 4433, lambda data: data)


@contextlib.contextmanager
def _bridged(job: Job) -> Iterator[None]:
    process = subprocess.Popen(
        [*_ON_THE_PATH, sys.executable, "-m", "heliograph.lab.bridge", "client", "world"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        process.stdin.write(json.dumps(job["setting"]).encode() + b"\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"ready\n"
        for word in job["words"]:
            process.stdin.write(f"{word}\n".encode())
            process.stdin.flush()
            assert process.stdout.readline() == f"{word}\n".encode()
        yield
        process.stdin.close()


def main() -> None:
    threading.Thread(target=end_with, args=(int(sys.argv[1]),), daemon=True).start()
    _stage()
    _say("staged")
    for line in sys.stdin:
        job: Job = json.loads(line)
        with _bridged(job):
            sights = _on("vantage", partial(_looked, job["looks"]))
        _say(json.dumps(sights))
    os._exit(0)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
