"""The consents a volunteer gave: to which text, how, when, for how long, and for what."""

from datetime import datetime

import msgspec
from sqlalchemy import Engine, RowMapping, insert, select, update

from storage.engine import reading, writing
from storage.tables import consents


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """One consent as it was given."""

    text_version: str
    text_sha256: str
    """Of the text as UTF-8, in hexadecimal."""
    language: str
    how: str
    recorded: datetime
    """UTC, whole seconds."""
    expires: datetime | None = None
    """UTC, whole seconds; None, which counts as over, in what schema 0001 recorded."""
    classes: tuple[str, ...] = ()
    """Risk classes of the probes agreed to."""
    categories: tuple[str, ...] = ()
    """Codes of the sensitive categories opted into."""
    withdrawn: datetime | None = None


class Consents:
    """The consents in one database; the last one counts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, given: Consent) -> None:
        """Keep a consent just given; it is on disk when this returns."""
        with writing(self._engine) as connection:
            connection.execute(insert(consents).values(msgspec.structs.asdict(given)))

    def latest(self) -> Consent | None:
        """The last consent given, or None."""
        newest = select(consents).order_by(consents.c.id.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(newest).mappings().first()
        return None if row is None else _consent(row)

    def every(self) -> list[Consent]:
        """Every consent given, oldest first."""
        in_order = select(consents).order_by(consents.c.id)
        with reading(self._engine) as connection:
            return [_consent(row) for row in connection.execute(in_order).mappings()]

    def withdraw(self, now: datetime) -> int:
        """Mark every consent that was not withdrawn yet, and return how many those are."""
        standing = update(consents).where(consents.c.withdrawn.is_(None)).values(withdrawn=now)
        with writing(self._engine) as connection:
            return connection.execute(standing).rowcount


def _consent(row: RowMapping) -> Consent:
    fields = {name: row[name] for name in Consent.__struct_fields__}
    fields["classes"] = tuple(row["classes"] or ())
    fields["categories"] = tuple(row["categories"] or ())
    return Consent(**fields)
