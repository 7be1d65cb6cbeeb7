"""Prints the part of requirements.lock that some packages need, hashes included.

`part_of_lock.py NAME...`: each a package in the lock, or `heliograph[EXTRA,...]`, which stands for
what pyproject.toml asks for. Reads both files in the current folder; needs no package itself.
"""

import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

_PINNED = re.compile(r"([a-z0-9][a-z0-9.-]*)==")
_VIA = re.compile(r" +# {3}([a-z0-9][a-z0-9.-]*)$| +# via ([a-z0-9][a-z0-9.-]*)$")
_OURS = re.compile(r"heliograph\[([a-z,]*)\]")
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def part(lock: str, project: str, wanted: Iterable[str]) -> str:
    """The lines of the lock for what is wanted and all it needs; raises KeyError for a stranger."""
    entries, needs = read(lock)
    found: set[str] = set()
    left = [name for each in wanted for name in _meant(each, project)]
    while left:
        name = left.pop()
        if name not in entries:
            raise KeyError(name)
        if name not in found:
            found.add(name)
            left.extend(needs[name])
    return "".join(text for name, text in entries.items() if name in found)


def read(lock: str) -> tuple[dict[str, str], dict[str, set[str]]]:
    """Each package's lines, and what each needs, by the lock's own word ('via')."""
    entries: dict[str, str] = {}
    needs: dict[str, set[str]] = defaultdict(set)
    name = ""
    for line in lock.splitlines(keepends=True):
        if pinned := _PINNED.match(line):
            name = pinned[1]
        if name:
            entries[name] = entries.get(name, "") + line
        if name and (via := _VIA.match(line.rstrip("\n"))):
            needs[via[1] or via[2]].add(name)
    return entries, needs


def _meant(wanted: str, project: str) -> Iterator[str]:
    """Names as the lock writes them (PEP 503)."""
    ours = _OURS.fullmatch(wanted)
    if ours is None:
        yield wanted
        return
    table = tomllib.loads(project)["project"]
    asked = list(table["dependencies"])
    for extra in filter(None, ours[1].split(",")):
        asked += table["optional-dependencies"][extra]
    for line in asked:
        named = _NAME.match(line)
        if named:
            yield re.sub(r"[-_.]+", "-", named[0]).lower()


if __name__ == "__main__":
    lock, project = (
        Path(name).read_text(encoding="utf-8") for name in ("requirements.lock", "pyproject.toml")
    )
    sys.stdout.write(part(lock, project, sys.argv[1:]))
