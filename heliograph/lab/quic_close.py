"""Initials as anybody can write them: the first packet of a connection, and its close in the
server's name by whoever saw the first (RFC 9001, section 5)."""

from heliograph.lab.quic import Aes128, client_keys, counted, server_keys

_LONG_INITIAL = 0xC0
_CLOSE, _CRYPTO = 0x1C, 0x06
_VERSION_1 = b"\0\0\0\1"
_NUMBER = bytes(4)
_IDS_AT = 5
_TAG = 16
_FIRST_FLIGHT = 1200
_AROUND = 1 + 4 + 2 + 1 + 4 + len(_NUMBER) + _TAG
"""Bytes of an Initial beside its frames and the two connection ids."""
_POLYNOMIAL = 0xE1 << 120


def closing(first: bytes, code: int) -> bytes:
    """An Initial in the server's name that ends the connection a client's first packet begins.

    Raises IndexError for what is no such packet.
    """
    destination, at = _sized(first, _IDS_AT)
    source, _ = _sized(first, at)
    plain = bytes([_CLOSE, *_long(code), _CRYPTO, 0]).ljust(20, b"\0")
    return _initial(source, destination, plain, server_keys(destination))


def opening(connection: bytes, hello: bytes) -> bytes:
    """The first packet of a client that calls the connection so, with its whole ClientHello."""
    frame = bytes([_CRYPTO, 0]) + _long(len(hello)) + hello
    plain = frame.ljust(_FIRST_FLIGHT - _AROUND - 2 * len(connection), b"\0")
    return _initial(connection, connection, plain, client_keys(connection))


def _initial(to: bytes, by: bytes, plain: bytes, keys: tuple[bytes, bytes, bytes]) -> bytes:
    names = b"".join(bytes([len(each)]) + each for each in (to, by))
    length = _long(len(_NUMBER) + len(plain) + _TAG)
    head = bytes([_LONG_INITIAL | len(_NUMBER) - 1]) + _VERSION_1 + names + b"\0" + length
    return _sealed(head, plain, keys)


def _sized(data: bytes, at: int) -> tuple[bytes, int]:
    """A piece preceded by its length, and where the next thing begins."""
    end = at + 1 + data[at]
    return data[at + 1 : end], end


def _long(value: int) -> bytes:
    """A number of variable length, in four bytes."""
    return (value | 0x8000_0000).to_bytes(4)


def _sealed(head: bytes, plain: bytes, keys: tuple[bytes, bytes, bytes]) -> bytes:
    key, iv, protection = keys
    cipher = Aes128(key)
    nonce = iv  # the number of the packet, which is nought, would be added here
    body = counted(cipher, nonce, plain)
    tag = _tag(cipher, nonce, head + _NUMBER, body)
    mask = Aes128(protection).block((body + tag)[:16])
    hidden = bytes(a ^ b for a, b in zip(_NUMBER, mask[1:], strict=False))
    return bytes([head[0] ^ mask[0] & 0x0F]) + head[1:] + hidden + body + tag


def _tag(cipher: Aes128, nonce: bytes, known: bytes, body: bytes) -> bytes:
    """What GCM proves a packet by (NIST SP 800-38D)."""
    factor = int.from_bytes(cipher.block(bytes(16)))
    sizes = (len(known) * 8).to_bytes(8) + (len(body) * 8).to_bytes(8)
    total = 0
    for block in (*_blocks(known), *_blocks(body), sizes):
        total = _product(total ^ int.from_bytes(block), factor)
    mask = int.from_bytes(cipher.block(nonce + (1).to_bytes(4)))
    return (total ^ mask).to_bytes(16)


def _blocks(data: bytes) -> list[bytes]:
    return [data[at : at + 16].ljust(16, b"\0") for at in range(0, len(data), 16)]


def _product(one: int, other: int) -> int:
    """In GF(2^128), the first bit being the lowest power."""
    product = 0
    for bit in range(127, -1, -1):
        if one >> bit & 1:
            product ^= other
        other = other >> 1 ^ (_POLYNOMIAL if other & 1 else 0)
    return product
