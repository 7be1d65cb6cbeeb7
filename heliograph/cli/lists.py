"""The ``targets`` commands: what is in a list, what is wrong with it, and which packs ship."""

from collections import Counter

import msgspec

from heliograph.categories import CATEGORIES, words_of
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import print_json, say
from heliograph.cli.targets import bytes_of, packs, place_in, read_named
from heliograph.lists import BadLine, Entry, ListError, TargetList, read_list
from heliograph.text import for_terminal


class TargetRow(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="target"):
    """One entry of a list as listed."""

    url: str
    host: str
    category: str | None
    category_words: str
    sensitive: bool
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
    categories: dict[str, int]


def listing(name: str, categories: tuple[str, ...], *, json: bool) -> None:
    """Print what is in a list; raises Stop when a line of it is bad."""
    wanted = _codes(categories)
    found = read_named(name)
    for entry in found.entries:
        if wanted and entry.category not in wanted:
            continue
        row = _row(entry)
        if json:
            print_json(row)
        else:
            why = f"  {row.why}" if row.why else ""
            print(for_terminal(f"{row.category_words:26} {row.url}{why}"))
    if found.bad:
        raise Stop(
            ExitCode.BAD_INPUT,
            f"{name}: {_lines(len(found.bad))} left out;"
            f" 'heliograph targets validate {name}' names them",
        )


def validate(name: str, *, json: bool) -> None:
    """Name every bad line; raises Stop when there is one, or when there is no target at all."""
    try:
        found = read_list(bytes_of(name))
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


def packs_listing(*, json: bool) -> None:
    """Print every pack with its counts."""
    for name in packs():
        entries = read_named(name).entries
        counts = Counter(entry.category or "" for entry in entries)
        row = PackRow(
            name=name,
            targets=len(entries),
            sensitive=sum(n for code, n in counts.items() if CATEGORIES[code].sensitive),
            categories=dict(sorted(counts.items())),
        )
        if json:
            print_json(row)
            continue
        print(f"{name}  {row.targets} targets, {row.sensitive} of them sensitive")
        for code, count in counts.most_common():
            print(f"  {count:3}  {words_of(code)} ({code})")


def _codes(written: tuple[str, ...]) -> frozenset[str]:
    codes = [code.strip().upper() for text in written for code in text.split(",")]
    for code in codes:
        if code not in CATEGORIES:
            known = ", ".join(f"{c.code} ({c.words})" for c in CATEGORIES.values())
            raise Stop(ExitCode.USAGE, f"--category {code!r} is not one of {known}")
    return frozenset(codes)


def _row(entry: Entry) -> TargetRow:
    return TargetRow(
        url=entry.target.url,
        host=entry.target.host,
        category=entry.category,
        category_words=words_of(entry.category),
        sensitive=entry.category is not None and CATEGORIES[entry.category].sensitive,
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
