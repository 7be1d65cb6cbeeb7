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
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, TypedDict

_SECONDS = 4.0
_BYTES = 20_000
_RCODES = {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}


class Check(TypedDict):
    """One thing to look at; ``http`` and ``https`` ask for the page of ``name`` at an address."""

    kind: Literal["dns", "tcp", "http", "https"] | str
    name: str
    address: str
    port: int


def look(check: Check, trusted: str | None) -> str:
    """What is seen, in a word or a line; ``trusted`` is a file of authorities."""
    try:
        if check["kind"] == "dns":
            return _asked(check)
        with socket.create_connection((check["address"], check["port"]), _SECONDS) as wire:
            return _visited(check, wire, trusted)
    except OSError as error:
        return _word(error)


def _visited(check: Check, wire: socket.socket, trusted: str | None) -> str:
    if check["kind"] == "tcp":
        return "connected"
    if check["kind"] == "http":
        return _fetched(check["name"], wire)
    context = ssl.create_default_context(cafile=trusted)
    with context.wrap_socket(wire, server_hostname=check["name"]) as secured:
        return _fetched(check["name"], secured)


def _fetched(name: str, wire: socket.socket) -> str:
    """Status and title of the page."""
    wire.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
    data, end = b"", time.monotonic() + 2
    while len(data) < _BYTES and time.monotonic() < end and b"</title>" not in data:
        if not (more := wire.recv(65536)):
            break
        data += more
    if not data:
        return "eof"
    status = data.split(b" ", 2)[1].decode("latin-1")
    title = data.partition(b"<title>")[2].partition(b"</title>")[0].decode("latin-1")
    return f"{status} {title}"


def _asked(check: Check) -> str:
    """The addresses of the first answer, or its response code."""
    labels = b"".join(bytes([len(p)]) + p.encode() for p in check["name"].split("."))
    query = struct.pack("!HHHHHH", 4711, 0x0100, 1, 0, 0, 0) + labels + b"\0\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(_SECONDS)
        sock.connect((check["address"], check["port"]))
        sock.send(query)
        reply = sock.recv(4096)
    count, code = int.from_bytes(reply[6:8]), reply[3] & 15
    found, at = [], len(query)
    for _ in range(count):
        size = int.from_bytes(reply[at + 10 : at + 12])
        found.append(socket.inet_ntoa(reply[at + 12 : at + 12 + size]))
        at += 12 + size
    return ",".join(sorted(found)) or _RCODES.get(code, str(code))


_WORDS: tuple[tuple[type[OSError], str], ...] = (
    (ssl.SSLCertVerificationError, "untrusted"),
    (ssl.SSLEOFError, "eof"),
    (ssl.SSLZeroReturnError, "eof"),  # what Python 3.11.2 says of a FIN during the handshake
    (ssl.SSLError, "no tls"),
    (TimeoutError, "timeout"),
    (ConnectionRefusedError, "refused"),
    (ConnectionResetError, "reset"),
)


def _word(error: OSError) -> str:
    if isinstance(error, ssl.SSLError) and error.reason == "UNEXPECTED_EOF_WHILE_READING":
        return "eof"  # before Python 3.11.5 this had no class of its own
    told = next((word for kind, word in _WORDS if isinstance(error, kind)), None)
    return told or ("unreachable" if error.errno in {101, 113} else type(error).__name__)


def main() -> None:
    """Look at everything at the same time."""
    checks: list[Check] = json.load(sys.stdin)
    trusted = sys.argv[1] if len(sys.argv) > 1 else None
    with ThreadPoolExecutor(max_workers=32) as pool:
        seen = list(pool.map(lambda check: look(check, trusted), checks))
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
