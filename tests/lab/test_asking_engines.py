"""What every engine refuses, in words; the limits that hold on each; the same answers from all."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from heliograph import door
from storage import asking_postgres
from storage.archive.writing import Archiving
from storage.asking import Asking, Refused
from storage.asking_postgres_tree import Statement
from storage.errors import StorageError
from storage.question import MEGABYTE, Answer, Limits, No
from tests.lab.asked_engines import (
    ENGINES,
    Ask,
    Rows,
    asks,
    reached,
    refill,
    rows_in,
    simple,
    three,
    to_file,
    to_server,
)
from tests.lab.asked_questions import MANY, ROW, filled
from tests.lab.planted import HOSTILE, plant
from tests.postgres_server import Server

GUIDE = (Path(__file__).parents[2] / "docs" / "guide" / "query.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```sql\n(.*?)```", GUIDE, re.DOTALL)
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
READS, TABLE = "a question only reads", "is refused"


@pytest.fixture(scope="module")
def url(postgres: Server) -> str:
    """A real database of ours on a server."""
    database = postgres.new_database()
    plant(postgres.url(database))
    return postgres.url(database)


@pytest.fixture(scope="module")
def engines(
    url: str, postgres: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Ask]]:
    folder = tmp_path_factory.mktemp("asked")
    plant(folder / "r.sqlite")
    database = url.partition("@/")[2].partition("?")[0]
    yield three(
        rows_in(folder / "r.sqlite"),
        folder / "r.sqlite",
        reached(postgres, database),
        folder / "archive",
    )
    assert sorted(path.name for path in folder.iterdir()) == ["archive", "r.sqlite"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("sql", "words"),
    [
        # to write, and to make files
        ("ATTACH 'other.sqlite' AS other", READS),
        ("DETACH main", READS),
        ("COPY api_v1_steps TO 'out.csv'", READS),
        ("COPY (SELECT 1) TO PROGRAM 'id'", READS),
        ("EXPORT DATABASE 'out'", READS),
        ("IMPORT DATABASE 'out'", READS),
        ("VACUUM", READS),
        ("DROP VIEW api_v1_steps", READS),
        ("CREATE TEMP TABLE mine AS SELECT 1", READS),
        ("CREATE MACRO f(a) AS a", READS),
        ("DELETE FROM steps", READS),
        ("TRUNCATE settings", READS),
        ("MERGE INTO settings USING settings s ON true WHEN MATCHED THEN DELETE", READS),
        ("CREATE SECRET s (TYPE s3)", READS),
        ("SELECT 1 INTO mine", ""),
        ("SELECT 1 FROM api_v1_steps FOR UPDATE", ""),
        ("WITH x AS (DELETE FROM settings RETURNING 1) SELECT * FROM x", ""),
        ("WITH x AS (SELECT 1) INSERT INTO settings VALUES ('a')", ""),
        ("EXPLAIN ANALYZE DELETE FROM settings", ""),
        ("EXPLAIN DELETE FROM settings", ""),
        # to change how the engine is set, or what it can do
        ("PRAGMA journal_mode = DELETE", READS),
        ("SET lock_configuration = false", READS),
        ("SET ROLE postgres", READS),
        ("RESET ALL", READS),
        ("SHOW all", READS),
        ("LOAD 'evil.so'", READS),
        ("INSTALL httpfs", READS),
        ("CALL pragma_version()", READS),
        ("DO $$ BEGIN END $$", READS),
        ("BEGIN", READS),
        ("USE main", READS),
        ("COMMIT", READS),
        ("LISTEN x", READS),
        ("FETCH ALL FROM asked", READS),
        ("PREPARE p AS SELECT 1", READS),
        ("FROM settings", READS),
        ("SELECT load_extension('evil.so')", "the function load_extension is refused"),
        ("SELECT set_config('statement_timeout', '0', false)", ""),
        ("SELECT current_setting('data_directory')", ""),
        ("SELECT getenv('HOME')", ""),
        ("SELECT getvariable('a')", ""),
        # to read files, the server, other tables
        ("SELECT readfile('/etc/passwd')", ""),
        ("SELECT pg_read_file('/etc/passwd')", ""),
        ("SELECT lo_import('/etc/passwd')", ""),
        ("SELECT * FROM read_csv('/etc/passwd')", ""),
        ("SELECT * FROM read_parquet('x')", ""),
        ("SELECT * FROM read_text('/etc/passwd')", ""),
        ("SELECT * FROM glob('/*')", ""),
        ("SELECT * FROM '/etc/passwd'", ""),
        ('SELECT * FROM "/etc/passwd"', ""),
        ("SELECT * FROM pg_ls_dir('.')", ""),
        ("SELECT * FROM dblink('', 'SELECT 1') AS t(a int)", ""),
        ("SELECT query_to_xml('SELECT 1 FROM settings', true, true, '')", ""),
        ("SELECT * FROM query('SELECT 1')", ""),
        ("SELECT * FROM query_table('settings')", ""),
        ("SELECT * FROM duckdb_settings()", ""),
        ("SELECT * FROM pragma_table_info('settings')", ""),
        ("SELECT * FROM sqlite_master", TABLE),
        ("SELECT * FROM pg_authid", ""),
        ("SELECT * FROM pg_catalog.pg_class", ""),
        ("SELECT * FROM information_schema.tables", ""),
        ("SELECT * FROM settings", "settings is refused"),
        ("SELECT count(*) FROM consents", "consents is refused"),
        ('SELECT * FROM "settings"', "settings is refused"),
        ("SELECT value FROM settings AS api_v1_steps", "settings is refused"),
        ("SELECT * FROM (SELECT value FROM settings) AS api_v1_steps", "settings is refused"),
        ("SELECT 'a' IN (SELECT value FROM settings)", "settings is refused"),
        ("SELECT (SELECT value FROM settings)", "settings is refused"),
        ("SELECT 1 FROM api_v1_steps WHERE EXISTS (SELECT 1 FROM consents)", "consents is refused"),
        ("SELECT 1 ORDER BY (SELECT value FROM settings)", "settings is refused"),
        ("SELECT 1 LIMIT (SELECT length(value) FROM settings)", "settings is refused"),
        ("VALUES ((SELECT value FROM settings))", "settings is refused"),
        ("SELECT sum(1) OVER (ORDER BY (SELECT value FROM settings))", "settings is refused"),
        ("SELECT 1 UNION SELECT value FROM settings", "settings is refused"),
        ("SELECT 1 FROM api_v1_steps JOIN consents ON true", "consents is refused"),
        ("WITH settings AS (SELECT * FROM settings) SELECT * FROM settings", ""),
        (
            "WITH x AS (WITH settings AS (SELECT 1) SELECT * FROM settings)"
            " SELECT value FROM settings",
            "settings",
        ),
        ("WITH api_v1_steps AS (SELECT 1) SELECT 1 FROM api_v1_steps", "may take its name"),
        ("SELECT * FROM json_each((SELECT value FROM settings))", ""),
        ("SELECT 1 FROM api_v1_steps, LATERAL (SELECT * FROM settings) AS q", ""),
        ("SELECT * FROM temp.settings", ""),
        ("SELECT * FROM sqlite_dbpage", ""),
        ("SELECT * FROM fsdir('/')", ""),
        ("SELECT writefile('out', 'a')", ""),
        ("SELECT * FROM json_execute_serialized_sql('x')", ""),
        ("SELECT s.row_to_json FROM api_v1_steps AS s", ""),
        ("SELECT {'a': (SELECT value FROM settings)}", ""),
        ("SELECT 'x'::pg_lsn", ""),
        ("SELECT inet_server_addr()", ""),
        ("SELECT version()", ""),
        ("SELECT * FROM other.api_v1_steps", ""),
        ("SELECT lower('a'), pg_sleep(9)", ""),
        ("SELECT nextval('s')", ""),
        ("SELECT 'settings'::regclass", ""),
        ("SELECT CAST('postgres' AS regrole)", ""),
        # to be more than one question, or none
        ("SELECT 1; DELETE FROM settings", "several statements"),
        ("SELECT 1 -- ;\n; SELECT 2", "several statements"),
        ("SELECT 1\x00; DELETE FROM settings", "can't be read"),
        ("", "this is refused"),
        ("SELECT", "can't be read"),
        ("SELECT nowhere FROM api_v1_steps", "can't be read"),
        ("SELECT " + "NOT " * 3000 + "true", "can't be read"),
        ("SELECT " + "1," * 60_000 + "1", "can't be read"),
    ],
    ids=lambda value: str(value)[:40].encode("unicode_escape").decode(),
)  # fmt: skip
def test_no_engine_does_more_than_read_the_views(
    engines: dict[str, Ask], engine: str, sql: str, words: str
) -> None:
    if words == "settings" and engine == "sqlite":
        words = "settings is refused"
    reply = engines[engine](sql)

    if isinstance(reply, Answer):  # a cast that means nothing to this engine
        assert (engine, sql[:11]) == ("sqlite", "SELECT CAST")
        return
    assert words in reply.why, reply.why
    assert not reply.of_file
    assert "\n" not in reply.why
    assert len(reply.why) < 400


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "sql",
    [
        f"{ENDLESS} SELECT count(*) FROM n",
        f"{ENDLESS} SELECT i FROM n WHERE i < 0",
        "SELECT count(*) FROM api_v1_steps a, api_v1_steps b, api_v1_steps c, api_v1_steps d,"
        " api_v1_steps e, api_v1_steps f, api_v1_steps g, api_v1_steps h, api_v1_steps i",
    ],
    ids=["counted", "never", "crossed"],
)
def test_what_never_ends_ends_when_its_time_is_over(
    engines: dict[str, Ask], engine: str, sql: str
) -> None:
    reply = engines[engine](sql, seconds=0.1)

    assert isinstance(reply, No)
    assert reply.too_much
    assert "longer than 0.1 s" in reply.why


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_and_bytes_are_bounded(engines: dict[str, Ask], engine: str) -> None:
    ask = engines[engine]

    assert ask(f"{ENDLESS} SELECT i FROM n", rows=3) == Answer(
        columns=("i",), rows=[(1,), (2,), (3,)], cut=True
    )
    assert ask("SELECT 1 AS i", rows=1) == Answer(columns=("i",), rows=[(1,)])
    long = "replace(replace('xxxxxxxxxx', 'x', '" + "y" * 100 + "'), 'y', '" + "z" * 100 + "')"
    reply = ask(f"{ENDLESS} SELECT {long} AS t FROM n", answer_bytes=MEGABYTE)
    assert isinstance(reply, No)
    assert reply.too_much
    assert "needs more than 1 MB" in reply.why


@pytest.mark.parametrize("engine", ENGINES)
def test_a_text_that_grows_without_end_is_stopped(engines: dict[str, Ask], engine: str) -> None:
    grown = "WITH RECURSIVE n(t) AS (SELECT 'xxxxxxxx' UNION ALL SELECT t || t FROM n)"
    reply = engines[engine](f"{grown} SELECT max(length(t)) FROM n", seconds=0.5)

    assert isinstance(reply, No)
    assert reply.too_much


# A server, asked by a process of its own


def test_a_server_answers_as_a_role_that_sees_the_views_alone(url: str) -> None:
    with Asking(url) as asking:
        answer = asking.ask("SELECT count(*) AS n FROM api_v1_steps", Limits(seconds=10))
        with pytest.raises(Refused, match="consents is refused"):
            asking.ask("SELECT * FROM consents", Limits(seconds=10))
    with pytest.raises(StorageError, match="is closed"):
        asking.ask("SELECT 1", Limits())

    assert (answer.columns, answer.rows) == (("n",), [(len(HOSTILE),)])


def test_behind_the_guard_the_server_itself_lets_nothing_through(
    url: str, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each wall alone: here no question is read before it is put to the server."""
    monkeypatch.setattr(
        asking_postgres, "read", lambda sql, _: Statement(sql, is_plan=sql.startswith("EXPLAIN"))
    )
    described = reached(postgres, url.partition("@/")[2].partition("?")[0])
    ask = asks("postgresql", msgspec.json.encode(described).decode())
    for sql, words in (
        ("SELECT * FROM consents", "permission denied for table consents"),
        ("SELECT pg_read_file('/etc/passwd')", "permission denied for function"),
        ("SELECT 1; DROP VIEW api_v1_steps", "cannot insert multiple commands"),
        ("EXPLAIN ANALYZE CREATE TABLE mine AS SELECT 1", "permission denied"),
        ("SELECT lo_import('/etc/passwd')", "denied"),
    ):
        reply = ask(sql)
        assert isinstance(reply, No), (sql, reply)
        assert words in reply.why, (sql, reply)


