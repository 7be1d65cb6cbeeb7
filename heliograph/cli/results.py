"""The ``results`` and ``db upgrade`` commands."""

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.filters import Filters
from heliograph.cli.output import print_json, print_table, say
from heliograph.cli.place import database
from heliograph.cli.table import print_csv
from storage.store import Store


def listing(db: str | None, filters: Filters, *, json: bool, csv: bool) -> None:
    """Print stored results, newest first."""
    if json and csv:
        raise Stop(ExitCode.USAGE, "--json or --csv, not both")
    query = filters.query()
    with Store.open_to_read(database(db)) as store:
        rows = list(store.rows(query))
    if csv:
        print_csv(rows)
        return
    if json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        say("nothing matches; leave out a filter, or make a measurement: heliograph run TARGET")
        return
    print_table(rows)
    if len(rows) == query.limit:
        say(f"the newest {len(rows)}; --limit shows more")
    say("'heliograph show ID' shows the evidence; the beginning of an id is enough")


def upgrade(db: str | None, *, json: bool) -> None:
    """Migrate the database and recreate its views."""
    from storage.schema import HEAD
    from storage.schema import upgrade as migrate

    location = database(db)
    migrate(location)
    if json:
        print_json({"kind": "database", "location": location, "schema": HEAD})
    else:
        say(f"{location} is at schema {HEAD}")
