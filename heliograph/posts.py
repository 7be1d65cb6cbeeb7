"""Lists of public pages and what they should hold: tables that ``heliograph.lists`` reads, with
columns of their own.

    url,expect,control_url,control_expect,note
    https://board.example/7,Five words of it,https://board.example/rules,Be kind,seen 2026-11-20

``selector`` and ``control_selector`` name elements instead, or those in which the words stand.
"""

from collections.abc import Iterator, Mapping, Sequence

from heliograph.categories import CATEGORIES
from heliograph.control import MOST_SOUGHT_CHARACTERS
from heliograph.detail import Sought
from heliograph.lists import (
    BadLine,
    Entry,
    ListError,
    TargetList,
    cells_of,
    is_passed_over,
    lines_of,
    read_list,
    records,
)
from heliograph.model import Target
from heliograph.plugin import Expectation
from heliograph.sought import fold, wrong_selector
from heliograph.url import BadTarget, parse_target
from heliograph.valid import is_address

HEADER = "url,expect,control_url,control_expect,note"
LEAST_WORDS = 4
"""So many characters at least say which words: fewer stand anywhere."""
_NEEDED = ("url", "expect", "control_url", "control_expect")
_KNOWN = frozenset({*_NEEDED, "selector", "control_selector", "category_code", "note"})
_NOTE_CHARACTERS = 1000


class _Wrong(ValueError):
    """What is wrong with a row, and what mends it."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.mend = mend


def read_any(data: bytes) -> TargetList:
    """A list of any kind; raises ListError when it can't be used at all."""
    lines = lines_of(data)
    start = next((at for at, line in enumerate(lines) if not is_passed_over(line)), len(lines))
    columns = _columns(lines, start)
    return read_list(data) if columns is None else _read(lines, start + 1, columns)


def _columns(lines: Sequence[str], start: int) -> dict[str, int] | None:
    """Where each column stands in a table of pages; None for a list of another kind."""
    line = lines[start] if start < len(lines) else ""
    names = [name.strip().lower() for name in cells_of(line) or ()]
    if "/" in line or "expect" not in names:
        return None
    for missing in (name for name in _NEEDED if name not in names):
        raise ListError(
            f"the first line has no column {missing}; it must be like {HEADER}", start + 1
        )
    for unknown in (name for name in names if name not in _KNOWN):
        raise ListError(
            f"the first line has a column {unknown[:40]!r} that means nothing here;"
            f" there are {', '.join(sorted(_KNOWN))}",
            start + 1,
        )
    return {name: at for at, name in reversed(list(enumerate(names)))}


def _read(lines: Sequence[str], start: int, columns: Mapping[str, int]) -> TargetList:
    entries: dict[str, Entry] = {}
    bad: list[BadLine] = []
    repeated = 0
    for found in _rows(lines, start, columns):
        if isinstance(found, BadLine):
            bad.append(found)
            continue
        first = entries.setdefault(found.target.url, found)
        if first is found:
            continue
        repeated += 1
        if first.expectation != found.expectation:
            bad.append(
                BadLine(
                    line=found.line,
                    text=found.target.input,
                    problem=f"other things are expected of it in line {first.line}",
                    mend="leave one of the lines out",
                )
            )
    return TargetList(entries=tuple(entries.values()), bad=tuple(bad), repeated=repeated)


def _rows(
    lines: Sequence[str], start: int, columns: Mapping[str, int]
) -> Iterator[Entry | BadLine]:
    for line, cells in records(lines, start):
        yield cells if isinstance(cells, BadLine) else _row(cells, line, columns)


def _row(cells: Sequence[str], line: int, columns: Mapping[str, int]) -> Entry | BadLine:
    def cell(name: str) -> str:
        at = columns.get(name, len(cells))
        return " ".join(cells[at].split()) if at < len(cells) else ""

    try:
        if len(cells) <= max(columns[name] for name in _NEEDED):
            raise _Wrong(f"has {len(cells)} of {len(columns)} columns", f"write {HEADER}")
        target, control = _target(cell("url"), "url"), _target(cell("control_url"), "control_url")
        return Entry(
            target=target,
            category=_category(cell("category_code").upper()),
            note=cell("note")[:_NOTE_CHARACTERS],
            expectation=_expectation(
                target,
                _sought(cell("expect"), cell("selector"), "expect"),
                control,
                _sought(cell("control_expect"), cell("control_selector"), "control_expect"),
            ),
            line=line,
        )
    except _Wrong as wrong:
        text = cell("url") or ",".join(cells)
        return BadLine(line=line, text=text, problem=wrong.problem, mend=wrong.mend)


def _target(text: str, column: str) -> Target:
    try:
        return parse_target(text)
    except BadTarget as error:
        problem, _, mend = f"{column}: {error}".rpartition("; ")
        raise _Wrong(problem or mend, mend if problem else "mend the URL") from error


def _category(code: str) -> str | None:
    if code and code not in CATEGORIES:
        known = ", ".join(CATEGORIES)
        raise _Wrong(f"category_code {code[:20]!r} is not known", f"use one of {known}, or none")
    return code or None


def _sought(text: str, selector: str, column: str) -> Sought:
    """What is expected, in words or as an element or both."""
    if not text and not selector:
        raise _Wrong(f"{column} is empty", "write words that stand on that page and on no other")
    if max(len(text), len(selector)) > MOST_SOUGHT_CHARACTERS:
        mend = f"a sentence of at most {MOST_SOUGHT_CHARACTERS} characters is enough"
        raise _Wrong(f"{column} is too long", mend)
    if text and not selector and len(fold(text)) < LEAST_WORDS:
        mend = f"write {LEAST_WORDS} characters or more, such that no other page holds them"
        raise _Wrong(f"{column} {text!r} may stand on any page", mend)
    wrong = wrong_selector(selector) if selector else None
    if wrong is not None:
        problem, _, mend = wrong.partition("; ")
        raise _Wrong(f"{column}: {problem}", mend)
    return Sought(text=text, selector=selector)


def _expectation(
    target: Target, sought: Sought, control: Target, control_sought: Sought
) -> Expectation:
    if control.url == target.url:
        raise _Wrong("control_url is the page itself", "choose another page of the same site")
    if _site(control.host) != _site(target.host):
        raise _Wrong(
            f"control_url is at {control.host}, which is another site than {target.host}",
            "choose another page of the same site",
        )
    if fold(sought.text) == fold(control_sought.text) and sought.selector == (
        control_sought.selector
    ):
        mend = "choose words that only one of the pages holds"
        raise _Wrong("the same is expected of both pages", mend)
    return Expectation(sought=sought, control=control, control_sought=control_sought)


def _site(host: str) -> str:
    """The last two labels: enough to notice a slip, and no more than that."""
    return host if is_address(host) else ".".join(host.split(".")[-2:])