def test_an_archive_is_asked_by_a_process_of_its_own(tmp_path: Path) -> None:
    plant(tmp_path / "r.sqlite")
    archive = tmp_path / "archive"
    archive.mkdir()
    list(Archiving(str(tmp_path / "r.sqlite"), archive).days())
    with door.open(archive) as opened:
        rows = opened.query("SELECT count(*) AS n, max(started) AS last FROM api_v1_verdicts")
        with pytest.raises(Refused, match="settings is refused"):
            opened.query("SELECT * FROM settings")

    assert rows.rows == [(len(HOSTILE), "2026-11-15T12:00:00Z")]


def test_the_door_opens_a_server(url: str) -> None:
    with door.open(url) as opened:
        rows = opened.query("SELECT sum(asn) AS s FROM api_v1_verdicts WHERE state = 'ok'")

    assert rows.rows == [(64500 * sum(n % 2 for n in range(len(HOSTILE)) if n != 13),)]


# The same answers


def sorted_rows(
    reply: Answer | No, cell: Callable[[object], object] = lambda cell: cell
) -> list[tuple[object, ...]]:
    assert isinstance(reply, Answer), reply
    return sorted((tuple(map(cell, row)) for row in reply.rows), key=repr)


@pytest.mark.parametrize("sql", EXAMPLES[:-1], ids=range(len(EXAMPLES) - 1))
def test_each_question_of_the_guide_has_one_answer(engines: dict[str, Ask], sql: str) -> None:
    replies = {engine: ask(sql) for engine, ask in engines.items()}

    first = replies["sqlite"]
    assert isinstance(first, Answer)
    for reply in replies.values():
        assert isinstance(reply, Answer), reply
        assert reply.columns == first.columns
        assert sorted_rows(reply) == sorted_rows(first)


