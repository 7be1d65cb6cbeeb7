"""``results --changes``: when what is said of a target became something else, and turned back."""

from collections.abc import Iterable, Iterator

import msgspec

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.filters import Filters, require_known
from heliograph.cli.output import print_json, say
from heliograph.cli.place import database, hint
from heliograph.model import State, VerdictRow
from heliograph.text import counted, for_terminal
from storage.store import Store

_Series = tuple[str, str, str, int]


class Change(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="change"):
    """One state after another, of one target by one probe from one network."""

    target: str
    probe: str
    country: str
    asn: int
    before: State
    after: State
    last_before: str
    """When the last look began that had the state before; RFC 3339."""
    first_after: str
    """When the first look began that had the new one: the change lies between the two."""
    returned: bool
    """Earlier looks had the new state as well: it was gone, and is back."""
    unsettled: int
    """Looks between the two that were inconclusive."""
    measurement_id: str
    """Of the first look that had the new state."""
    explanation: str | None


def changes(rows: Iterable[VerdictRow]) -> Iterator[Change]:
    """The changes in these looks, given in the order they were made; in that order, too.

    A look that is inconclusive changes nothing, and neither does one that was not made.
    """
    last: dict[_Series, VerdictRow] = {}
    known: dict[_Series, set[State]] = {}
    unsettled: dict[_Series, int] = {}
    for row in rows:
        series = (row.target, row.probe, row.country, row.asn)
        if row.state is None:
            continue
        if row.state is State.INCONCLUSIVE:
            unsettled[series] = unsettled.get(series, 0) + 1
            continue
        before = last.get(series)
        if before is not None and before.state not in {None, row.state}:
            yield _change(before, row, row.state in known[series], unsettled.get(series, 0))
        last[series] = row
        known.setdefault(series, set()).add(row.state)
        unsettled[series] = 0


def _change(before: VerdictRow, after: VerdictRow, returned: bool, unsettled: int) -> Change:
    assert before.state is not None
    assert after.state is not None
    return Change(
        target=after.target,
        probe=after.probe,
        country=after.country,
        asn=after.asn,
        before=before.state,
        after=after.state,
        last_before=before.started,
        first_after=after.started,
        returned=returned,
        unsettled=unsettled,
        measurement_id=after.measurement_id,
        explanation=after.explanation,
    )


def listing(db: str | None, filters: Filters, *, json: bool) -> None:
    """Print the newest changes in the looks the filters leave, newest first."""
    if filters.state or filters.technique:
        words = "--changes compares all states: leave out --state and --technique"
        raise Stop(ExitCode.USAGE, words)
    query = msgspec.structs.replace(filters.query(), limit=None)
    with Store.open_to_read(database(db)) as store:
        require_known(filters, store)
        rows = sorted(store.rows(query), key=lambda row: (row.started, row.measurement_id))
    found = list(changes(rows))[::-1]
    shown = found if filters.limit is None else found[: filters.limit]
    for change in shown:
        if json:
            print_json(change)
        else:
            print(for_terminal(in_words(change)))
    if not shown and not json:
        say(f"nothing changed in {counted(len(rows), 'look')}")
    if len(found) > len(shown):
        say(f"the newest {len(shown)}; older ones are left out, and --limit shows more")
    if shown and not json:
        say(f"the evidence of the first look in the new state: {hint('show ID', db)}")


def in_words(change: Change) -> str:
    """One line: when, what, where, and the look that shows it."""
    again = ", as it was before" if change.returned else ""
    between = f", {change.unsettled} inconclusive between" if change.unsettled else ""
    return (
        f"{change.first_after}  {change.target} ({change.probe}, {change.country} AS{change.asn}):"
        f" {change.before} -> {change.after}{again}"
        f" (last {change.before} {change.last_before}{between})  {change.measurement_id[:18]}"
    )
