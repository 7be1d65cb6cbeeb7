"""The ``uninstall`` command: all that Heliograph wrote goes, and nothing else."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from heliograph.cli.consent_ask import confirm
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import print_json, say
from heliograph.cli.pause import SUFFIX, By
from heliograph.cli.place import database, database_file
from heliograph.cli.underway import end_runs
from storage.errors import OlderDatabase
from storage.orphans import BESIDE
from storage.store import Store

_DATABASE = "heliograph.sqlite"
_BESIDE = ("", *BESIDE, SUFFIX)
"""A database, and what SQLite and we put beside it."""
_OUT_OF_REACH = (
    "files that you wrote with 'report --out', 'results --csv', 'export' or into a pipe: they are"
    " where you put them and name what was measured, and no list of them is kept; delete them"
    " yourself",
    "databases that an earlier '--db' put elsewhere, and runs into them",
    "folders of rehearsals ('demo' makes heliograph-demo unless told otherwise, and 'lab evaluate'"
    " where you say): they name no site that you asked for",
    "backups, and copies you gave away",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    yes: bool
    with_db: bool
    """Also the database that --db or HELIOGRAPH_DB names."""
    db: str | None
    json: bool


@dataclass(frozen=True, slots=True)
class Left:
    """What is still there: of ours, and of others in folders of ours."""

    stuck: list[Path]
    strange: list[Path]


def uninstall(wish: Wish) -> None:
    """Remove database, configuration and folders of ours, after a question; raises Stop."""
    named = _named_database(wish.db)
    with_named = named is not None and wish.with_db
    if named is not None and with_named:
        _require_ours(named)
    ours = _to_remove(named if with_named else None)
    if ours and not wish.yes:
        listed = "\n".join(f"  {path}" for path in ours)
        confirm(f"This will be removed for good:\n{listed}\n", "nothing was removed")
    for path in (_folders()[0] / _DATABASE, named):
        if path is not None:
            stays = path == named and not with_named
            end_runs(str(path), By.LEAVE if stays else By.UNINSTALL, "nothing was removed")
    ours = _to_remove(named if with_named else None)  # a run that has ended took its log along
    removed = [path for path in ours if _remove(path)]
    removed += [folder for folder in _folders() if _remove_if_empty(folder)]
    stuck = [path for path in ours if _is_there(path)]
    left = Left(stuck, [path for path in _left_in_folders() if path not in stuck])
    _report(wish, removed, left, None if with_named else named)
    if stuck:
        raise Stop(
            ExitCode.CANNOT_WRITE,
            "not all that is ours could be removed; get the rights for what is named above, and"
            " give the same command again",
        )


def _to_remove(named: Path | None) -> list[Path]:
    return [*_ours(), *(() if named is None else _with_neighbours(named))]


def _report(wish: Wish, removed: list[Path], left: Left, named: Path | None) -> None:
    if not wish.json:
        _say(removed, left, named)
        return
    report = {
        "kind": "uninstalled",
        "removed": [str(path) for path in removed],
        "not_removed": [str(path) for path in left.stuck],
        "leftovers": [str(path) for path in left.strange],
        "named_database": None if named is None else str(named),
        "out_of_reach": _OUT_OF_REACH,
        "last_step": _package_removal(),
    }
    print_json(report)


def _say(removed: list[Path], left: Left, named: Path | None) -> None:
    for path in removed:
        say(f"removed {path}")
    for heading, paths in (
        ("could not be removed, and still hold what was measured or set:", left.stuck),
        ("leftovers, since they are not ours:", left.strange),
    ):
        if paths:
            say("\n".join((heading, *(f"  {path}" for path in paths))))
    if not (left.stuck or left.strange):
        say("leftovers: none")
    say("not looked for, and still there if you made any:")
    for words in _OUT_OF_REACH:
        say(f"  {words}")
    if named is not None:
        say(f"not touched, since you chose its place: {named}; --with-db removes it, too")
    say(f"to remove the program itself: {_package_removal()}")


def _ours() -> Iterator[Path]:
    """Every file and folder that we write, where there is one."""
    data, config, *others = _folders()
    yield from _with_neighbours(data / _DATABASE)
    yield from filter(_is_there, [config / "config.toml"])
    for folder in dict.fromkeys(others):  # where systems have one folder for all, it is not ours
        if folder not in {data, config} and _is_there(folder):
            yield folder


def _with_neighbours(path: Path) -> list[Path]:
    beside = (path.with_name(f"{path.name}{end}") for end in _BESIDE)
    return [one for one in beside if _is_there(one)]


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _require_ours(path: Path) -> None:
    """Raise StorageError for a file that is no database of ours; of one that is gone, none is."""
    if not _is_there(path):
        return
    try:
        Store.open_to_read(str(path)).close()
    except OlderDatabase:
        return


def _folders() -> tuple[Path, ...]:
    """The folders of ours: data, configuration, and two in which everything is ours."""
    import platformdirs

    return tuple(
        find("heliograph")
        for find in (
            platformdirs.user_data_path,
            platformdirs.user_config_path,
            platformdirs.user_state_path,
            platformdirs.user_cache_path,
        )
    )


def _remove(path: Path) -> bool:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        say(f"heliograph: {path}: can't be removed: {error.strerror}")
        return False
    return True


def _remove_if_empty(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True


def _left_in_folders() -> Iterator[Path]:
    for folder in dict.fromkeys(_folders()):
        if folder.is_dir():
            yield from sorted(folder.iterdir())


def _named_database(db: str | None) -> Path | None:
    """A database of --db or HELIOGRAPH_DB that stands elsewhere; it is not ours to remove.

    One that somebody removed counts as long as anything of it is left beside its place.
    """
    usual = _folders()[0] / _DATABASE
    named = database_file(database(db))
    if named is None or named.is_dir() or named.absolute() == usual.absolute():
        return None
    return named if _with_neighbours(named) else None


def _package_removal() -> str:
    """The command that removes the package, by how it was installed."""
    parts = Path(sys.prefix).parts
    if "pipx" in parts:
        return "pipx uninstall heliograph"
    if "uv" in parts and "tools" in parts:
        return "uv tool uninstall heliograph"
    return f"{os.fspath(sys.executable)} -m pip uninstall heliograph"
