"""Reads the server name out of a TLS ClientHello, whole, split or garbage, without ever raising."""

_HANDSHAKE = 0x16
_CLIENT_HELLO = 1
_SERVER_NAME = 0
_LARGEST = 65536


def looks_like_tls(data: bytes) -> bool:
    """True if these first bytes can only be a TLS handshake record."""
    return data[:1] == bytes([_HANDSHAKE])


def is_whole(data: bytes) -> bool:
    """True if the ClientHello is complete, or no further byte can make it one."""
    message, more_may_come = _message(data)
    if not more_may_come:
        return True
    return len(message) >= 4 and len(message) >= 4 + int.from_bytes(message[1:4])


def server_name(hello: bytes) -> str | None:
    """The name a ClientHello asks for, in lower case; None if it has none or is none."""
    spelled = spelled_name(hello)
    return None if spelled is None else spelled.lower()


def spelled_name(hello: bytes) -> str | None:
    """The same, with capitals as they were sent."""
    message, _ = _message(hello)
    if message[:1] != bytes([_CLIENT_HELLO]):
        return None
    try:
        return _named(_Cursor(message[4 : 4 + int.from_bytes(message[1:4])]))
    except (EOFError, UnicodeDecodeError):
        return None


def _message(data: bytes) -> tuple[bytes, bool]:
    """The handshake bytes of all records, and whether more records may continue them."""
    message, at = b"", 0
    while at < len(data):
        head = data[at : at + 5]
        if head[0] != _HANDSHAKE:
            return message, False
        message += data[at + 5 : at + 5 + int.from_bytes(head[3:5])] if len(head) == 5 else b""
        at += 5 + (int.from_bytes(head[3:5]) if len(head) == 5 else 0)
        if message and message[0] != _CLIENT_HELLO:
            return message, False
    return message, len(data) < _LARGEST


class _Cursor:
    """Takes lengths and pieces off the front of a message; EOFError beyond its end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        piece = self._data[self._at : self._at + size]
        if len(piece) < size:
            raise EOFError
        self._at += size
        return piece

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    def sized(self, size: int) -> bytes:
        """A piece preceded by its length, itself `size` bytes long."""
        return self.take(self.number(size))


def _named(hello: _Cursor) -> str | None:
    hello.take(2 + 32)  # version, random
    hello.sized(1)  # session id
    hello.sized(2)  # cipher suites
    hello.sized(1)  # compression methods
    extensions = _Cursor(hello.sized(2))
    while True:  # ends by EOFError when there is no such extension
        kind, body = extensions.number(2), extensions.sized(2)
        if kind == _SERVER_NAME:
            names = _Cursor(_Cursor(body).sized(2))
            return names.sized(2).decode("ascii") if names.number(1) == 0 else None