_NUMBERS = """
7 / 2 | -7 / 2 | 7 % 3 | -7 % 3 | 7 / nullif(0, 0) | abs(-3) | 1.5 * 2 | 3 - 1 + 4 * 2
sum(asn) | sum(port - 400) | avg(port) | min(started) | max(asn) | count(*) | count(DISTINCT host)
count(reason) | sum(seconds) | sum(CASE WHEN host LIKE 'site%' THEN 1 ELSE 0 END) | avg(hop)
min(host) | max(host) | coalesce(max(sni), 'none') | CAST(sum(hop) AS double precision) / 2
CAST(sum(asn) AS text) | CAST(min('12') AS bigint) | CAST(count(*) AS double precision) / 2
"""
_TEXTS = """
lower(input) | upper(host) | length(input) | replace(host, 'site', 'x') | host || ':' || target
nullif(host, 'site2.example') | coalesce(reason, 'none') | substr(host, 1, 4) | trim(input)
CASE WHEN host = 'site1.example' THEN 'one' ELSE 'more' END | state IS NULL | state IS NOT NULL
host LIKE 'site1%' | lower(input) LIKE '%sum%' | host IN ('site1.example')
host BETWEEN 'a' AND 'site4'
state <> 'ok' | NOT (host = 'a') | asn = 64500 AND port > 1 | reason || 'x' | host < input
CAST(port AS text) | CAST(port AS double precision)
row_number() OVER (ORDER BY measurement_id) | rank() OVER (ORDER BY state NULLS FIRST)
lag(host) OVER (ORDER BY measurement_id) | lead(host) OVER (ORDER BY measurement_id)
first_value(host) OVER (PARTITION BY state ORDER BY measurement_id)
sum(port) OVER (PARTITION BY state) | count(*) OVER (PARTITION BY state)
"""


