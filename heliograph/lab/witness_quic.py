"""What a witness sees of QUIC, on the standard library and the lab's own reading of Initials.

It says a name as a client does that knows no QUIC beyond its first packet: a server turns that
away, and shows that it heard it.
"""

import secrets
import socket
import ssl
import time

from heliograph.lab.quic import close_code
from heliograph.lab.quic_close import opening

_OFFER = b"\xc0\x1a\x2a\x3a\x4a"
_SMALLEST = 1200
_TRIES = 3
_PATIENCE = 0.7
_LATE = 1.2


def offered(sock: socket.socket, _: str = "") -> str:
    """Whether a version nobody has is refused."""
    ids = b"".join(bytes([8]) + secrets.token_bytes(8) for _ in range(2))
    reply = _answer(sock, (_OFFER + ids).ljust(_SMALLEST, b"\0"))
    return "refused the version" if reply[1:5] == bytes(4) else "odd"


def said(sock: socket.socket, name: str) -> str:
    """The code that a connection in this name is closed with."""
    connection = secrets.token_bytes(8)
    reply = _answer(sock, opening(connection, _hello(name)))
    code = close_code(reply, connection)
    return "odd" if code is None else f"closed {code}"


def said_late(sock: socket.socket, name: str) -> str:
    """Whether anything is answered on the same pair of ports a while after the name was said."""
    first = said(sock, name)
    time.sleep(_LATE)
    return f"{first}, then {offered(sock)}"


def _answer(sock: socket.socket, datagram: bytes) -> bytes:
    """The first reply; TimeoutError when none comes however often it is sent."""
    sock.settimeout(_PATIENCE)
    for _ in range(_TRIES):
        sock.send(datagram)
        try:
            return sock.recv(2048)
        except TimeoutError:
            continue
    raise TimeoutError


def _hello(name: str) -> bytes:
    """A ClientHello without the record around it."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["h3"])
    sent = ssl.MemoryBIO()
    shaking = context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname=name)
    try:
        shaking.do_handshake()
    except ssl.SSLWantReadError:
        return sent.read()[5:]
    raise AssertionError
