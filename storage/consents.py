"""The consents a volunteer gave: to which text, how, and when."""

from datetime import datetime

import msgspec
from sqlalchemy import Engine, insert, select

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


class Consents:
    """The consents in one database; the last one counts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(
        self, text_version: str, text_sha256: str, language: str, how: str, now: datetime
    ) -> None:
        """Keep a consent given now; it is on disk when this returns."""
        given = Consent(
            text_version=text_version,
            text_sha256=text_sha256,
            language=language,
            how=how,
            recorded=now,
        )
        with writing(self._engine) as connection:
            connection.execute(insert(consents).values(msgspec.structs.asdict(given)))

    def latest(self) -> Consent | None:
        """The last consent given, or None."""
        newest = select(consents).order_by(consents.c.id.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(newest).mappings().first()
        if row is None:
            return None
        return Consent(**{name: row[name] for name in Consent.__struct_fields__})
