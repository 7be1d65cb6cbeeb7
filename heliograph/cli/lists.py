"""The ``targets`` commands: what is in a list, what is wrong with it, and which packs ship."""

from collections import Counter
from pathlib import Path

import msgspec

from heliograph.categories import CATEGORIES, off, words_of
from heliograph.cli import country
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import print_json, say
from heliograph.cli.targets import bytes_of, packs, place_in, read_named
from heliograph.lists import BadLine, Entry, ListError, TargetList
from heliograph.posts import read_any
from heliograph.text import for_terminal


class TargetRow(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="target"):
    """One entry of a list as listed."""

    url: str
    host: str
    category: str | None
    category_words: str
    sensitive: bool
    """Off in every country until somebody opts in."""
    off: bool
    """Off here until somebody opts in, for that reason or for the risk in this country."""
    why: str


class BadRow(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="bad_line"):
    """One line that could not be used."""

    place: str
    line: int | None
    problem: str
    mend: str


class CountRow(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="summary"):
    """The last line of a validation."""

    good: int
    bad: int
    repeated: int


class PackRow(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="pack"):
    """One pack that ships."""

    name: str
    targets: int
    sensitive: int
    off: int
    categories: dict[str, int]


def listing(name: str, categories: tuple[str, ...], config: Path | None, *, json: bool) -> None:
    """Print what is in a list; raises Stop when a line of it is bad."""
    wanted = _codes(categories)
    found = read_named(name)
    codes = _off_here(config)
    rows = [_row(e, codes) for e in found.entries if not wanted or e.category in wanted]
    for row in rows:
        if json:
            print_json(row)
        else:
            why = f"  {row.why}" if row.why else ""
            mark = "off" if row.off else ""
            print(for_terminal(f"{mark:3} {row.category_words:26} {row.url}{why}"))
    if any(row.off for row in rows):
        say(
            "off: kinds of sites that a run skips here until you switch them on; it asks at a"
            " terminal. A site that you name yourself is looked at."
        )
    if wanted and not rows:
        say(_nothing_of(found, categories))
    if found.bad:
        raise Stop(
            ExitCode.BAD_INPUT,
            f"{name}: {_lines(len(found.bad))} left out;"
            f" 'heliograph targets validate {name}' names them",
        )


def validate(name: str, *, json: bool) -> None:
    """Name every bad line; raises Stop when there is one, or when there is no target at all."""
    try:
        found = read_any(bytes_of(name))
    except ListError as error:
        _print_bad(name, _whole(error), json=json)
        raise Stop(ExitCode.BAD_INPUT, f"{name}: can't be used") from error
    for bad in found.bad:
        _print_bad(name, bad, json=json)
    _sum_up(name, found, json=json)
    if found.bad:
        raise Stop(ExitCode.BAD_INPUT, f"{name}: {_lines(len(found.bad))}; mend what is named")
    if not found.entries:
        raise Stop(ExitCode.BAD_INPUT, f"{name}: holds no target; write one URL a line")


def packs_listing(config: Path | None, *, json: bool) -> None:
    """Print every pack with its counts."""
    codes = _off_here(config)
    for name in packs():
        entries = read_named(name).entries
        counts = Counter(entry.category or "" for entry in entries)
        row = PackRow(
            name=name,
            targets=len(entries),
            sensitive=sum(n for code, n in counts.items() if CATEGORIES[code].sensitive),
            off=sum(n for code, n in counts.items() if code in codes),
            categories=dict(sorted(counts.items())),
        )
        if json:
            print_json(row)
            continue
        print(f"{name}  {row.targets} targets, {row.off} of them of kinds that are off here")
        for code, count in counts.most_common():
            print(f"  {count:3}  {words_of(code)} ({code}){', off' if code in codes else ''}")


def _off_here(config: Path | None) -> frozenset[str]:
    """The kinds of sites that are off in the country that is set."""
    most_care = country.to_show(config).risk.tier.asks_for_most_care
    return frozenset(kind.code for kind in off(most_care=most_care))


def _nothing_of(found: TargetList, categories: tuple[str, ...]) -> str:
    if found.entries and all(entry.category is None for entry in found.entries):
        return "a plain list names no categories, so none of its targets can be told by one"
    return f"nothing in the list stands under {', '.join(categories)}"


def _codes(written: tuple[str, ...]) -> frozenset[str]:
    codes = [code.strip().upper() for text in written for code in text.split(",")]
    for code in codes:
        if code not in CATEGORIES:
            known = ", ".join(f"{c.code} ({c.words})" for c in CATEGORIES.values())
            raise Stop(ExitCode.USAGE, f"--category {code!r} is not one of {known}")
    return frozenset(codes)


def _row(entry: Entry, codes: frozenset[str]) -> TargetRow:
    return TargetRow(
        url=entry.target.url,
        host=entry.target.host,
        category=entry.category,
        category_words=words_of(entry.category),
        sensitive=entry.category is not None and CATEGORIES[entry.category].sensitive,
        off=entry.category in codes,
        why=entry.note,
    )


def _whole(error: ListError) -> BadLine:
    problem, _, mend = str(error).partition("; ")
    return BadLine(line=error.line or 0, text="", problem=problem, mend=mend)


def _print_bad(name: str, bad: BadLine, *, json: bool) -> None:
    place = place_in(name, bad.line or None)
    if json:
        print_json(BadRow(place=place, line=bad.line or None, problem=bad.problem, mend=bad.mend))
    else:
        print(for_terminal(f"{place}: {bad.message}"))


def _sum_up(name: str, found: TargetList, *, json: bool) -> None:
    counted = CountRow(good=len(found.entries), bad=len(found.bad), repeated=found.repeated)
    if json:
        print_json(counted)
    else:
        say(f"{name}: {counted.good} good, {counted.bad} bad, {counted.repeated} repeated")


def _lines(count: int) -> str:
    return f"{count} bad line{'' if count == 1 else 's'}"
