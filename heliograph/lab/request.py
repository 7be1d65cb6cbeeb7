"""One HTTP/1 request as the lab's servers see it."""

from typing import NamedTuple

from heliograph.lab.wire import Stream

_HEAD_LIMIT = 65536
_BODY_LIMIT = 1 << 20


class Request(NamedTuple):
    """A request with its header names in lower case; a header sent twice keeps the last value."""

    method: str
    target: str
    version: str
    headers: dict[str, str]
    body: bytes
    client: str = ""
    """The address it came from."""

    @property
    def host(self) -> str | None:
        """The Host header in lower case, without port; None if absent."""
        host = self.headers.get("host")
        return (
            None
            if host is None
            else host.rsplit(":", 1)[0].lower()
            if ":" in host
            else host.lower()
        )

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def is_last(self) -> bool:
        """True if the client asks to close the connection after the answer."""
        return self.version == "HTTP/1.0" or self.headers.get("connection", "").lower() == "close"


async def read_request(stream: Stream, first: bytes = b"") -> Request | None:
    """Reads one request, after the bytes already known; None at the end or if it is no HTTP."""
    data = first
    while b"\r\n\r\n" not in data:
        more = await stream.read() if len(data) < _HEAD_LIMIT else b""
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    request = _parsed(head.decode("latin-1"))
    if request is None:
        return None
    length = request.headers.get("content-length", "0")
    expected = min(int(length), _BODY_LIMIT) if length.isdecimal() else 0
    while len(body) < expected:
        if not (more := await stream.read()):
            return None
        body += more
    return request._replace(body=body[:expected])


def _parsed(head: str) -> Request | None:
    line, *fields = head.split("\r\n")
    parts = line.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/"):
        return None
    pairs = (field.partition(":") for field in fields)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Request(parts[0], parts[1], parts[2], headers, b"")
