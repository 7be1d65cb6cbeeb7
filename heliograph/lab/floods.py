"""HTTP answers meant to exhaust the client, made while it reads and until it closes."""

import zlib
from collections.abc import Iterator

from heliograph.lab.request import Request
from heliograph.lab.responses import HttpStage, head
from heliograph.lab.wire import Stream

_MEBIBYTE = 1 << 20
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def endless_body(chunk: bytes = b"x" * 16384) -> HttpStage:
    """The client sees a chunked body that never ends."""

    async def stage(stream: Stream, request: Request) -> None:
        await stream.write(head(200, [("Transfer-Encoding", "chunked")]))
        while True:
            await stream.write(_chunk(chunk))

    return stage


def endless_informational(status: int = 103) -> HttpStage:
    """The client sees 1xx answers for ever and never a final one."""
    many = head(status, [("Link", "</style.css>; rel=preload")]) * 200

    async def stage(stream: Stream, request: Request) -> None:
        while True:
            await stream.write(many)

    return stage


def many_headers(count: int = 100_000, *, size: int = 8) -> HttpStage:
    """The client sees `count` headers with values of `size` bytes; 1,000 makes 100 MB."""
    value = b"x" * size

    async def stage(stream: Stream, request: Request) -> None:
        await stream.write(b"HTTP/1.1 200 OK\r\n")
        for start in range(0, count, 100):
            numbers = range(start, min(start + 100, count))
            await stream.write(
                b"".join(b"X-Flood-%d: %s\r\n" % (number, value) for number in numbers)
            )
        await stream.write(b"Content-Length: 0\r\n\r\n")

    return stage


def long_header(size: int = 100_000_000) -> HttpStage:
    """The client sees one header line whose value has `size` bytes."""

    async def stage(stream: Stream, request: Request) -> None:
        await stream.write(b"HTTP/1.1 200 OK\r\nX-Flood: ")
        for start in range(0, size, 65536):
            await stream.write(b"x" * min(65536, size - start))
        await stream.write(b"\r\nContent-Length: 0\r\n\r\n")

    return stage


def gzip_bomb(mebibytes: int = 1024, *, layers: int = 1) -> HttpStage:
    """The client sees gzip that inflates to this much; with two layers, gzip of that gzip."""

    async def stage(stream: Stream, request: Request) -> None:
        pieces = _zeros(mebibytes)
        for _ in range(layers - 1):
            pieces = _packed(pieces)
        encoding = ", ".join(["gzip"] * layers)
        await stream.write(
            head(200, [("Content-Encoding", encoding), ("Transfer-Encoding", "chunked")])
        )
        for piece in pieces:
            await stream.write(_chunk(piece))
        await stream.write(b"0\r\n\r\n")

    return stage


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _zeros(mebibytes: int) -> Iterator[bytes]:
    """A gzip stream of zeros: a block after a full flush stands alone, so one serves for all."""
    zeros = bytes(_MEBIBYTE)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    yield _GZIP_HEADER
    for _ in range(mebibytes):
        checksum = zlib.crc32(zeros, checksum)
        yield block
    length = mebibytes * _MEBIBYTE % (1 << 32)
    yield b"\x03\x00" + checksum.to_bytes(4, "little") + length.to_bytes(4, "little")


def _packed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    for piece in pieces:
        if packed := packer.compress(piece):  # an empty chunk would end the body
            yield packed
    yield packer.flush()
