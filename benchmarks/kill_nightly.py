"""A night killed with SIGKILL at a random moment, again and again; prints JSON.

After each kill the views show the night before or this one, as a whole; then the same command ends
what was begun, and shows the same bytes as a night that nobody killed. ``built_at`` is left out:
it says when. With ``archive`` the night counts an archive and shows itself there, too, where the
same holds; the archive has no fault.

    python -m benchmarks.kill_nightly [KILLS] [SEED] [--engine sqlite|postgresql|archive]
"""

import argparse
import hashlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, text

from analysis.rules import RULESET_VERSION
from heliograph.model import State
from scheduler.rejudging import Rejudging
from storage.archive.checking import check_archive
from storage.archive.reading import open_archive
from storage.archive.writing import Archiving
from storage.engine import is_server, open_engine, reading
from storage.store import Store
from tests.made_looks import START, Look, judged
from tests.postgres_server import server

KILLS = 100
DAYS = 24
SENDERS = "abcd"
ENGINES = ("sqlite", "postgresql", "archive")
_ASKED = (
    "SELECT * FROM api_v1_daily ORDER BY day, country, asn, target, probe",
    "SELECT * FROM api_v1_findings",
)
_LEFT = (
    "SELECT COUNT(*) FROM cells c LEFT JOIN days d ON d.day = c.day AND d.build = c.build"
    " WHERE d.day IS NULL"
)


class Place(NamedTuple):
    """A database, and the archive its night counts, if it counts one."""

    location: str
    archive: Path | None = None


def main() -> None:
    """Kill, look, end what was begun; exits with 1 when anything but a whole night was shown."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("kills", type=int, nargs="?", default=KILLS)
    said.add_argument("seed", type=int, nargs="?", default=random.randrange(2**32))
    said.add_argument("--engine", choices=ENGINES, default=ENGINES[0])
    wish = said.parse_args()
    with tempfile.TemporaryDirectory() as folder, _copies(wish.engine, Path(folder)) as copies:
        told = killed(copies, wish.kills, random.Random(wish.seed))
    print(json.dumps({"engine": wish.engine, "kills": wish.kills, "seed": wish.seed, **told}))
    sys.exit(1 if told["problems"] else 0)


def killed(copy: Callable[[], Place], kills: int, chance: random.Random) -> dict[str, object]:
    """What came of so many kills, each of a night over a copy of its own."""
    whole = copy()
    old = shown(whole)
    usual = seconds = _night(whole)
    new = shown(whole)
    assert not set(old) & set(new)
    seen: Counter[str] = Counter()
    problems: list[str] = []
    for number in range(kills):
        place = copy()
        moment = chance.uniform(0.3, 1.0) * seconds
        ended = _kill(place, moment)
        state = _state(shown(place), old, new)
        left = _left(place)
        seen[
            f"{state}{', rows left behind' if left else ''}{', ended already' if ended else ''}"
        ] += 1
        if state == "half":
            problems.append(f"kill {number} after {moment:.3f} s: half a night")
        seconds = _night(place)  # the computer may be busier than before
        if shown(place) != new or _left(place):
            problems.append(f"kill {number} after {moment:.3f} s: another end")
    return {"seconds_of_a_night": round(usual, 2), "seen": seen, "problems": problems}


def _state(found: Sequence[str], old: Sequence[str], new: Sequence[str]) -> str:
    """Which night is shown; an archive follows its database."""
    if found == new:
        return "this night"
    if found == old:
        return "the night before"
    return "this night, its archive the one before" if found == (new[0], *old[1:]) else "half"


@contextmanager
def _copies(engine: str, folder: Path) -> Iterator[Callable[[], Place]]:
    """What makes a copy of one database with a night to be made."""
    if engine == "postgresql":
        with server(folder / "pg") as running:
            first = running.new_database()
            _prepare(Place(running.url(first)))
            yield lambda: Place(running.url(running.new_database(first)))
        return
    before = folder / "before.sqlite"
    archive = folder / "before" if engine == "archive" else None
    _prepare(Place(str(before), archive))

    def copied() -> Place:
        for beside in folder.glob("one.sqlite*"):
            beside.unlink()
        place = str(shutil.copy(before, folder / "one.sqlite"))
        if archive is None:
            return Place(place)
        shutil.rmtree(folder / "one", ignore_errors=True)
        return Place(place, shutil.copytree(archive, folder / "one"))

    yield copied


def _prepare(place: Place) -> None:
    """A night over a history, and then late looks, some of them without a verdict."""
    chance = random.Random(1)
    with Store.open(place.location) as store:
        store.activate(RULESET_VERSION)
        _receive(store, [_look(day, chance) for day in range(DAYS) for _ in range(600)])
    _archive(place)
    _night(place)
    with Store.open(place.location) as store:
        late = [_look(chance.randrange(DAYS), chance, 7) for _ in range(3000)]
        _receive(store, late)
        bare = judged(_look(chance.randrange(DAYS), chance, 11) for _ in range(600))
        store.imports.keep([one._replace(verdict=None) for one in bare])
    _archive(place)


def _archive(place: Place) -> None:
    if place.archive is None:
        return
    with Store.open(place.location) as store:
        list(Rejudging(store).batches())
    list(Archiving(place.location, place.archive).days())


def _look(day: int, chance: random.Random, hour: int = 1) -> Look:
    network, target = chance.randrange(8), chance.randrange(12)
    blocked = target < 3 and network % 2 == 0 and day >= 12
    return Look(
        day=day,
        hour=hour + chance.randrange(4),
        country=f"X{chr(65 + network % 2)}",
        asn=64500 + network,
        target=f"site{target}.example",
        key=chance.choice(SENDERS),
        state=State.BLOCKED if blocked else State.OK,
        number=chance.randrange(10**9),
    )


def _receive(store: Store, looks: Sequence[Look]) -> None:
    for key in SENDERS:
        some = [one for one in looks if one.key == key]
        store.receipts.keep(f"{key}{len(some)}", judged(some), START, key)


def _words(place: Place) -> list[str]:
    counted = () if place.archive is None else ("--archive", str(place.archive))
    command = (sys.executable, "-m", "heliograph", "nightly", "--days", "3650")
    return [*command, "--db", place.location, *counted]


def _night(place: Place) -> float:
    """Make it, to its end; how many seconds that took."""
    began = time.monotonic()
    done = subprocess.run(_words(place), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - began


def _kill(place: Place, seconds: float) -> bool:
    """Kill it then; whether it had ended before."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(_words(place), stdout=quiet, stderr=quiet)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True


