"""Where names were stopped lately: what one run notes, the next and those beside it read."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, func, or_, select
from sqlalchemy.dialects import sqlite

from heliograph.model import Hit
from storage.engine import reading, writing
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
    added = sqlite.insert(hits)
    later = added.on_conflict_do_update(
        index_elements=_KEY,
        set_={"stopped": func.max(hits.c.stopped, added.excluded.stopped)},
    )
    connection.execute(later, rows)
