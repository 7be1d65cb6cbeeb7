"""Where names were stopped lately: what one run notes, the next and those beside it read."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, func, or_, select

from heliograph.model import Hit
from storage.append import insert_into
from storage.engine import is_server, reading, writing
from storage.tables import hits

_KEY = (hits.c.asn, hits.c.address, hits.c.port, hits.c.name)


class Hits:
    """The cool-down ledger of one database; ``Store.save`` adds to it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def since(self, moment: datetime) -> list[Hit]:
        """Every name that was stopped then or later."""
        lately = select(hits).where(hits.c.stopped >= moment).order_by(hits.c.stopped, *_KEY)
        with reading(self._engine) as connection:
            return [Hit(**row) for row in connection.execute(lately).mappings()]

    def prune(self, now: datetime, kept: timedelta) -> None:
        """Drop what is older, and what a clock that was wrong put into the future."""
        over = or_(hits.c.stopped < now - kept, hits.c.stopped > now + kept)
        with reading(self._engine) as connection:
            any_over = connection.scalar(select(hits.c.name).where(over).limit(1))
        if any_over is not None:  # most runs find nothing, and need not wait for a writer
            with writing(self._engine) as connection:
                connection.execute(delete(hits).where(over))


def keep(connection: Connection, noted: Iterable[Hit]) -> None:
    """Add what was noted, within a transaction; the last time of a name at a place counts."""
    rows = [{name: getattr(hit, name) for name in Hit.__struct_fields__} for hit in noted]
    if not rows:
        return
    added = insert_into(connection, hits)
    latest = func.greatest if is_server(connection) else func.max
    later = added.on_conflict_do_update(
        index_elements=_KEY,
        set_={"stopped": latest(hits.c.stopped, added.excluded.stopped)},
    )
    # In one order always, so that two who note the same never wait for each other in a ring.
    connection.execute(later, sorted(rows, key=lambda row: [row[key.name] for key in _KEY]))
