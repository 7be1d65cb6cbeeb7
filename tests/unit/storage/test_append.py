"""Adding what may be there already."""

from storage.append import append, append_all
from storage.engine import open_engine, writing
from storage.schema import ensure
from storage.tables import settings


def test_the_same_key_twice_is_one_row_and_the_first_one_stays() -> None:
    engine = open_engine(":memory:")
    ensure(engine)
    with writing(engine) as connection:
        assert append(connection, settings, {"key": "k", "value": "1"})
        assert not append(connection, settings, {"key": "k", "value": "2"})
        assert connection.execute(settings.select()).all() == [("k", "1")]
    engine.dispose()


def test_of_many_rows_those_are_added_whose_key_is_free() -> None:
    engine = open_engine(":memory:")
    ensure(engine)
    with writing(engine) as connection:
        append(connection, settings, {"key": "k", "value": "1"})
        append_all(connection, settings, [{"key": key, "value": "2"} for key in ("a", "k", "a")])
        append_all(connection, settings, [])
        assert sorted(connection.execute(settings.select()).all()) == [("a", "2"), ("k", "1")]
    engine.dispose()