def portable(listed: str) -> list[str]:
    return [one.strip() for line in listed.strip().splitlines() for one in line.split(" | ")]


def same(engines: dict[str, Ask], sql: str) -> None:
    """Names, values and types, and the order, are the same on every engine."""
    replies = {engine: ask(sql) for engine, ask in engines.items()}
    first = replies["sqlite"]
    assert isinstance(first, Answer), first
    for engine, reply in replies.items():
        assert isinstance(reply, Answer), (engine, reply)
        assert reply.columns == first.columns
        assert [tuple(map(typed, row)) for row in reply.rows] == [
            tuple(map(typed, row)) for row in first.rows
        ], (engine, sql)


def typed(cell: object) -> tuple[str, object]:
    """A number with a point is the same to 12 digits: engines add in their own order."""
    return type(cell).__name__, float(f"{cell:.12g}") if isinstance(cell, float) else cell


def test_what_calculates_over_all_rows_is_the_same_on_every_engine(
    engines: dict[str, Ask],
) -> None:
    listed = ", ".join(f"{one} AS c{n}" for n, one in enumerate(portable(_NUMBERS)))
    both = "api_v1_steps AS s JOIN (SELECT measurement_id, reason FROM api_v1_measurements) AS m"
    same(engines, f"SELECT {listed} FROM {both} USING (measurement_id)")


