"""A night killed with SIGKILL at a random moment, again and again; prints JSON.

After each kill the views show the night before or this one, as a whole; then the same command ends
what was begun, and shows the same bytes as a night that nobody killed. ``built_at`` is left out:
it says when.

    python -m benchmarks.kill_nightly [KILLS] [SEED]
"""

import hashlib
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from analysis.rules import RULESET_VERSION
from benchmarks.killing import wanted
from heliograph.model import State
from storage.store import Store
from tests.made_looks import START, Look, judged

KILLS = 100
DAYS = 24
SENDERS = "abcd"
_ASKED = (
    "SELECT * FROM api_v1_daily ORDER BY day, country, asn, target, probe",
    "SELECT * FROM api_v1_findings",
)


def main() -> None:
    """Kill, look, end what was begun; exits with 1 when anything but a whole night was shown."""
    kills, seed = wanted(KILLS)
    with tempfile.TemporaryDirectory() as folder:
        told = killed(Path(folder), kills, random.Random(seed))
    print(json.dumps({"kills": kills, "seed": seed, **told}))
    sys.exit(1 if told["problems"] else 0)


def killed(folder: Path, kills: int, chance: random.Random) -> dict[str, object]:
    """What came of so many kills."""
    before = folder / "before.sqlite"
    _prepare(before)
    old = shown(before)
    whole = _copy(before, folder / "whole.sqlite")
    began = time.monotonic()
    _night(whole)
    seconds = time.monotonic() - began
    new = shown(whole)
    assert old != new
    seen: Counter[str] = Counter()
    problems: list[str] = []
    for number in range(kills):
        place = _copy(before, folder / "one.sqlite")
        moment = chance.uniform(0.3, 1.0) * seconds
        ended = _kill(place, moment)
        found = shown(place)
        state = "this night" if found == new else "the night before" if found == old else "half"
        left = _left(place)
        seen[
            f"{state}{', rows left behind' if left else ''}{', ended already' if ended else ''}"
        ] += 1
        if state == "half":
            problems.append(f"kill {number} after {moment:.3f} s: half a night")
        _night(place)
        if shown(place) != new or _left(place):
            problems.append(f"kill {number} after {moment:.3f} s: another end")
    return {"seconds_of_a_night": round(seconds, 2), "seen": seen, "problems": problems}


def _prepare(place: Path) -> None:
    """A night over a history, and then late looks, some of them without a verdict."""
    chance = random.Random(1)
    with Store.open(str(place)) as store:
        store.activate(RULESET_VERSION)
        _receive(store, [_look(day, chance) for day in range(DAYS) for _ in range(600)])
    _night(place)
    with Store.open(str(place)) as store:
        late = [_look(chance.randrange(DAYS), chance, 7) for _ in range(3000)]
        _receive(store, late)
        bare = judged(_look(chance.randrange(DAYS), chance, 11) for _ in range(600))
        store.imports.keep([one._replace(verdict=None) for one in bare])


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


def _copy(source: Path, place: Path) -> Path:
    for beside in place.parent.glob(f"{place.name}*"):
        beside.unlink()
    shutil.copy(source, place)
    return place


def _words(place: Path) -> list[str]:
    return [sys.executable, "-m", "heliograph", "nightly", "--days", "3650", "--db", str(place)]


def _night(place: Path) -> None:
    done = subprocess.run(_words(place), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _kill(place: Path, seconds: float) -> bool:
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


def shown(place: Path) -> str:
    """The digest of what the two views show in one moment; the file must be whole."""
    connection = sqlite3.connect(place)
    try:
        ((sound,),) = connection.execute("PRAGMA quick_check")
        assert sound == "ok", sound
        connection.execute("BEGIN")
        digest = hashlib.sha256()
        for sql in _ASKED:
            rows = connection.execute(sql)
            names = [column[0] for column in rows.description]
            skipped = names.index("built_at") if "built_at" in names else len(names)
            for row in rows:
                digest.update(repr((*row[:skipped], *row[skipped + 1 :])).encode())
        return digest.hexdigest()
    finally:
        connection.close()


def _left(place: Path) -> int:
    """Rows that nothing shows: of a day that was being built."""
    connection = sqlite3.connect(place)
    try:
        (count,) = connection.execute(
            "SELECT COUNT(*) FROM cells c LEFT JOIN days d ON d.day = c.day AND d.build = c.build"
            " WHERE d.day IS NULL"
        ).fetchone()
    finally:
        connection.close()
    return int(count)


if __name__ == "__main__":
    main()
