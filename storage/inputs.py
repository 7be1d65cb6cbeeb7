"""Files of published measurements as their documents, one after another, whatever they come in.

JSON, lines of JSON, either of them compressed with gzip or zstd, and tar archives of such files;
what a file is shows in its first bytes. Memory is bounded by the longest document we take.
"""

import os
import re
import sys
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple, NoReturn, cast

import msgspec

from heliograph.text import clean
from storage.arrays import items_of
from storage.errors import MissingInput, StorageError
from storage.unpacking import DAMAGE, Stream, Swollen

STDIN = "-"
MOST_BYTES = 16 * 1024 * 1024
"""A document longer than this is passed over, and named."""

_USTAR, _USTAR_AT = b"ustar", 257
_MARK = b"\xef\xbb\xbf"
_ENDINGS = re.compile(r"\.(?:json|jsonl|ndjson|post|tar|tgz)(?:\.(?:gz|zst))?\Z", re.IGNORECASE)
"""What is read in a folder; a file that is named is read whatever it is called."""
_ANY = msgspec.json.Decoder(msgspec.Raw)
_TOO_LONG = f"longer than {MOST_BYTES // 1024 // 1024} MiB: passed over"


class Document(NamedTuple):
    """One document, or why there is none, and where it stands: ``file:line``."""

    place: str
    text: bytes
    problem: str | None = None


def files_in(names: Iterable[str]) -> list[str]:
    """The files that are named, and those in folders that are, in order and each once.

    Raises MissingInput for one that is not there, StorageError for one that can't be read.
    """
    found: dict[str, None] = {}
    for name in names:
        if name == STDIN:
            found[name] = None
            continue
        path = Path(name)
        try:
            for one in _in_folder(path) if path.is_dir() else [path]:
                one.open("rb").close()
                found[str(one)] = None
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MissingInput(f"{error.filename or name}: there is no such file") from error
        except OSError as error:
            where = error.filename or name
            raise StorageError(f"{where}: can't be read: {error.strerror}") from error
    return list(found)


def _in_folder(folder: Path) -> list[Path]:
    """Those in it and in the folders beneath; raises OSError for one that can't be looked into."""
    found = sorted(
        path
        for at, _, names in os.walk(folder, onerror=_refuse)
        for name in names
        if _ENDINGS.search(name) and (path := Path(at, name)).is_file()
    )
    if not found:
        raise MissingInput(f"{folder}: holds no file of measurements (.json, .jsonl, .gz, .zst)")
    return found


def _refuse(error: OSError) -> NoReturn:
    raise error


def size_of(files: Iterable[str]) -> int:
    """Their bytes as they lie on disk; stdin counts as none."""
    return sum(Path(name).stat().st_size for name in files if name != STDIN)


@contextmanager
def opened(name: str) -> "Iterator[Source]":
    """One file of ``files_in``, while it is read."""
    if name == STDIN:
        yield Source("stdin", sys.stdin.buffer)
        return
    with Path(name).open("rb") as file:
        yield Source(clean(name), file)


class Source:
    """One file being read; ``name`` stands before the places of its documents."""

    def __init__(self, name: str, file: IO[bytes]) -> None:
        self.name = name
        self._stream = Stream(file)

    @property
    def consumed(self) -> int:
        """Bytes read so far, as they lie on disk."""
        return self._stream.taken

    def documents(self) -> Iterator[Document]:
        """Every document; where a file breaks off, is damaged or swells, the last is a problem."""
        try:
            is_archive = self._stream.begins_with(_USTAR, _USTAR_AT)
        except DAMAGE as error:
            yield Document(f"{self.name}:1", b"", _damaged(error))
            return
        if is_archive:
            yield from self._archived()
        else:
            yield from _documents(self.name, self._stream)

    def _archived(self) -> Iterator[Document]:
        """The files of a tar archive; nothing is written anywhere."""
        place = self.name
        try:
            # of a stream that is never sought in, tarfile uses read() alone
            with tarfile.open(fileobj=cast("IO[bytes]", self._stream), mode="r|") as archive:
                for member in archive:
                    place = f"{self.name}!{clean(member.name)}"
                    file = archive.extractfile(member) if member.isfile() else None
                    if file is not None and _ENDINGS.search(member.name):
                        yield from _documents(place, Stream(file))
        except DAMAGE as error:
            yield Document(f"{place}:1", b"", _damaged(error))


def _documents(name: str, stream: Stream) -> Iterator[Document]:
    """Those of one file, whole or by lines."""
    number = 0
    try:
        lines = _lines(stream)
        for number, line in lines:
            if line is None:
                yield Document(f"{name}:{number}", b"", _TOO_LONG)
            elif number == 1 and _goes_on(line):
                yield from _whole_or_lines(name, line, lines)
            else:
                yield from _documents_in(f"{name}:{number}", line)
    except DAMAGE as error:
        yield Document(f"{name}:{number + 1}", b"", _damaged(error))


_Lines = Iterator[tuple[int, bytes | None]]


def _lines(stream: Stream) -> _Lines:
    """Each line that is not blank with its number; None in the place of one that is too long."""
    number, held, too_long = 1, b"", False
    while data := stream.read(1 << 20):
        *whole, rest = data.split(b"\n")
        for part in whole:
            line = (held + part).strip() if held else part.strip()
            if too_long or line:
                yield number, None if too_long or len(line) > MOST_BYTES else line
            number, held, too_long = number + 1, b"", False
        held = b"" if too_long else held + rest
        if len(held) > MOST_BYTES:
            held, too_long = b"", True
    if too_long or held.strip():
        yield number, None if too_long else held.strip()


def _goes_on(line: bytes) -> bool:
    """Whether the first line begins a document that ends on a later one."""
    text = line.removeprefix(_MARK)
    if text[:1] not in {b"{", b"["} or not text:
        return False
    try:
        _ANY.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return True
    return False


def _whole_or_lines(name: str, first: bytes, lines: _Lines) -> Iterator[Document]:
    """A document over several lines, or lines of which the first is broken."""
    held = [first]
    size = len(first)
    for number, line in lines:
        if len(held) == 1 and first[:1] == b"{" and (line is None or line[:1] == b"{"):
            yield from _documents_in(f"{name}:1", first)
            yield Document(f"{name}:{number}", line or b"", None if line else _TOO_LONG)
            return  # the caller goes on with the lines that follow
        size += MOST_BYTES if line is None else len(line) + 1
        if size > MOST_BYTES:
            yield Document(f"{name}:1", b"", _TOO_LONG)
            for _ in lines:
                pass
            return
        held.append(line or b"")
    yield from _documents_in(f"{name}:1", b"\n".join(held))


def _documents_in(place: str, text: bytes) -> Iterator[Document]:
    """The document, or those of an array."""
    text = text.removeprefix(_MARK)
    if text[:1] == b"[":
        items = items_of(text)
        if items is None:
            yield Document(place, text)
            return
        for count, item in enumerate(items, start=1):
            yield Document(f"{place}[{count}]", item)
        return
    yield Document(place, text)


def _damaged(error: BaseException) -> str:
    if isinstance(error, Swollen):
        return f"{error}; the rest of it is left out"
    return f"damaged or cut off ({error}); the rest of it is left out"
