"""A second pair of eyes, on the standard library alone: what is really there to be seen.

``python -m heliograph.lab.witness`` on a host of the lab: checks as JSON on stdin, one word or
line for each on stdout. A row whose condition the witness can't see has proved nothing.
"""

import json
import socket
import ssl
import struct
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, TypedDict

from heliograph.lab import witness_quic

_SECONDS = 4.0
_BYTES = 20_000
_RCODES = {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}
_TYPES = {"dns": 1, "aaaa": 28, "weather": 1}
_FAMILIES = {4: socket.AF_INET, 16: socket.AF_INET6}
_MANY, _STAGGER, _PATIENCE = 60, 0.03, 1.0
_UNSTEADY = 0.15
"""Seconds between the quickest and the slowest answer of one resolver."""
_TRIES = 3
_SLOW = 100_000
"""Bytes a second below which a page comes slowly."""


class Check(TypedDict):
    """One thing to look at; ``http`` and ``https`` ask for the page of ``name`` at an address."""

    kind: (
        Literal["dns", "aaaa", "weather", "tcp", "http", "https", "again", "tries", "twice", "bulk"]
        | str
    )
    name: str
    address: str
    port: int


def look(check: Check, trusted: str | None) -> str:
    """What is seen, in a word or a line; ``trusted`` is a file of authorities."""
    kind = check["kind"]
    try:
        if kind in _APART:
            return _APART[kind](check)
        if kind == "again":
            seen = [look({**check, "kind": each}, trusted) for each in ("https", "tcp")]
            return ", then ".join(seen)
        if kind == "tries":
            seen = [look({**check, "kind": "https"}, trusted) for _ in range(_TRIES)]
            return " or ".join(sorted(set(seen)))
        if kind == "twice":
            one, other = (_visited(check, trusted) for _ in range(2))
            return "the same" if one == other else "differs"
        return _visited(check, trusted)
    except OSError as error:
        return _word(error)


def _said(check: Check) -> str:
    """A request in the clear with words in its path and query, in a header, or in its body."""
    host, _, words = check["name"].partition(" ")
    where = check["kind"].partition(" ")[2]
    target = "/" if where else words
    referer = f"Referer: http://{host}{words}\r\n" if where == "header" else ""
    body = words if where == "body" else ""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    method = "POST" if body else "GET"
    with socket.create_connection((check["address"], check["port"]), _SECONDS) as wire:
        wire.sendall(
            f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{referer}{length}\r\n".encode()
        )
        wire.sendall(body.encode())
        return _titled(wire)


def _visited(check: Check, trusted: str | None) -> str:
    with socket.create_connection((check["address"], check["port"]), _SECONDS) as wire:
        if check["kind"] == "tcp":
            return "connected"
        if check["kind"] == "http" or check["port"] == 80:
            return _fetched(check, wire)
        context = ssl.create_default_context(cafile=trusted)
        with context.wrap_socket(wire, server_hostname=check["name"]) as secured:
            return _fetched(check, secured)


def _fetched(check: Check, wire: socket.socket) -> str:
    wire.sendall(f"GET / HTTP/1.1\r\nHost: {check['name']}\r\nConnection: close\r\n\r\n".encode())
    if check["kind"] == "bulk":
        return _bulk(wire)
    return _whole(wire) if check["kind"] == "twice" else _titled(wire)


def _titled(wire: socket.socket) -> str:
    """Status and title of the page."""
    data, end = b"", time.monotonic() + 2
    while len(data) < _BYTES and time.monotonic() < end and b"</title>" not in data:
        if not (more := wire.recv(65536)):
            break
        data += more
    if not data:
        return "eof"
    status = data.split(b" ", 2)[1].decode("latin-1")
    title = data.partition(b"<title>")[2].partition(b"</title>")[0].decode(errors="replace")
    return f"{status} {title}"


def _whole(wire: socket.socket) -> str:
    """The body."""
    data = b""
    while more := wire.recv(65536):
        data += more
    return data.partition(b"\r\n\r\n")[2].decode("latin-1")


def _bulk(wire: socket.socket) -> str:
    """How much comes, and how."""
    size, began = 0, time.monotonic()
    try:
        while more := wire.recv(65536):
            size += len(more)
    except TimeoutError:
        return f"{size // 1024} KiB, then silence"
    slowly = size / (time.monotonic() - began) < _SLOW
    return f"{size // 1024} KiB, slowly" if slowly else f"{size // 1024} KiB"