def shown(place: Place) -> tuple[str, ...]:
    """The digests of what the two views show, of the database and its archive; both are whole."""
    with _open(place.location) as connection:
        if not is_server(connection):
            assert connection.scalar(text("PRAGMA quick_check")) == "ok"
        found = [connection.execute(text(sql)) for sql in _ASKED]
        digests = [_digest((tuple(rows.keys()), rows.all()) for rows in found)]
    if place.archive is not None:
        assert check_archive(place.archive).faults == ()
        with closing(open_archive(place.archive)) as archived:
            asked = ((archived.execute(sql), archived.fetchall()) for sql in _ASKED)
            digests.append(
                _digest((tuple(c[0] for c in said.description or ()), rows) for said, rows in asked)
            )
    return tuple(digests)


def _digest(answers: Iterable[tuple[Sequence[str], Sequence[Sequence[object]]]]) -> str:
    digest = hashlib.sha256()
    for names, rows in answers:
        skipped = names.index("built_at") if "built_at" in names else len(names)
        for row in rows:
            digest.update(repr((*row[:skipped], *row[skipped + 1 :])).encode())
    return digest.hexdigest()


def _left(place: Place) -> int:
    """Rows that nothing shows: of a day that was being built."""
    with _open(place.location) as connection:
        return int(connection.scalar(text(_LEFT)) or 0)


@contextmanager
def _open(location: str) -> Iterator[Connection]:
    engine = open_engine(location, read_only=True)
    try:
        with reading(engine) as connection:
            yield connection
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()
