"""Where a database may be, and transactions over it."""

from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from storage.engine import is_server, location_of, open_engine, reading, writing
from storage.errors import StorageError


def test_a_url_and_a_path_are_the_same_place(made: Path) -> None:
    for location in (str(made), f"sqlite:///{made}", f"sqlite+pysqlite:///{made}"):
        engine = open_engine(location, read_only=True)
        assert location_of(engine) == str(made)
        engine.dispose()


@pytest.mark.parametrize("location", [":memory:", "sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_lives_as_long_as_its_engine(location: str) -> None:
    engine = open_engine(location)
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE t (x TEXT)")
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT * FROM t").all() == []
    engine.dispose()


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("", "no name"),
        ("postgresql+asyncpg://host/db", "is no driver we know"),
        ("postgresql://host", "names no database"),
        ("postgresql://host/db?passwordfile=x", r"password in the database URL"),
        (
            "postgresql://host/db?options=-c%20x",
            r"do not know \(options\); known are: password_file",
        ),
        ("postgresql://host/db?host=a&host=b", "the same twice"),
        ("mysql://host/db", "mysql is no database we know"),
        ("sqlite+aiosqlite:///a", "is no database we know"),
        ("://", "can't be read"),
        ("sqlite://host/a", "host or options"),
        ("sqlite:///a?mode=rw", "host or options"),
    ],
)
def test_other_locations_are_refused_in_one_line(location: str, words: str) -> None:
    with pytest.raises(StorageError, match=words) as caught:
        open_engine(location)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "location",
    [
        "postgresql://me:hunter2@host/db",
        "sqlite://me:hunter2@host/db",
        "postgresql://host/db?password=hunter2",
        "postgresql://host/db?sslpassword=hunter2",
        "postgresql://me:@host/db?x=hunter2",
        "postgresql://me:hunter2@host:port/db",
    ],
)
def test_a_password_is_refused_and_not_repeated(location: str) -> None:
    with pytest.raises(StorageError, match=r"password|can't be read") as caught:
        open_engine(location)
    assert "hunter2" not in str(caught.value)


def test_a_transaction_that_fails_leaves_nothing_its_tables_included(made: Path) -> None:
    engine = open_engine(str(made))

    def fail() -> None:
        with writing(engine) as connection:
            connection.exec_driver_sql("INSERT INTO t VALUES ('x')")
            connection.exec_driver_sql("CREATE TABLE u (x TEXT)")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT * FROM t").all() == []
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 1
    engine.dispose()


def test_a_bug_of_ours_is_not_dressed_up(made: Path) -> None:
    engine = open_engine(str(made))
    with pytest.raises(OperationalError), reading(engine) as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    engine.dispose()


def test_a_server_is_told_apart_and_shown_without_what_may_be_secret() -> None:
    options = "password_file=/run/s3cret&passfile=/root/.s3cret&sslrootcert=/s3cret&sslmode=require"
    server = open_engine(f"postgresql://me@db.example:5433/results?{options}")
    assert is_server(server)
    assert location_of(server) == "postgresql://me@db.example:5433/results"
    by_socket = open_engine("postgresql:///results?host=/run/socket&port=5433", read_only=True)
    assert location_of(by_socket) == "postgresql:///results?host=/run/socket&port=5433"
    assert not is_server(open_engine(":memory:"))
