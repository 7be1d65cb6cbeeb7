"""Reads the ClientHello out of QUIC Initials (RFC 9000, 9001, version 1), without ever raising.

Initials are encrypted, with keys that anybody on the path can derive. That is done here by the
standard library alone: slow, and quick enough for the first packets of a laboratory's connections.
"""

import hashlib
import hmac
from collections.abc import Iterator

_VERSION_1 = b"\0\0\0\1"
_SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
_PADDING, _PING, _CRYPTO, _CLOSE = 0, 1, 6, 0x1C
_ACKS = {2: 0, 3: 3}  # an ACK frame, and how many numbers more if it counts ECN
_MOST_BYTES = 16_384
_SAMPLE = 16
_TAG = 16


class Initials:
    """The first datagrams of one client: its ClientHello, put together."""

    def __init__(self) -> None:
        self._keys: tuple[bytes, bytes, bytes] | None = None
        self._pieces: dict[int, bytes] = {}

    def take(self, datagram: bytes) -> None:
        """Look at the next datagram; what is no Initial is passed over."""
        try:
            for offset, data in self._read(datagram):
                if offset + len(data) <= _MOST_BYTES:
                    self._pieces[offset] = max(data, self._pieces.get(offset, b""), key=len)
        except IndexError:
            return

    @property
    def record(self) -> bytes:
        """What is known of the ClientHello from its start on, as a TLS record."""
        said = b""
        for offset, data in sorted(self._pieces.items()):
            if offset <= len(said):
                said += data[len(said) - offset :]
        return b"\x16\3\1" + len(said).to_bytes(2) + said

    def _read(self, datagram: bytes) -> Iterator[tuple[int, bytes]]:
        """The CRYPTO frames of all Initials in a datagram."""
        at = 0
        while datagram[at : at + 1] and datagram[at] & 0xF0 == 0xC0:
            if datagram[at + 1 : at + 5] != _VERSION_1:
                return
            here = at + 5
            connection = datagram[here + 1 : here + 1 + datagram[here]]
            here += 1 + datagram[here]
            here += 1 + datagram[here]  # the client's own connection id
            token, here = _number(datagram, here)
            length, here = _number(datagram, here + token)
            if self._keys is None:
                self._keys = client_keys(connection)
            yield from _frames(
                _opened(datagram[at:here], datagram[here : here + length], self._keys)
            )
            at = here + length


def close_code(datagram: bytes, connection: bytes) -> int | None:
    """The code of the close in a server's Initial to a client that calls the connection so."""
    try:
        at = 6 + datagram[5]
        at += 1 + datagram[at]
        token, at = _number(datagram, at)
        size, start = _number(datagram, at + token)
        plain = _opened(datagram[:start], datagram[start : start + size], server_keys(connection))
        return _code_in(plain)
    except IndexError:
        return None


def _code_in(plain: bytes) -> int | None:
    at = 0
    while at < len(plain):
        kind, at = plain[at], at + 1
        if kind == _CLOSE:
            return _number(plain, at)[0]
        if kind in _ACKS:
            at = _after_ack(plain, at, _ACKS[kind])
        elif kind not in {_PADDING, _PING}:
            return None
    return None


def client_keys(connection: bytes) -> tuple[bytes, bytes, bytes]:
    """Key, IV and header protection key of a client's Initials to this connection id."""
    return _keys(connection, b"client in")


def server_keys(connection: bytes) -> tuple[bytes, bytes, bytes]:
    """The same of the server's that answer them."""
    return _keys(connection, b"server in")


def _keys(connection: bytes, label: bytes) -> tuple[bytes, bytes, bytes]:
    initial = hmac.digest(_SALT, connection, hashlib.sha256)
    secret = _expanded(initial, label, 32)
    key, iv = _expanded(secret, b"quic key", 16), _expanded(secret, b"quic iv", 12)
    return key, iv, _expanded(secret, b"quic hp", 16)


def _expanded(secret: bytes, label: bytes, size: int) -> bytes:
    """HKDF-Expand-Label (RFC 8446, 7.1); one block of SHA-256 is enough for all of ours."""
    label = b"tls13 " + label
    told = size.to_bytes(2) + bytes([len(label)]) + label + b"\0" + b"\1"
    return hmac.digest(secret, told, hashlib.sha256)[:size]


def _opened(head: bytes, rest: bytes, keys: tuple[bytes, bytes, bytes]) -> bytes:
    """The frames of an Initial; garbage if it was forged, since its tag is not looked at."""
    key, iv, protection = keys
    mask = Aes128(protection).block(_exactly(rest[4 : 4 + _SAMPLE]))
    size = ((head[0] ^ mask[0]) & 3) + 1
    number = bytes(a ^ b for a, b in zip(rest[:size], mask[1:], strict=False))
    nonce = (int.from_bytes(iv) ^ int.from_bytes(number)).to_bytes(12)
    return counted(Aes128(key), nonce, rest[size:-_TAG])


