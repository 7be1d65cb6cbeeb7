"""A table of counts per bucket, read from CSV; every oddity is named with its line."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from operator import itemgetter

from analysis.detection.grid import DAY, Grid, NoGrid
from analysis.detection.series import UNKNOWN, Key, Row, Series, Table
from heliograph.model import UNKNOWN_COUNTRY
from heliograph.text import clean

COUNTS = ("n_ok", "n_blocked", "n_throttled", "n_down", "n_inconclusive")
OTHERS = ("country", "asn", "target", "probe", "n", "n_vantages", "technique", "witness_id")
_LARGEST = 10**12
_HOUR = 3600
_WIDEST = 31 * DAY
"""A month at most; what is further apart are days between which there are no data."""
_YEARS = range(1970, 2200)
"""Of any other nobody has measured, or will: a digit is missing, or too many."""
_ROUND = "round the times down to the hour or the day, in UTC, and count what falls together"
_HARDLY = 4
"""Where fewer than one day in so many has a second bucket, the buckets are days."""


class BadTable(ValueError):
    """What is wrong, on which line of the file (the header is line 1), and what mends it."""

    def __init__(self, line: int, problem: str, mend: str) -> None:
        super().__init__(f"line {line}: {problem}; {mend}")


class _Told(list[tuple[int, int, Row]]):
    """Rows of one series as they were read: start of the bucket, line of the file, counts."""


def read_table(lines: Iterable[str]) -> tuple[Table, tuple[str, ...]]:
    """The table, and the columns nobody asked for. Raises BadTable; lines keep their ends."""
    reader = csv.reader(lines, strict=True)
    try:
        header = _header(next(reader, None))
        series = _series(((reader.line_num, cells) for cells in reader), header)
    except csv.Error as error:
        raise BadTable(reader.line_num, f"this is no CSV ({error})", "mend it there") from error
    grid = _grid(series)
    table = tuple(Series(key, tuple(_placed(told, grid))) for key, told in sorted(series.items()))
    known = {"time", *COUNTS, *OTHERS}
    return Table(grid, table), tuple(name for name in header if name not in known)


def _header(cells: list[str] | None) -> tuple[str, ...]:
    if not cells or not any(cells):
        raise BadTable(1, "the file is empty", "its first line names the columns")
    names = tuple(cell.strip().removeprefix("\ufeff").lower() for cell in cells)
    for sign, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and sign in names[0]:
            raise BadTable(1, f"columns are separated by {word}", "separate them by commas")
    double = next((name for name in names if names.count(name) > 1 and name), None)
    if double is not None:
        raise BadTable(1, f"two columns are called {double}", "rename one of them")
    if "time" not in names:
        near = next((name for name in ("day", "date", "timestamp", "start") if name in names), None)
        mend = f"rename {near}" if near else "add it: the start of each bucket, in UTC"
        raise BadTable(1, "there is no column time", mend)
    told = [name for name in ("n", "n_ok", "n_blocked") if name in names]
    if len(told) < 2:
        raise BadTable(
            1, "of n_ok, n_blocked and n, two are needed", "add n_ok and n_blocked, or n and one"
        )
    return names


def _series(rows: Iterable[tuple[int, list[str]]], names: Sequence[str]) -> dict[Key, _Told]:
    place = {name: number for number, name in enumerate(names)}
    key_of, row_of, start_of = _keys(place), _rows(place), _starts(place["time"])
    found: dict[Key, _Told] = {}
    width = len(names)
    for line, cells in rows:
        if not cells:
            continue
        if len(cells) != width:
            problem = f"it has {len(cells)} cells and the header {width}"
            raise BadTable(line, problem, "quote what has a comma in it, or fill in the line")
        start, key, row = start_of(cells, line), key_of(cells, line), row_of(cells, line)
        told = found.get(key)
        if told is None:
            told = found[key] = _Told()
        told.append((start, line, row))
    for told in found.values():
        _require_single(told)
    return found


def _require_single(told: _Told) -> None:
    told.sort(key=itemgetter(0, 1))
    for (start, line, _), (following, again, _) in pairwise(told):
        if start == following:
            problem = f"the same bucket of the same series is on line {line}"
            raise BadTable(again, problem, "leave one of them, or add the counts up")


def _grid(series: dict[Key, _Told]) -> Grid:
    starts = {start: line for told in series.values() for start, line, _ in told}
    try:
        grid = Grid.of(starts)
    except NoGrid as error:
        problem = f"these times are no starts of buckets: {error}"
        raise BadTable(min(starts.values()), problem, _ROUND) from error
    if grid.width % DAY:
        _require_one_hour(starts)
    elif grid.width > _WIDEST:
        return Grid(grid.first, DAY, (grid.length - 1) * grid.width // DAY + 1)
    return grid


def _require_one_hour(starts: Mapping[int, int]) -> None:
    """Raise BadTable for days that begin at different hours.

    Such a width is that of an oddity, a line of another file or a clock put forward, and cuts days
    into hours of which nearly all have no data.
    """
    days = len({start // DAY for start in starts})
    if len(starts) * _HARDLY < days * (_HARDLY + 1):
        line, (this, usual) = _odd_one(starts, DAY)
        problem = f"it starts at {this}, and most of the others, about one a day, at {usual}"
        raise BadTable(line, problem, _ROUND)


def _odd_one(starts: Mapping[int, int], period: int) -> tuple[int, tuple[str, str]]:
    """The first line that starts at another time of the period than most, and both times."""
    usual, _ = Counter(start % period for start in starts).most_common(1)[0]
    line, start = min((line, start) for start, line in starts.items() if start % period != usual)
    return line, (_clock(start % DAY), _clock(usual))


def _clock(seconds: int) -> str:
    return f"{seconds // _HOUR:02}:{seconds % _HOUR // 60:02}"


def _placed(told: _Told, grid: Grid) -> Iterator[Row]:
    for start, _, row in told:
        yield Row(grid.index(start), *row[1:])


def _starts(place: int) -> Callable[[Sequence[str], int], int]:
    known: dict[str, int] = {}

    def start_of(cells: Sequence[str], line: int) -> int:
        text = cells[place]
        start = known.get(text)
        if start is None:
            start = known[text] = _start(text.strip(), line)
        return start

    return start_of


def _start(text: str, line: int) -> int:
    mend = "write a day (2026-11-23) or RFC 3339 (2026-11-23T18:00:00Z), in UTC"
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadTable(line, f"time {text!r} can't be read", mend) from error
    if "-" not in text or moment.microsecond:
        raise BadTable(line, f"time {text!r} is no start of a bucket", mend)
    if moment.year not in _YEARS:
        raise BadTable(line, f"time {text!r} is of a year in which nobody measures", mend)
    return int(moment.timestamp())


def _keys(place: dict[str, int]) -> Callable[[Sequence[str], int], Key]:
    known: dict[tuple[str, ...], Key] = {}
    names = [name for name in ("country", "asn", "target", "probe") if name in place]
    places = [place[name] for name in names]

    def key_of(cells: Sequence[str], line: int) -> Key:
        texts = tuple([cells[at] for at in places])
        key = known.get(texts)
        if key is None:
            key = known[texts] = _key(dict(zip(names, texts, strict=True)), line)
        return key

    return key_of


def _key(told: dict[str, str], line: int) -> Key:
    country = told.get("country", "").strip().upper() or UNKNOWN_COUNTRY
    if len(country) != 2 or not country.isascii() or not country.isalpha():
        mend = "write the two letters of ISO 3166-1, or nothing for unknown"
        raise BadTable(line, f"country {told['country']!r} is none", mend)
    asn = told.get("asn", "").strip().upper().removeprefix("AS") or "0"
    number = _whole(asn, "asn", line)
    if number >= 2**32:
        raise BadTable(line, f"asn {asn} is none", "write a number below 4294967296")
    target, probe = (clean(told.get(name, "").strip()) for name in ("target", "probe"))
    return Key(country, number, target, probe)


def _rows(place: dict[str, int]) -> Callable[[Sequence[str], int], Row]:
    """How to read a row, with ``at`` still 0."""
    at = [place.get(name) for name in COUNTS]
    whole = place.get("n")
    missing = next((number for number, column in enumerate(at[:2]) if column is None), None)
    needed = [place[name] for name in ("n_ok", "n_blocked", "n") if name in place][:2]
    vantages, words = place.get("n_vantages"), (place.get("technique"), place.get("witness_id"))

    def number(cells: Sequence[str], column: int | None, line: int) -> int:
        if column is None:
            return 0
        text = cells[column]
        return (
            int(text)
            if text.isdigit() and text.isascii() and len(text) < 12
            else _odd(text, line, empty=0 if column not in needed else None)
        )

    def row_of(cells: Sequence[str], line: int) -> Row:
        counts = [number(cells, column, line) for column in at]
        looks = sum(counts)
        if whole is not None and (missing is not None or cells[whole].strip()):
            left = _left(number(cells, whole, line), looks, line)
            looks += left
            if missing is not None:
                counts[missing] = left
        seen = UNKNOWN
        if vantages is not None and cells[vantages].strip():
            seen = min(number(cells, vantages, line), looks)  # each of them made one at least
        technique, witness = ("" if w is None else clean(cells[w].strip()) for w in words)
        ok, blocked, throttled, down, inconclusive = counts
        return Row(0, ok, blocked, throttled, down, inconclusive, seen, technique, witness)

    return row_of


def _left(whole: int, told: int, line: int) -> int:
    """What is left of all looks beside those that are told; raises BadTable where it is less."""
    if told > whole:
        problem = f"n is {whole}, and the other counts add up to more"
        raise BadTable(line, problem, "n is the number of all looks of the bucket")
    return whole - told


def _odd(text: str, line: int, empty: int | None) -> int:
    """A count that is not written as plain digits."""
    if not text.strip():
        if empty is not None:
            return empty
        raise BadTable(line, "a count is missing", "write 0 for none; leave out what has no data")
    return _whole(text.strip(), "count", line)


def _whole(text: str, what: str, line: int) -> int:
    try:
        value = float(text)
        number = int(value)
    except (ValueError, OverflowError) as error:
        raise BadTable(line, f"{what} {text!r} is no number", "write whole numbers") from error
    if value != number or not 0 <= number < _LARGEST:
        raise BadTable(line, f"{what} {text} can't be", "write whole numbers from 0")
    return number