@pytest.mark.parametrize("part", ["", "WHERE state = 'blocked'"])
def test_what_calculates_row_by_row_is_the_same_on_every_engine(
    engines: dict[str, Ask], part: str
) -> None:
    listed = ", ".join(f"{one} AS c{n}" for n, one in enumerate(portable(_TEXTS)))
    rows = (
        "(SELECT v.*, m.port FROM api_v1_verdicts AS v JOIN api_v1_measurements AS m"
        f" ON m.measurement_id = v.measurement_id {part.replace('state', 'v.state')}) AS r"
    )
    same(engines, f"SELECT {listed} FROM {rows} ORDER BY measurement_id")


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9)"
        " SELECT i, i * i AS square FROM n ORDER BY i LIMIT 5 OFFSET 2",
        "SELECT state, count(*) AS n FROM api_v1_verdicts GROUP BY state HAVING count(*) > 1"
        " ORDER BY n DESC, state NULLS LAST",
        "SELECT host FROM api_v1_verdicts UNION SELECT 'none' ORDER BY host",
        "SELECT host FROM api_v1_verdicts EXCEPT SELECT host FROM api_v1_verdicts"
        " WHERE state = 'ok' ORDER BY host DESC",
        "SELECT host FROM api_v1_verdicts INTERSECT SELECT target_host FROM api_v1_steps"
        " ORDER BY 1",
        "SELECT input FROM api_v1_verdicts ORDER BY input",
        "SELECT v.host, s.failure FROM api_v1_verdicts AS v LEFT JOIN api_v1_steps AS s"
        " ON s.measurement_id = v.measurement_id AND s.failure IS NOT NULL ORDER BY v.started",
        "SELECT host FROM api_v1_verdicts AS v WHERE EXISTS (SELECT 1 FROM api_v1_steps AS s"
        " WHERE s.measurement_id = v.measurement_id) AND asn NOT IN (SELECT 1) ORDER BY host",
        "SELECT sum(asn) AS s, max(host) AS h, count(*) AS n FROM api_v1_verdicts WHERE asn < 0",
        "SELECT DISTINCT state, asn FROM api_v1_verdicts ORDER BY state NULLS FIRST, asn",
    ],
)
def test_what_is_said_to_be_the_same_everywhere_is(engines: dict[str, Ask], sql: str) -> None:
    same(engines, sql)


# Any question at all of the portable kind, over any rows


@pytest.fixture(scope="module")
def filling(
    postgres: Server, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Rows], dict[str, Ask]]:
    """Three engines whose rows can be others from question to question."""
    folder = tmp_path_factory.mktemp("filled")
    path, none = folder / "r.sqlite", filled([])
    to_file(path, none)
    server = to_server(postgres, none)
    engines = three(none, path, server, folder / "archive")
    engines["sqlite"] = asks("sqlite", path.as_uri(), simple())

    def fill(rows: Rows) -> dict[str, Ask]:
        refill(rows, path, server, folder / "archive")
        return engines

    return fill


@given(rows=st.lists(ROW, max_size=12), questions=MANY)
@settings(max_examples=6, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_any_portable_question_has_one_answer_over_any_rows(
    filling: Callable[[Rows], dict[str, Ask]],
    rows: list[tuple[object, ...]],
    questions: list[str],
) -> None:
    engines = filling(filled(rows))
    for sql in questions:
        replies = {engine: ask(sql) for engine, ask in engines.items()}
        answers = {e: sorted_rows(reply, typed) for e, reply in replies.items()}
        assert answers["postgresql"] == answers["sqlite"], sql
        assert answers["duckdb"] == answers["sqlite"], sql
