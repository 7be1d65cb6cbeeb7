"""The ``verify`` command: is an exported folder whole, and what it says it is?"""

from pathlib import Path

import msgspec

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import print_json, say
from heliograph.text import counted, for_terminal
from storage.packages.checking import check_package


class Verified(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="verified"):
    """What was found of a folder."""

    path: str
    version: str | None
    faults: tuple[str, ...]


def verify(folder: Path, *, json: bool) -> None:
    """Say what is wrong with the folder, one line a fault; raises Stop when anything is."""
    found = check_package(folder)
    version = None if found.description is None else found.description.version
    if json:
        print_json(Verified(path=str(folder.resolve()), version=version, faults=found.faults))
    else:
        for fault in found.faults:
            print(for_terminal(fault))
    if found.faults:
        told = counted(len(found.faults), "fault")
        raise Stop(ExitCode.BAD_INPUT, f"{folder}: {told}; ask for the folder again")
    if not json and found.description is not None:
        counts = found.description.counts
        say(f"{folder}: whole, version {version}, {counted(counts.measurements, 'measurement')}")
