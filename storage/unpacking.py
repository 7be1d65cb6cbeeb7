"""A file's bytes with its compression undone, as a stream that can't swell without bound."""

import gzip
import tarfile
import zlib
from typing import IO, Protocol

import zstandard

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_FREE, _RATIO = 1 << 30, 200
"""A file may swell to this many bytes, and beyond that to so many times its size."""
_WINDOW = 1 << 27
"""What zstd may ask us to remember, in bytes: as much as its highest level does."""
_AT_ONCE = 1 << 16


class Swollen(Exception):
    """What a file unpacks to is out of all proportion to it."""


DAMAGE = (
    OSError,
    EOFError,
    Swollen,
    tarfile.TarError,
    zlib.error,
    zstandard.ZstdError,
)
"""What reading a ``Stream`` raises where the file is damaged, cut off, or a bomb."""


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Unzipped:
    """Gives what there is before it says that the rest is missing."""

    def __init__(self, packed: "_Counted") -> None:
        self._file = gzip.GzipFile(fileobj=packed)  # type: ignore[call-overload]  # read() is all it needs

    def read(self, size: int, /) -> bytes:
        data: bytes = self._file.read1(size)
        return data


class _Counted:
    """A file that knows how much of it was read, and can be looked into first."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._held = b""
        self.count = 0

    def peek(self, size: int) -> bytes:
        while len(self._held) < size:
            data = self._file.read(size - len(self._held))
            if not data:
                break
            self._held += data
        return self._held[:size]

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            size = _AT_ONCE
        data, self._held = self._held[:size], self._held[size:]
        if not data:
            data = self._file.read(size)
        self.count += len(data)
        return data


class Stream:
    """Reads a file of whatever compression; raises what is in ``DAMAGE``."""

    def __init__(self, file: IO[bytes]) -> None:
        self._packed = _Counted(file)
        self._plain: _Readable | None = None
        self._held = b""
        self._given = 0

    @property
    def taken(self) -> int:
        """Bytes read of the file itself."""
        return self._packed.count

    def begins_with(self, mark: bytes, at: int) -> bool:
        """Whether the mark stands there, counted from the first byte; nothing is used up."""
        end = at + len(mark)
        while len(self._held) < end and (data := self._more(end - len(self._held))):
            self._held += data
        return self._held[at:end] == mark

    def read(self, size: int = 1 << 20, /) -> bytes:
        """At most so many bytes; none at the end."""
        data, self._held = self._held[:size], self._held[size:]
        return data or self._more(size)

    def _more(self, size: int) -> bytes:
        if self._plain is None:
            self._plain = _opened(self._packed)
        data = self._plain.read(size)
        self._given += len(data)
        if self._given > _FREE and self._given > _RATIO * self._packed.count:
            raise Swollen(f"it unpacks to more than {_RATIO} times its size")
        return data


def _opened(packed: _Counted) -> _Readable:
    began = packed.peek(4)
    if began.startswith(_GZIP):
        return _Unzipped(packed)
    if began == _ZSTD:
        unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
        reader: _Readable = unpacker.stream_reader(
            packed,  # type: ignore[arg-type]  # read() is all it needs
            read_across_frames=True,
        )
        return reader
    return packed
