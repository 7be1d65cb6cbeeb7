"""A resolver on loopback that knows nobody, and takes as long over it as the name says."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode

from tests.lab.test_commands import CONFIG

NEVER = "never"
"""Names that begin so are not answered; ``after3`` is answered after 3 s, all others at once."""


@contextmanager
def slow_resolver() -> Iterator[str]:
    """Serves until left; the configuration that uses it, with no more to ask."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.1)
        over = threading.Event()
        thread = threading.Thread(target=_serve, args=(sock, over))
        thread.start()
        try:
            yield CONFIG.replace(":9", f":{sock.getsockname()[1]}")
        finally:
            over.set()
            thread.join()


def _serve(sock: socket.socket, over: threading.Event) -> None:
    due: list[tuple[float, bytes, tuple[str, int]]] = []
    while not over.is_set():
        for entry in [entry for entry in due if entry[0] <= time.monotonic()]:
            due.remove(entry)
            sock.sendto(entry[1], entry[2])
        try:
            query, peer = sock.recvfrom(4096)
        except TimeoutError:
            continue
        asked = dns.message.from_wire(query)
        name = asked.question[0].name.labels[0].decode()
        if name.startswith(NEVER):
            continue
        reply = dns.message.make_response(asked)
        reply.set_rcode(dns.rcode.SERVFAIL)
        wait = float(name.removeprefix("after").partition("-")[0]) if "after" in name else 0.0
        due.append((time.monotonic() + wait, reply.to_wire(), peer))
