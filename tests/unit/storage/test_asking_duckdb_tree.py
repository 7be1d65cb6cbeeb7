"""What DuckDB's own parser finds in a question is on a list, or the question is refused."""

import re
from pathlib import Path

import duckdb
import pytest

from storage.asking_duckdb_tree import (
    FUNCTIONS,
    OPERATORS,
    TABLES_MADE,
    TYPES,
    Refusal,
    guard,
)

VIEWS = {"api_v1_verdicts", "api_v1_steps"}


# fmt: off
# ruff: noqa: E501 - a question a line
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "VALUES (1, 'a', null)",
        "FROM_NOTHING",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
        "WITH x AS (SELECT 1 AS a), y AS (SELECT * FROM x) SELECT * FROM Y",
        'SELECT count(*) FROM main."API_v1_steps" AS s JOIN api_v1_verdicts USING (host)',
        "SELECT rank() OVER w, sum(x) FILTER (WHERE y) OVER (ORDER BY z) FROM api_v1_steps WINDOW w AS (ORDER BY a)",
        "SELECT CAST(a AS double precision), a::DECIMAL(9, 2), a::INT[], a LIKE 'x', a ~ 'b', -a, a || b FROM api_v1_steps",
        "SELECT * EXCLUDE (a) FROM (SELECT * FROM api_v1_steps) LIMIT 3 OFFSET 1",
        "SELECT x FROM api_v1_steps EXCEPT SELECT 1 ORDER BY ALL",
        "SELECT unnest(json_extract_string(rules, '$[*]')) AS rule FROM api_v1_verdicts",
        "SELECT i FROM range(9) AS r(i), json_each('[]')",
        "SELECT CASE WHEN a IN (1, 2) THEN [1][1] ELSE coalesce(b, 2) END FROM api_v1_steps GROUP BY ALL",
    ],
)
def test_what_only_reads_the_views_is_let_through(sql: str) -> None:
    guard(duckdb.connect(), sql.replace("FROM_NOTHING", "SELECT 'a' AS b"), VIEWS)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT * FROM settings", "settings is refused"),
        ("SELECT * FROM 'x.csv'", "x.csv is refused"),
        ("SELECT * FROM memory.main.api_v1_steps", "memory.main.api_v1_steps is refused"),
        ("SELECT * FROM temp.api_v1_steps", "temp.api_v1_steps is refused"),
        ("SELECT * FROM duckdb_settings", "duckdb_settings is refused"),
        ("WITH x AS (WITH sqlite_master AS (SELECT 1) SELECT 1) SELECT * FROM sqlite_master", "sqlite_master is refused"),
        ("WITH duckdb_tables AS (SELECT * FROM duckdb_tables) SELECT * FROM duckdb_tables", "duckdb_tables is refused"),
        ("WITH api_v1_Steps AS (SELECT 1) SELECT 1", "may take its name"),
        ("SELECT * FROM read_text('/etc/passwd')", "stands there for a table"),
        ("SELECT * FROM (SELECT * FROM glob('*'))", "stands there for a table"),
        ("SELECT * FROM query('SELECT 1')", "stands there for a table"),
        ("SELECT * FROM sniff_csv('x')", "stands there for a table"),
        ("SELECT current_setting('home_directory')", "function current_setting"),
        ("SELECT getvariable('x')", "function getvariable"),
        ("SELECT main.lower('x')", "function main.lower"),
        ("SELECT repeat('x', 9)", "function repeat"),
        ("SELECT list_transform([1], lambda x: x)", "refused"),
        ("SELECT json_execute_serialized_sql('x')", "refused"),
        ("SELECT 'x'::main.kind", "type kind is refused"),
        ("SELECT $1", "$1 is refused"),
        ("SELECT * FROM api_v1_steps PIVOT (sum(a) FOR b IN (1))", "PIVOT is refused"),
        ("SELECT * FROM (DESCRIBE api_v1_steps)", "SHOW is refused"),
        ("EXPLAIN SELECT 1", "EXPLAIN is refused"),
        ("EXPLAIN ANALYZE SELECT 1", "EXPLAIN is refused"),
        ("SELECT 1; SELECT 2", "several statements"),
        ("SELECT 1 FROM", "can't be read"),
        ("WITH x AS (INSERT INTO y VALUES (1)) SELECT 1", "refused|can't be read"),
        ("SELECT sum(1) OVER (ORDER BY (SELECT value FROM settings))", "settings is refused"),
        ("SELECT 1 LIMIT (SELECT a FROM settings)", "settings is refused"),
        ("SELECT " + "NOT " * 3000 + "true", "can't be read"),
    ],
)
def test_what_is_on_no_list_is_refused_in_one_line(sql: str, words: str) -> None:
    with pytest.raises(Refusal, match=words.replace("$", "[$]")) as refused:
        guard(duckdb.connect(), sql, VIEWS)

    assert "\n" not in str(refused.value)
# fmt: on


def test_no_function_reaches_beyond_what_it_is_given() -> None:
    beyond = ("read_", "duckdb_", "pragma_", "getenv", "query", "current_", "glob", "repeat", "pad")
    assert not [name for name in FUNCTIONS | TABLES_MADE if name.startswith(beyond)]


def test_the_guide_lists_all_that_may_be_used() -> None:
    guide = (Path(__file__).parents[3] / "docs/guide/query.md").read_text(encoding="utf-8")
    part = guide.partition("### An archive\n")[2].partition("\n## ")[0]

    assert set(re.findall(r"`([^`\s]+)`", part)) == FUNCTIONS | TABLES_MADE | OPERATORS | TYPES