def _exactly(sample: bytes) -> bytes:
    if len(sample) < _SAMPLE:
        raise IndexError
    return sample


def counted(cipher: "Aes128", nonce: bytes, data: bytes) -> bytes:
    """Counter mode as GCM uses it: the first block of data is the second of the count."""
    blocks = range(2, 2 + (len(data) + 15) // 16)
    stream = b"".join(cipher.block(nonce + number.to_bytes(4)) for number in blocks)
    return bytes(a ^ b for a, b in zip(data, stream, strict=False))


def _frames(plain: bytes) -> Iterator[tuple[int, bytes]]:
    """Offset and data of every CRYPTO frame, up to the first frame an Initial can't have."""
    at = 0
    while at < len(plain):
        kind, at = plain[at], at + 1
        if kind == _CRYPTO:
            offset, at = _number(plain, at)
            size, at = _number(plain, at)
            yield offset, plain[at : at + size]
            at += size
        elif kind in _ACKS:
            at = _after_ack(plain, at, _ACKS[kind])
        elif kind not in {_PADDING, _PING}:
            return


def _after_ack(plain: bytes, at: int, more: int) -> int:
    _, at = _number(plain, at)  # largest acknowledged
    _, at = _number(plain, at)  # delay
    ranges, at = _number(plain, at)
    for _ in range(min(ranges, _MOST_BYTES) * 2 + 1 + more):
        _, at = _number(plain, at)
    return at


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, and where the next thing begins; IndexError beyond the end."""
    size = 1 << (data[at] >> 6)
    value = int.from_bytes(data[at : at + size]) & (1 << (8 * size - 2)) - 1
    return value, at + size


# AES (FIPS 197), one direction: counter mode and header protection need no other


def _doubled(byte: int) -> int:
    return (byte << 1 ^ (0x1B if byte & 0x80 else 0)) & 0xFF


def _substitutes() -> bytes:
    """The S-box: the inverse in GF(2^8), then an affine map."""
    box = bytearray(256)
    value = inverse = 1
    while True:
        value ^= _doubled(value)  # times 3, which generates the group
        for shift in (1, 2, 4):  # divided by 3
            inverse ^= inverse << shift & 0xFF
        inverse ^= 0x09 if inverse & 0x80 else 0
        turned = [(inverse << n | inverse >> 8 - n) & 0xFF for n in range(5)]
        box[value] = turned[0] ^ turned[1] ^ turned[2] ^ turned[3] ^ turned[4] ^ 0x63
        if value == 1:
            box[0] = 0x63
            return bytes(box)


_BOX = _substitutes()
_TWICE = bytes(_doubled(n) for n in range(256))
_ROWS_SHIFTED = tuple((n + 4 * (n % 4)) % 16 for n in range(16))


class Aes128:
    """One key, and blocks encrypted with it."""

    def __init__(self, key: bytes) -> None:
        words = [key[n : n + 4] for n in range(0, 16, 4)]
        constant = 1
        for n in range(4, 44):
            word = words[n - 1]
            if n % 4 == 0:
                word = (word[1:] + word[:1]).translate(_BOX)
                word = bytes([word[0] ^ constant]) + word[1:]
                constant = _doubled(constant)
            words.append(_xored(words[n - 4], word))
        self._rounds = [b"".join(words[n : n + 4]) for n in range(0, 44, 4)]

    def block(self, plain: bytes) -> bytes:
        """Sixteen bytes, encrypted."""
        state = _xored(plain, self._rounds[0])
        for key in self._rounds[1:-1]:
            state = _xored(_mixed(_shifted(state)), key)
        return _xored(_shifted(state), self._rounds[-1])


def _xored(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))


def _shifted(state: bytes) -> bytes:
    state = state.translate(_BOX)
    return bytes([state[n] for n in _ROWS_SHIFTED])


def _mixed(state: bytes) -> bytes:
    """Each column c becomes 2c + 3(c one up) + (c two up) + (c three up)."""
    twice = state.translate(_TWICE)
    up = [b"".join(_turned(part[n : n + 4], by) for n in range(0, 16, 4)) for part, by in (
        (twice, 1), (state, 1), (state, 2), (state, 3))]  # fmt: skip
    total = int.from_bytes(twice)
    for each in up:
        total ^= int.from_bytes(each)
    return total.to_bytes(16)


def _turned(column: bytes, by: int) -> bytes:
    return column[by:] + column[:by]
