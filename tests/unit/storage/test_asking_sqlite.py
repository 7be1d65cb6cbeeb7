"""A table of what is refused, in words, and of what must work; the limits hold."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.asking import shown
from storage.asking_sqlite import FUNCTIONS, answer
from storage.question import MEGABYTE, Answer, Limits, No, Question
from storage.tables import metadata
from storage.views import VIEWS
from tests.lab.planted import HOSTILE, plant

GUIDE = (Path(__file__).parents[3] / "docs" / "guide" / "query.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```sql\n(.*?)```", GUIDE, re.DOTALL)
PRIVATE = sorted(set(metadata.tables) | {"alembic_version", "sqlite_schema", "sqlite_master"})
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"

Ask = Callable[..., Answer | No]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("asked") / "r.sqlite"
    plant(path)
    return path


@pytest.fixture
def ask(place: Path) -> Ask:
    def asked(sql: str, **limits: float) -> Answer | No:
        granted = Limits(**{"seconds": 5.0, **limits})  # type: ignore[arg-type]
        return answer(
            Question(
                engine="sqlite",
                place=f"{place.as_uri()}?mode=ro",
                sql=sql,
                limits=granted,
                views=shown(),
            )
        )

    return asked


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("ATTACH 'other.sqlite' AS other", "ATTACH is refused"),
        ("DETACH main", "DETACH is refused"),
        ("PRAGMA journal_mode = DELETE", "PRAGMA is refused"),
        ("PRAGMA writable_schema = ON", "PRAGMA is refused"),
        ("PRAGMA query_only = OFF", "PRAGMA is refused"),
        ("VACUUM INTO 'copy.sqlite'", "VACUUM is refused"),
        ("BEGIN", "BEGIN is refused"),
        ("SAVEPOINT here", "SAVEPOINT is refused"),
        ("DELETE FROM steps", "DELETE is refused"),
        ("DROP VIEW api_v1_steps", "DROP is refused"),
        ("CREATE TEMP TABLE mine (x)", "CREATE is refused"),
        ("REINDEX", "REINDEX is refused"),
        ("ANALYZE", "ANALYZE is refused"),
        ("COPY steps TO 'steps.csv'", "COPY is refused"),
        (".import steps.csv steps", "this is refused"),
        ("WITH x AS (SELECT 1) INSERT INTO settings VALUES ('a', 'b')", "INSERT is refused"),
        ("WITH x AS (SELECT 1) UPDATE settings SET value = '9'", "UPDATE is refused"),
        ("WITH x AS (SELECT 1) DELETE FROM hits", "DELETE is refused"),
        ("EXPLAIN DELETE FROM steps", "DELETE is refused"),
        ("EXPLAIN ATTACH 'x' AS y", "ATTACH is refused"),
        ("SELECT load_extension('evil.so')", "the function load_extension is refused"),
        ("SELECT LOAD_extension('evil.so')", "the function load_extension is refused"),
        ("SELECT readfile('/etc/passwd')", "no such function: readfile"),
        ("SELECT writefile('x', 'y')", "no such function: writefile"),
        ("SELECT edit('x')", "no such function: edit"),
        ("SELECT fts3_tokenizer('simple')", "fts3_tokenizer"),
        ("SELECT zeroblob(1000000000)", "the function zeroblob is refused"),
        ("SELECT randomblob(1000000000)", "the function randomblob is refused"),
        ("SELECT sqlite_version()", "the function sqlite_version is refused"),
        ("SELECT * FROM pragma_table_info('consents')", "stands there for a table is refused"),
        ("SELECT count(*) FROM pragma_compile_options", "stands there for a table is refused"),
        ("SELECT * FROM pragma_query_only(0)", "refused"),
        ("SELECT name FROM dbstat", "refused"),
        ("SELECT 1; DELETE FROM steps", "several statements"),
        ("SELECT 1;;SELECT 2", "several statements"),
        ("SELECT 1 -- ;\n; DROP TABLE steps", "several statements"),
        ("-- SELECT 1\nDELETE FROM steps", "DELETE is refused"),
        ("/* SELECT 1 */ /**/ DELETE FROM steps", "DELETE is refused"),
        ("/* SELECT 1", "this is refused"),
        ("-- SELECT 1", "this is refused"),
        ("ＳＥＬＥＣＴ 1", "this is refused"),
        ("\u00a0SELECT 1", "this is refused"),
        ("\u200bDELETE FROM steps", "this is refused"),
        ("SELECT\u00a01", "can't be read"),
        ("\u0405ELECT 1", "this is refused"),
        ("SELECT 1\x00; DELETE FROM steps", "can't be read"),
        ("", "this is refused"),
        (";", "this is refused"),
        ("SELECT", "can't be read"),
        ("SELECT ?", "can't be read"),
        ("SELECT nowhere FROM api_v1_steps", "no such column: nowhere"),
        ("SELECT * FROM nowhere", "there is no nowhere; a question reads the views api_v1_daily,"),
        ("SELECT " + "(" * 500 + "1" + ")" * 500, "can't be read"),
        ("SELECT " + "1," * 60_000 + "1", "query string is too large"),
        (" UNION ALL ".join(["SELECT 1"] * 200), "too many terms"),
    ],
)
def test_what_is_no_question_is_refused_in_one_line(ask: Ask, sql: str, words: str) -> None:
    reply = ask(sql)

    assert isinstance(reply, No)
    assert words in reply.why
    assert "\n" not in reply.why
    assert len(reply.why) < 400


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM {}",
        "SELECT count(*) FROM {}",
        "SELECT count(*) FROM main.{}",
        'SELECT 1 FROM "{}" LIMIT 1',
        "SELECT 1 FROM api_v1_steps WHERE exists (SELECT 1 FROM {})",
        "SELECT (SELECT count(*) FROM {})",
        "SELECT 1 UNION ALL SELECT count(*) FROM {}",
        "WITH x AS (SELECT * FROM {}) SELECT * FROM x",
        "WITH x(n) AS (SELECT count(*) FROM {}) SELECT n FROM x",
        "SELECT * FROM (SELECT * FROM {}) AS api_v1_steps",
    ],
)
@pytest.mark.parametrize("table", ["consents", "hits", "runs", "sqlite_master"])
def test_a_table_no_view_shows_can_not_be_read_under_any_name(
    ask: Ask, sql: str, table: str
) -> None:
    reply = ask(sql.format(table))

    assert isinstance(reply, No), reply
    assert f"{table} is refused" in reply.why


def test_no_part_of_a_question_takes_the_name_of_a_view(ask: Ask) -> None:
    for sql in (
        "WITH api_v1_verdicts AS (SELECT * FROM settings) SELECT * FROM api_v1_verdicts",
        "WITH api_v1_steps(n) AS (SELECT count(*) FROM consents) SELECT n FROM api_v1_steps",
    ):
        reply = ask(sql)

        assert isinstance(reply, No), reply
        assert "no part of a question may take its name" in reply.why


@pytest.mark.parametrize("table", PRIVATE)
def test_no_table_can_be_read_beside_the_views(ask: Ask, table: str) -> None:
    assert isinstance(ask(f"SELECT * FROM {table}"), No)


@pytest.mark.parametrize(
    ("sql", "first"),
    [
        ("SELECT 1", (1,)),
        ("values (1, 'a', null)", (1, "a", None)),
        ("  /* a */ -- b\n\tselect 1", (1,)),
        ("SELECT 1;", (1,)),
        ("SELECT 1 AS x -- a comment", (1,)),
        ("SELECT count(*) FROM api_v1_steps", (len(HOSTILE),)),
        ("SELECT count(*) FROM main.api_v1_measurements", (len(HOSTILE),)),
        ('SELECT count(*) FROM "API_v1_Steps"', (len(HOSTILE),)),
        ("WITH x AS (SELECT 1) SELECT count(*) FROM x", (1,)),
        (f"{ENDLESS} SELECT max(i) FROM (SELECT i FROM n LIMIT 9)", (9,)),
        ("SELECT v.state FROM api_v1_verdicts v JOIN api_v1_steps s USING (measurement_id)"
         " WHERE state IS NOT NULL ORDER BY v.started LIMIT 1", ("blocked",)),
        ("SELECT count(*) FROM api_v1_verdicts a LEFT JOIN api_v1_verdicts_all b"
         " USING (measurement_id)", (len(HOSTILE),)),
        ("SELECT rank() OVER (PARTITION BY state ORDER BY started) FROM api_v1_verdicts", (1,)),
        ("SELECT json_extract(techniques, '$[0]') FROM api_v1_verdicts WHERE state = 'blocked'",
         ("tls.reset",)),
        ("SELECT techniques ->> 0 FROM api_v1_verdicts WHERE state = 'blocked'", ("tls.reset",)),
        ("SELECT value FROM api_v1_verdicts, json_each(techniques) LIMIT 1", ("tls.reset",)),
        ("SELECT group_concat(DISTINCT probe) FROM api_v1_verdicts", ("web",)),
        ("SELECT date(started) FROM api_v1_verdicts ORDER BY started", ("2026-11-01",)),
        ("SELECT host FROM api_v1_verdicts WHERE host LIKE '%14%'", ("site14.example",)),
        ("SELECT x'00ff', 1e999", ("00ff", float("inf"))),
        ("SELECT CAST(x'ff' AS TEXT)", ("\\xff",)),
        ("SELECT 'ü' || char(128512)", ("ü😀",)),
    ],
)  # fmt: skip
def test_what_a_researcher_asks_is_answered(ask: Ask, sql: str, first: tuple[object, ...]) -> None:
    reply = ask(sql)

    assert isinstance(reply, Answer), reply
    assert reply.rows[0] == first


def test_a_plan_can_be_asked_for(ask: Ask) -> None:
    reply = ask("EXPLAIN QUERY PLAN SELECT * FROM api_v1_verdicts WHERE host = 'a'")

    assert isinstance(reply, Answer)
    assert any("ix_measurements_target_host" in str(row) for row in reply.rows)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: str(view.name))
def test_every_column_of_every_view_can_be_read(ask: Ask, view: object) -> None:
    name, columns = view.name, tuple(view.comments)  # type: ignore[attr-defined]
    for reply in (ask(f"SELECT * FROM {name}"), ask(f"SELECT {', '.join(columns)} FROM {name}")):
        assert isinstance(reply, Answer), reply
        assert reply.columns == columns


@pytest.mark.parametrize("sql", EXAMPLES)
def test_the_questions_of_the_guide_are_answered(ask: Ask, sql: str) -> None:
    reply = ask(sql)

    assert isinstance(reply, Answer), reply
    assert len(set(reply.columns)) == len(reply.columns)


def test_the_guide_lists_every_function_that_may_be_used() -> None:
    assert set(re.findall(r"`([^`\s]+)`", GUIDE.split("where the SQLite at hand")[1])) >= FUNCTIONS
    assert len(EXAMPLES) >= 7


@pytest.mark.parametrize(
    "sql",
    [
        f"{ENDLESS} SELECT count(*) FROM n",
        f"{ENDLESS} SELECT i FROM n WHERE i < 0",
        "SELECT count(*) FROM api_v1_steps a, api_v1_steps b, api_v1_steps c, api_v1_steps d,"
        " api_v1_steps e, api_v1_steps f, api_v1_steps g, api_v1_steps h",
    ],
)
def test_what_never_ends_ends_when_its_time_is_over(ask: Ask, sql: str) -> None:
    reply = ask(sql, seconds=0.1)

    assert isinstance(reply, No)
    assert reply.too_much
    assert "longer than 0.1 s" in reply.why


def test_an_endless_answer_is_cut_and_says_so(ask: Ask) -> None:
    reply = ask(f"{ENDLESS} SELECT i FROM n", rows=3)

    assert reply == Answer(columns=("i",), rows=[(1,), (2,), (3,)], cut=True)
    assert ask("SELECT 1", rows=1) == Answer(columns=("1",), rows=[(1,)])


def test_a_text_longer_than_any_of_ours_is_not_made(ask: Ask) -> None:
    reply = ask("SELECT hex(printf('%.1900000c', 'x'))")

    assert isinstance(reply, No)
    assert "longer than 2 MB" in reply.why


def test_an_answer_is_no_larger_than_granted(ask: Ask) -> None:
    reply = ask(f"{ENDLESS} SELECT printf('%.100000c', 'x') FROM n", answer_bytes=MEGABYTE)

    assert isinstance(reply, No)
    assert reply.too_much
    assert "needs more than 1 MB" in reply.why


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_text("no database " * 100, encoding="utf-8")
    question = Question(
        engine="sqlite",
        place=f"{(tmp_path / 'x.sqlite').as_uri()}?mode=ro",
        sql="SELECT 1",
        limits=Limits(),
        views=shown(),
    )
    reply = answer(question)

    assert isinstance(reply, No)
    assert "not a database" in reply.why
    assert (reply.of_file, reply.too_much) == (True, False)


def test_nothing_was_changed_by_all_this(place: Path) -> None:
    with sqlite3.connect(place) as connection:
        assert connection.execute("SELECT count(*) FROM steps").fetchone() == (len(HOSTILE),)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
