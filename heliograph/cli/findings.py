"""The ``findings detect`` command: counts from a file, findings on stdout."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from analysis.detection.detect import detect
from analysis.detection.reading import BadTable, read_table
from analysis.detection.series import Table
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import print_json, say
from heliograph.finding import Finding, FindingType
from heliograph.text import counted, for_terminal
from heliograph.valid import is_assigned

_SHOWN = 3
"""So many names in a cell; of more the number is told."""


def detect_in(file: Path, *, json: bool) -> None:
    """Print the findings in a file; raises Stop where it is missing or can't be understood."""
    table, unused = read_counts(file)
    if unused:
        say(f"columns not used: {', '.join(for_terminal(name) for name in unused)}")
    found = detect(table)
    if json:
        for one in found:
            print_json(one)
    else:
        print_table(found)
    say(_in_words(table, found))


def in_number(found: Sequence[Finding]) -> str:
    """How many there are, and how many of them are silences, which are no blocking."""
    silent = sum(one.type is FindingType.SILENCE for one in found)
    return counted(len(found), "finding") + (f" ({silent} of silence)" if silent else "")


def print_table(found: Sequence[Finding]) -> None:
    """Findings for people, on stdout; nothing of none."""
    if found:
        print("\n".join(_table(found)))


def read_counts(file: Path) -> tuple[Table, tuple[str, ...]]:
    """The table in a file, and the columns not used; raises Stop where there is none."""
    try:
        with _opened(file) as lines:
            table, unused = read_table(lines)
    except FileNotFoundError as error:
        raise Stop(ExitCode.INPUT_MISSING, f"{file}: there is no such file") from error
    except BadTable as error:
        raise Stop(ExitCode.BAD_INPUT, f"{file}: {error}") from error
    except UnicodeDecodeError as error:
        problem = f"{file}: this is no text in UTF-8 (byte {error.start}); save it as CSV, UTF-8"
        raise Stop(ExitCode.BAD_INPUT, problem) from error
    except OSError as error:
        raise Stop(ExitCode.INPUT_MISSING, f"{file}: {error.strerror}") from error
    _require_countries(table, file)
    return table, unused


def _require_countries(table: Table, file: Path) -> None:
    """Raise Stop for a code that is no country's: under another name it would be a second one.

    What is counted from a database keeps such codes, as they were published with its measurements.
    """
    country = next((s.key.country for s in table if not is_assigned(s.key.country)), None)
    if country is not None:
        raise Stop(
            ExitCode.BAD_INPUT,
            f"{file}: country {country} is no code of ISO 3166-1; write the country's own (GB for"
            " the United Kingdom), or nothing for unknown",
        )


@contextmanager
def _opened(file: Path) -> Iterator[TextIO]:
    if file == Path("-"):
        yield TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", newline="")
        return
    with file.open(encoding="utf-8-sig", newline="") as lines:
        yield lines


def _table(found: Sequence[Finding]) -> Iterator[str]:
    """A line for each, columns as wide as their widest cell, and its sentence below."""
    head = ("type", "onset", "end", "where", "target", "technique", "how sure")
    cells = [head, *(_cells(one) for one in found)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(head))]
    for row, one in zip(cells, (None, *found), strict=True):
        yield "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        if one is not None:
            yield f"    {for_terminal(one.explanation)}"


def _cells(one: Finding) -> tuple[str, ...]:
    return (
        one.type.value,
        _moment(one.onset),
        "goes on" if one.end is None else _moment(one.end),
        f"{one.country} {_few(tuple(f'AS{asn}' for asn in one.asns if asn), 'network')}".strip(),
        _few(one.targets, "target"),
        _few(one.techniques, "technique"),
        one.confidence_word.value,
    )


def _few(names: tuple[str, ...], noun: str) -> str:
    shown = [for_terminal(name) for name in names if name]
    return counted(len(shown), noun) if len(shown) > _SHOWN else " ".join(shown)


def _moment(text: str) -> str:
    return text.removesuffix("Z").removesuffix("T00:00:00").replace("T", " ")


def _in_words(table: Table, found: tuple[Finding, ...]) -> str:
    looked = f"{len(table.series)} series, {counted(table.grid.length, 'bucket')}"
    return f"{looked}: {in_number(found)}"
