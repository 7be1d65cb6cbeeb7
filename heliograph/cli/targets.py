"""What a run is asked to look at: arguments and lists into targets, bad ones named one by one."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files as resources
from pathlib import Path

from heliograph.cli.exits import ExitCode, Stop
from heliograph.lists import MOST_BYTES, Entry, ListError, TargetList
from heliograph.model import Target
from heliograph.plugin import Expectation
from heliograph.posts import read_any
from heliograph.url import BadTarget, parse_target

_PACKS = resources("heliograph") / "packs"


@dataclass(frozen=True, slots=True)
class Refused:
    """An input that is not a target: where it stands and what is wrong with it."""

    place: str
    text: str
    problem: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """The targets in the order given, each once, and what could not be used."""

    targets: tuple[Target, ...]
    refused: tuple[Refused, ...]
    kinds: Mapping[str, str] = field(default_factory=dict)
    """URLs that only lists name, each with the category it stands under there."""
    expectations: Mapping[str, Expectation] = field(default_factory=dict)
    """URLs of lists of pages, each with what is expected of it; the first list's, of several."""


def gather(arguments: Iterable[str], files: Iterable[str]) -> Wanted:
    """Read all inputs; raises Stop when a list can't be read."""
    targets: dict[str, Target] = {}
    refused: list[Refused] = []
    kinds: dict[str, str] = {}
    expectations: dict[str, Expectation] = {}
    for found in _named(arguments):
        if isinstance(found, Refused):
            refused.append(found)
        else:
            targets.setdefault(found.url, found)
    chosen = set(targets)
    for entry in _listed(files):
        if isinstance(entry, Refused):
            refused.append(entry)
            continue
        targets.setdefault(entry.target.url, entry.target)
        if entry.category is not None and entry.target.url not in chosen:
            kinds[entry.target.url] = entry.category
        if entry.expectation is not None:
            expectations.setdefault(entry.target.url, entry.expectation)
    return Wanted(tuple(targets.values()), tuple(refused), kinds, expectations)


def bytes_of(name: str, shown: str = "the list") -> bytes:
    """A list's bytes, one more than is allowed at most; FILE, - for stdin, or @PACK.

    Raises Stop when there is no such list; ``shown`` goes before its name in the message.
    """
    if name.startswith("@"):
        return _pack(name)
    try:
        if name == "-":
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        with Path(name).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # a name may hold what no path can
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise Stop(ExitCode.INPUT_MISSING, f"{shown} {name}: {why}; check the path") from error


def packs() -> list[str]:
    """The names of the packs that ship."""
    names = (file.name for file in _PACKS.iterdir())
    return sorted(f"@{name.removesuffix('.csv')}" for name in names if name.endswith(".csv"))


def read_named(name: str, shown: str = "the list") -> TargetList:
    """A list by its name; raises Stop when it can't be used as a whole."""
    try:
        return read_any(bytes_of(name, shown))
    except ListError as error:
        where = place_in(name, error.line)
        raise Stop(ExitCode.BAD_INPUT, f"{shown} {where}: {error}") from error


def place_in(name: str, line: int | None) -> str:
    """A line of a list, the way compilers and editors write it."""
    return name if line is None else f"{name}:{line}"


def _pack(name: str) -> bytes:
    known = packs()
    if name not in known:
        raise Stop(
            ExitCode.INPUT_MISSING,
            f"there is no target pack {name}; there are: {', '.join(known)}"
            " (a file of that name is written ./@name)",
        )
    return (_PACKS / f"{name.removeprefix('@')}.csv").read_bytes()


def _named(arguments: Iterable[str]) -> Iterator[Target | Refused]:
    for text in arguments:
        if text.startswith("@"):
            raise Stop(
                ExitCode.USAGE, f"{text} is no target; a list is given with --targets {text}"
            )
        try:
            yield parse_target(text)
        except BadTarget as error:
            yield Refused("argument", text, str(error))


def _listed(names: Iterable[str]) -> Iterator[Entry | Refused]:
    for name in names:
        found = read_named(name, "--targets")
        yield from found.entries
        for bad in found.bad:
            yield Refused(place_in(name, bad.line), bad.text, bad.message)
