"""What others sent: each envelope all or nothing, each record once, however often it is sent."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Engine

from storage.append import append
from storage.engine import writing
from storage.imports import Judged, add
from storage.partitions import Partitions
from storage.records import refuse_unstorable
from storage.tables import receipts


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the records of one envelope."""

    new: int
    known: int
    """Those that came before, or were here already: nothing was changed for them."""


class Receipts:
    """What one database has received."""

    def __init__(self, engine: Engine, partitions: Partitions) -> None:
        self._engine = engine
        self._partitions = partitions

    def keep(
        self,
        envelope_hash: str,
        sent: Sequence[Judged],
        now: datetime,
        vantage: str | None = None,
    ) -> Received:
        """Keep the records of an envelope with their receipts, all or nothing.

        ``vantage`` is a pseudonym of the key it was signed with; nights count and weigh by it.

        A record that came before changes nothing, in whatever envelope, even if it was forgotten
        since. Raises StorageError, also for a record with a number no database can hold.
        """
        by_id = {one.measurement.id: one for one in sent}
        for one in by_id.values():
            refuse_unstorable(one.measurement)
        self._partitions.prepare(by_id)
        with writing(self._engine) as connection:
            # In one order always, so that two who bring the same never wait in a ring.
            unknown = [
                by_id[identity]
                for identity in sorted(by_id)
                if append(
                    connection,
                    receipts,
                    {
                        "id": identity,
                        "envelope_hash": envelope_hash,
                        "received_at": now,
                        "vantage": vantage,
                    },
                )
            ]
            new = add(connection, unknown)
        return Received(new=new, known=len(by_id) - new)
