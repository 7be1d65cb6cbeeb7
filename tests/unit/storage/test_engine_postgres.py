"""What a server says, in our words; no server is needed for that."""

import re
from importlib import util
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from heliograph.extras import install
from storage import engine_postgres as room
from storage.engine_postgres import no_tables, open_server, server_error, shown
from storage.errors import CannotWrite, MissingDatabase, StorageError

URL = make_url("postgresql://me@db.example/results")


def told(raised: psycopg.Error, *, read_only: bool = False) -> StorageError | None:
    engine = open_server(URL, read_only=read_only)
    return server_error(engine, DBAPIError("", {}, raised))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "connection to server at x failed: Connection refused\n\tIs it running?",
            "can't be reached",
        ),
        ('failed: FATAL:  password authentication failed for user "me"', "refuses the password"),
        ("failed: fe_sendauth: no password supplied", "name a file .*password_file=FILE"),
        ('failed: FATAL:  role "me" does not exist', "knows no such role"),
        ('failed: FATAL:  database "results" does not exist', "no such database.*createdb"),
        ("failed: FATAL:  sorry, too many clients already", "no connection left"),
        ("failed: FATAL:  the database system is starting up", "is starting"),
        ("failed: SSL error: certificate verify failed", "not trusted"),
        ("server does not support SSL, but SSL was required", "agree on no encryption"),
    ],
)
def test_why_no_connection_came_about_is_one_line_with_a_mend(said: str, words: str) -> None:
    error = told(psycopg.OperationalError(said))
    with pytest.raises(StorageError, match=f"^postgresql://me@db.example/results: .*{words}"):
        raise error or AssertionError
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (errors.DiskFull("x"), CannotWrite, "disk is full"),
        (errors.TooManyConnections("x"), StorageError, "no connection left"),
        (errors.OutOfMemory("x"), StorageError, "short of means"),
        (
            errors.InsufficientPrivilege("permission denied\nHINT"),
            StorageError,
            "permission denied",
        ),
        (errors.ReadOnlySqlTransaction("x"), CannotWrite, "takes no changes"),
        (errors.SerializationFailure("x"), StorageError, "at the same time"),
        (errors.DeadlockDetected("x"), StorageError, "at the same time"),
        (errors.LockNotAvailable("x"), StorageError, "in use"),
        (errors.QueryCanceled("x"), StorageError, "gave up"),
        (errors.AdminShutdown("x"), StorageError, "stopping or starting"),
        (errors.ConnectionFailure("x"), StorageError, "connection to the server was lost"),
        (errors.IoError("x"), CannotWrite, "disk fails"),
        (errors.DataCorrupted("x"), StorageError, "backup"),
        (errors.IndexCorrupted("x"), StorageError, "REINDEX"),
    ],
)
def test_each_state_of_a_server_has_words_of_ours(
    raised: psycopg.Error, kind: type[StorageError], words: str
) -> None:
    error = told(raised)
    assert type(error) is kind
    assert words in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize("raised", [errors.SyntaxError("x"), errors.ForeignKeyViolation("x")])
def test_a_bug_of_ours_is_not_dressed_up(raised: psycopg.Error) -> None:
    assert told(raised) is None


def test_who_only_reads_and_writes_after_all_is_a_bug_of_ours() -> None:
    assert told(errors.ReadOnlySqlTransaction("x"), read_only=True) is None


def test_without_the_driver_the_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "find_spec", lambda name: util.find_spec(f"no_{name}"))
    with pytest.raises(StorageError, match=re.escape(install("collector"))):
        open_server(URL, read_only=True)


def test_a_password_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = tmp_path / "none"
    engine = open_server(URL.update_query_dict({"password_file": str(file)}), read_only=True)
    with pytest.raises(StorageError, match=f"{file}: the password file can't be read"):
        engine.connect()


def test_a_password_file_without_a_password_is_named(tmp_path: Path) -> None:
    file = tmp_path / "empty"
    file.write_text("\n", encoding="utf-8")
    engine = open_server(URL.update_query_dict({"password_file": str(file)}), read_only=True)
    with pytest.raises(StorageError, match=f"{file}: the password file is empty"):
        engine.connect()


def test_what_is_shown_of_a_url_holds_no_file_and_no_option_but_the_place() -> None:
    assert shown(URL.update_query_dict({"passfile": "/x", "host": "/s"})).endswith(
        "results?host=/s"
    )
    assert isinstance(no_tables(shown(URL)), MissingDatabase)
