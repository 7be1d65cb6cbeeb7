"""What a run is asked to look at: arguments and files into targets, bad ones named one by one."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from heliograph.cli.exits import ExitCode, Stop
from heliograph.model import Target
from heliograph.text import decode
from heliograph.url import BadTarget, parse_target, parse_targets

_MOST_BYTES = 16 * 1024 * 1024


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


def gather(arguments: Iterable[str], files: Iterable[str]) -> Wanted:
    """Read all inputs; raises Stop when a file can't be read."""
    targets: dict[str, Target] = {}
    refused: list[Refused] = []
    for place, text, found in (*_named(arguments), *_listed(files)):
        if isinstance(found, BadTarget):
            refused.append(Refused(place, text, str(found)))
        else:
            targets.setdefault(found.url, found)
    return Wanted(tuple(targets.values()), tuple(refused))


def _named(arguments: Iterable[str]) -> Iterator[tuple[str, str, Target | BadTarget]]:
    for text in arguments:
        try:
            yield "argument", text, parse_target(text)
        except BadTarget as error:
            yield "argument", text, error


def _listed(files: Iterable[str]) -> Iterator[tuple[str, str, Target | BadTarget]]:
    for name in files:
        lines = _lines(name)
        for number, found in parse_targets(lines):
            yield f"{name}:{number}", lines[number - 1].strip(), found


def _lines(name: str) -> list[str]:
    if name.startswith("@"):
        raise Stop(
            ExitCode.INPUT_MISSING,
            f"there is no target pack {name}; this version reads lists from files: one URL a line",
        )
    try:
        data = sys.stdin.buffer.read(_MOST_BYTES + 1) if name == "-" else _read(Path(name))
    except OSError as error:
        raise Stop(
            ExitCode.INPUT_MISSING, f"--targets {name}: {error.strerror}; check the path"
        ) from error
    if len(data) > _MOST_BYTES:
        raise Stop(
            ExitCode.BAD_INPUT,
            f"--targets {name}: more than {_MOST_BYTES >> 20} MiB; split the list, nothing was run",
        )
    return decode(data).splitlines()


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES + 1)
