"""PostgreSQL's answer: a transaction that only reads, as a role that sees views alone, on a clock.

The question itself was read before by the server's own parser (``storage.asking_postgres_tree``).
The server works with its own memory: what one step may take of it is set, and how long it lasts;
one text can still grow to PostgreSQL's own 1 GB, so whoever runs the server bounds it, too.
"""

import time
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

import msgspec
import psycopg
from psycopg import adapt, postgres
from psycopg.types import numeric
from psycopg.types.bool import BoolLoader
from psycopg.types.string import ByteaLoader, StrDumper, TextLoader

from storage.asking_postgres_tree import Refusal, Statement, read
from storage.asking_rows import collect
from storage.asking_words import function_refused, unreadable
from storage.question import Answer, Limits, No, Question, too_large, too_slow

READER = "heliograph_reader"
"""The role that can read the views and nothing else; it answers where it is there for us."""

_SETTINGS = """
SET TRANSACTION READ ONLY;
SET LOCAL search_path = pg_catalog, public, pg_temp;
SET LOCAL standard_conforming_strings = on;
SET LOCAL work_mem = '16MB';
SET LOCAL hash_mem_multiplier = 1;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SET LOCAL lock_timeout = '1s';
SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL intervalstyle = 'iso_8601';
SET LOCAL timezone = 'UTC';
SET LOCAL extra_float_digits = 1;
"""
_FILES = """
SELECT set_config('temp_file_limit', '1GB', true)
FROM pg_roles WHERE rolname = current_user AND rolsuper
"""
"""Only a superuser may bound the server's temporary files."""
_IS_READER = """
SELECT 1 FROM pg_roles
WHERE rolname = '{role}' AND pg_has_role(current_user, oid, 'MEMBER')
  AND has_table_privilege(oid, 'public.api_v1_measurements', 'SELECT')
"""
_OF_A_ROW = """
SELECT min(proname) FROM pg_proc JOIN pg_type ON pg_type.oid = proargtypes[0]
WHERE proname IN (SELECT json_array_elements_text(%s::json))
  AND pronargs - pronargdefaults <= 1 AND typtype IN ('c', 'p')
"""
"""A function that takes a whole row (of a composite type, or a pseudo-type such as any)."""

_BATCH = 200
_LOADERS: dict[str, type[adapt.Loader]] = {
    "int2": numeric.IntLoader,
    "int4": numeric.IntLoader,
    "int8": numeric.IntLoader,
    "oid": numeric.IntLoader,
    "float4": numeric.FloatLoader,
    "float8": numeric.FloatLoader,
    "numeric": numeric.NumericLoader,
    "bool": BoolLoader,
    "bytea": ByteaLoader,
}
_OUT_OF_ROOM = ("53", "54")
_OF_THE_SERVER = ("08", "57P", "58", "XX001", "XX002")
"""Beginnings of SQLSTATE that are no question's fault."""


def answer(question: Question) -> Answer | No:
    """The answer of the database that ``place`` says how to reach, or why there is none."""
    try:
        statement = read(question.sql, question.views)
    except Refusal as error:
        return No(why=str(error))
    described = msgspec.json.decode(question.place, type=dict[str, str])
    try:
        with psycopg.connect(**described, context=_plain()) as connection:  # type: ignore[arg-type]
            return _answer(connection, statement, question.limits)
    except psycopg.Error as error:
        return _in_words(error, question.limits)
    except (UnicodeError, MemoryError):
        return too_large(question.limits)


def _plain() -> adapt.AdaptersMap:
    """Numbers as numbers, and every other type as the server writes it."""
    types = postgres.types
    plain = adapt.AdaptersMap(types=types)
    plain.register_dumper(str, StrDumper)
    plain.register_loader(0, TextLoader)
    for name, loader in _LOADERS.items():
        plain.register_loader(name, loader)
    return plain


def _answer(
    connection: "psycopg.Connection[Any]", statement: Statement, limits: Limits
) -> Answer | No:
    cursor = connection.cursor()
    cursor.execute(_SETTINGS)
    cursor.execute(_FILES)
    if cursor.execute(_IS_READER.format(role=READER)).fetchone():
        cursor.execute(f"SET LOCAL ROLE {READER}")
    ends = time.monotonic() + limits.seconds
    _allow(cursor, ends)
    if function := _of_a_row(cursor, statement.after_points):
        return No(why=function_refused(function))
    if statement.is_plan:
        cursor.execute(statement.sql.encode(), prepare=True)
        return collect(_columns(cursor), cursor, limits)
    # prepared: so sent, a text can't be more than one statement
    cursor.execute(b"DECLARE asked NO SCROLL CURSOR FOR " + statement.sql.encode(), prepare=True)
    fetched = _fetched(cursor, ends)
    first = next(fetched)
    reply = collect(_columns(cursor), _rows(first, fetched), limits)
    connection.rollback()
    return reply


def _of_a_row(cursor: "psycopg.Cursor[Any]", names: tuple[str, ...]) -> str:
    """The first of the names that row.name would call as a function, or nothing."""
    if not names:
        return ""
    found = cursor.execute(_OF_A_ROW, (msgspec.json.encode(names).decode(),)).fetchone()
    return "" if found is None or found[0] is None else str(found[0])


def _fetched(cursor: "psycopg.Cursor[Any]", ends: float) -> Iterator[list[Sequence[object]]]:
    """Batches of rows, the last one empty; each in what is left of the time."""
    while True:
        _allow(cursor, ends)
        yield cursor.execute(f"FETCH FORWARD {_BATCH} FROM asked").fetchall()


def _rows(
    first: list[Sequence[object]], others: Iterator[list[Sequence[object]]]
) -> Iterator[Sequence[object]]:
    batch = first
    while batch:
        yield from batch
        batch = next(others) if len(batch) == _BATCH else []


def _allow(cursor: "psycopg.Cursor[Any]", ends: float) -> None:
    """What is left of the time, for the next statement; no time left is a millisecond."""
    left = max(1, ceil((ends - time.monotonic()) * 1000))
    cursor.execute(f"SET LOCAL statement_timeout = {left}")


def _columns(cursor: "psycopg.Cursor[Any]") -> tuple[str, ...]:
    return tuple(column.name for column in cursor.description or ())


def _in_words(error: psycopg.Error, limits: Limits) -> No:
    state = error.sqlstate or ""
    told = error.diag.message_primary or str(error)
    if isinstance(error, psycopg.errors.QueryCanceled):
        return too_slow(limits)
    if state.startswith(_OUT_OF_ROOM) or "memory" in told:
        return too_large(limits)
    if not state or state.startswith(_OF_THE_SERVER):
        return No(why=f"the database can't be read: {' '.join(told.split())}", of_file=True)
    return No(why=unreadable(told))
