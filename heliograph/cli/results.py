"""The ``results`` and ``db upgrade`` commands."""

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.output import print_json, print_table, say
from heliograph.cli.place import database
from heliograph.model import State
from storage.queries import RowQuery
from storage.store import Store


def listing(db: str | None, query: RowQuery, *, json: bool) -> None:
    """Print stored results, newest first."""
    with Store.open_to_read(database(db)) as store:
        rows = list(store.rows(query))
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


def state_named(text: str | None) -> State | None:
    """The state a user wrote, whatever its case; raises Stop."""
    if text is None:
        return None
    try:
        return State(text.lower())
    except ValueError as error:
        known = ", ".join(State)
        raise Stop(ExitCode.USAGE, f"--state {text!r} is not one of {known}") from error