def _question(check: Check, number: int = 4711) -> bytes:
    labels = b"".join(bytes([len(p)]) + p.encode() for p in check["name"].split("."))
    head = struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0)
    return head + labels + struct.pack("!BHH", 0, _TYPES[check["kind"]], 1)


def _asked(check: Check) -> str:
    """The addresses of the first answer, or its response code."""
    query = _question(check)
    with _datagrams(check) as sock:
        sock.send(query)
        reply = sock.recv(4096)
    count, code = int.from_bytes(reply[6:8]), reply[3] & 15
    found, at = [], len(query)
    for _ in range(count):
        size = int.from_bytes(reply[at + 10 : at + 12])
        if reply[at + 2 : at + 4] == query[-4:-2]:  # an alias is no address
            found.append(socket.inet_ntop(_FAMILIES[size], reply[at + 12 : at + 12 + size]))
        at += 12 + size
    return ",".join(sorted(found)) or _RCODES.get(code, str(code))


def _weather(check: Check) -> str:
    """What becomes of many questions: whether some are lost, and how even the answers come."""
    sent: dict[int, float] = {}
    took: list[float] = []
    with _datagrams(check) as sock:
        for number in range(_MANY):
            sent[number] = time.monotonic()
            sock.send(_question(check, number))
            _heard(sock, sent, took, _STAGGER)
        _heard(sock, sent, took, _PATIENCE)
    steady = bool(took) and max(took) - min(took) < _UNSTEADY
    return f"{'whole' if len(took) == _MANY else 'lossy'}, {'steady' if steady else 'unsteady'}"


def _heard(sock: socket.socket, sent: dict[int, float], took: list[float], patience: float) -> None:
    """Take in the answers that are there, and those that come while patience lasts."""
    end = time.monotonic() + patience
    while len(took) < len(sent) and (left := end - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            number = int.from_bytes(sock.recv(4096)[:2])
        except TimeoutError:
            return
        took.append(time.monotonic() - sent[number])


def _datagrams(check: Check) -> socket.socket:
    family = socket.AF_INET6 if ":" in check["address"] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.settimeout(_SECONDS)
    sock.connect((check["address"], check["port"]))
    return sock


def _over_quic(said: Callable[[socket.socket, str], str]) -> Callable[[Check], str]:
    def seen(check: Check) -> str:
        with _datagrams(check) as sock:
            return said(sock, check["name"])

    return seen


_APART: dict[str, Callable[[Check], str]] = {
    "dns": _asked,
    "aaaa": _asked,
    "weather": _weather,
    "sink": _said,
    "sink header": _said,
    "sink body": _said,
    "quic": _over_quic(witness_quic.said),
    "quic late": _over_quic(witness_quic.said_late),
    "quic offer": _over_quic(witness_quic.offered),
}


_WORDS: tuple[tuple[type[OSError], str], ...] = (
    (ssl.SSLCertVerificationError, "untrusted"),
    (ssl.SSLEOFError, "eof"),
    (ssl.SSLZeroReturnError, "eof"),  # what Python 3.11.2 says of a FIN during the handshake
    (ssl.SSLError, "no tls"),
    (TimeoutError, "timeout"),
    (ConnectionRefusedError, "refused"),
    (ConnectionResetError, "reset"),
)
_UNREACHABLE = {101, 113}


def _word(error: OSError) -> str:
    reason = (error.reason or "") if isinstance(error, ssl.SSLError) else ""
    if reason == "UNEXPECTED_EOF_WHILE_READING":
        return "eof"  # before Python 3.11.5 this had no class of its own
    told = next((word for kind, word in _WORDS if isinstance(error, kind)), None)
    return told or ("unreachable" if error.errno in _UNREACHABLE else type(error).__name__)


def main() -> None:
    """Look at everything at the same time, and at what is wanted twice only once."""
    texts = [json.dumps(check) for check in json.load(sys.stdin)]
    trusted = sys.argv[1] if len(sys.argv) > 1 else None
    with ThreadPoolExecutor(max_workers=32) as pool:
        looks = {text: pool.submit(look, json.loads(text), trusted) for text in set(texts)}
    print(json.dumps([looks[text].result() for text in texts]))


if __name__ == "__main__":
    main()
