"""The ``verify`` command: is an exported folder whole, and what it says it is?"""

from pathlib import Path

import msgspec

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import print_json, say
from heliograph.text import counted, for_terminal
from storage.archive.shapes import is_of_an_archive
from storage.packages.checking import check_package


class Verified(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="verified"):
    """What was found of a folder."""

    path: str
    version: str | None
    faults: tuple[str, ...]


def verify(folder: Path, *, json: bool) -> None:
    """Say what is wrong with the folder, one line a fault; raises Stop when anything is."""
    if is_of_an_archive(folder):
        _verify_archive(folder, json=json)
        return
    found = check_package(folder)
    version = None if found.description is None else found.description.version
    _tell(folder, version, found.faults, "ask for the folder again", json=json)
    if not json and found.description is not None:
        counts = found.description.counts
        say(f"{folder}: whole, version {version}, {counted(counts.measurements, 'measurement')}")


def _verify_archive(folder: Path, *, json: bool) -> None:
    from storage.archive.checking import check_archive
    from storage.archive.library import connect

    connect().close()  # before anything is read: without the library it says what to install
    found = check_archive(folder)
    mend = "remove those files, and 'heliograph export parquet' writes them anew"
    if found.archive is None:
        mend = "the files of data were not looked at"
    elif any(cell.retired for cell in found.archive.cells):
        mend = "put those files back from a copy: no database has all the steps that are in here"
    _tell(folder, None, found.faults, mend, json=json)
    if not json and found.archive is not None:
        looks = counted(sum(cell.measurements for cell in found.archive.cells), "measurement")
        say(f"{folder}: whole, {looks} in {counted(len(found.archive.files), 'file')}")


def _tell(
    folder: Path, version: str | None, faults: tuple[str, ...], mend: str, *, json: bool
) -> None:
    if json:
        print_json(Verified(path=str(folder.resolve()), version=version, faults=faults))
    else:
        for fault in faults:
            print(for_terminal(fault))
    if faults:
        told = counted(len(faults), "fault")
        raise Stop(ExitCode.BAD_INPUT, f"{folder}: {told}; {mend}")
