"""The ``results`` and ``db upgrade`` commands."""

from collections.abc import Sequence
from datetime import datetime

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.filters import Filters, newest, require_known
from heliograph.cli.output import print_json, print_table, say
from heliograph.cli.place import database, hint
from heliograph.cli.table import print_csv
from heliograph.model import SURROUNDINGS, VerdictRow
from heliograph.text import counted
from storage.queries import RowQuery
from storage.store import Store


def listing(db: str | None, filters: Filters, *, json: bool, csv: bool) -> None:
    """Print stored results, newest first."""
    if json and csv:
        raise Stop(ExitCode.USAGE, "--json or --csv, not both")
    query = filters.query()
    with Store.open_to_read(database(db)) as store:
        require_known(filters, store)
        rows, cut = newest(store, query)
        around = 0 if json or csv else _around(store, query)
    if csv:
        print_csv(rows)
    elif json:
        for row in rows:
            print_json(row)
    else:
        _print_for_people(rows)
    if cut:
        say(f"the newest {len(rows)}; older ones are left out, and --limit shows more")
    if around:
        since = "" if query.since is None else f" --since {_as_typed(query.since)}"
        looks, words = counted(around, "look"), f"results --probe {SURROUNDINGS}{since}"
        say(f"and {looks} at the surroundings: {hint(words, db)}")
    if rows and not (json or csv):
        say(f"the evidence, by an id or its beginning: {hint('show ID', db)}")


def _print_for_people(rows: Sequence[VerdictRow]) -> None:
    if rows:
        print_table(rows)
    else:
        say("nothing matches; leave out a filter, or make a measurement: heliograph run TARGET")


def _as_typed(moment: datetime) -> str:
    """A moment in UTC as --since reads it; ``%Y`` would lose the noughts of an early year."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")


def _around(store: Store, query: RowQuery) -> int:
    """How many looks at the surroundings there are of that time; none is among the rows.

    With any other filter they are not asked for: they belong to no target.
    """
    of_that_time = RowQuery(since=query.since, limit=query.limit)
    if query != of_that_time:
        return 0
    return sum(1 for _ in store.rows(RowQuery(probes=(SURROUNDINGS,), since=query.since)))


def upgrade(db: str | None, *, json: bool) -> None:
    """Migrate the database and recreate its views."""
    from storage.readers import READERS, lacks_readers
    from storage.schema import HEAD
    from storage.schema import upgrade as migrate

    location = database(db)
    migrate(location)
    if json:
        print_json({"kind": "database", "location": location, "schema": HEAD})
    else:
        say(f"{location} is at schema {HEAD}")
    if lacks_readers(location):
        say(
            f"nobody but its owner can read it: this role may not make the group {READERS}; let an"
            f" administrator say 'CREATE ROLE {READERS} NOLOGIN', and run 'heliograph db upgrade'"
            " again (docs/guide/postgres.md)"
        )
