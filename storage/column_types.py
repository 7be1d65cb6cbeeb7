"""Column types that carry our values over any engine unharmed: moments, hostile text, JSON text."""

import json
import re
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Integer, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage.errors import StorageError

ESCAPED = "\x1a"
"""SUBSTITUTE begins a text kept in escaped form; no text of ours begins with it otherwise."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff\\\\]")
_SHOWN = 40
_ESCAPE = re.compile(r"\\([0-9a-f]{4})")


def escape(text: str) -> str:
    """The text as every engine can keep it: unchanged, unless it holds NUL or lone surrogates."""
    if "\x00" not in text and not text.startswith(ESCAPED) and (text.isascii() or _is_utf8(text)):
        return text
    return ESCAPED + _UNSTORABLE.sub(lambda found: f"\\{ord(found[0]):04x}", text)


def unescape(text: str) -> str:
    """The text as it was before ``escape``."""
    if not text.startswith(ESCAPED):
        return text
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text[len(ESCAPED) :])


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def rfc3339(moment: datetime) -> str:
    """The moment in UTC as ``YYYY-MM-DDTHH:MM:SSZ``; raises ValueError for one without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def bytewise_text(length: int | None = None) -> String:
    """Text that is compared byte by byte on every engine, whatever language a server speaks."""
    if length is None:
        return Text().with_variant(Text(collation="C"), "postgresql")
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def whole() -> TypeEngine[int]:
    """A whole number of 64 bits with its sign, as SQLite keeps any; others may not be narrower."""
    return Integer().with_variant(BigInteger(), "postgresql")


class HostileText(TypeDecorator[str]):
    """Text from people and networks; NUL and lone surrogates come back as they went in."""

    impl = bytewise_text()
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else escape(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else unescape(value)


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC to the second, as RFC 3339 text; finer moments lose their fraction."""

    impl = bytewise_text(20)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else rfc3339(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        try:
            return None if value is None else datetime.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise _unlike("a time", value) from error


class JsonText(TypeDecorator[object]):
    """A JSON value as ASCII text, so that no engine rejects or rewrites what is inside."""

    impl = bytewise_text()
    cache_ok = True

    def process_bind_param(self, value: object | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return json.dumps(value, allow_nan=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> object | None:
        try:
            return None if value is None else json.loads(value)
        except (TypeError, ValueError) as error:
            raise _unlike("JSON", value) from error


def _unlike(what: str, value: object) -> StorageError:
    """A value that no Heliograph wrote there."""
    return StorageError(
        f"the database holds {str(value)[:_SHOWN]!r} where {what} belongs: it is damaged, or was"
        " altered"
    )
