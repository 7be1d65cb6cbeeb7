"""What PostgreSQL's own parser finds in a question is on a list, or the question is refused."""

import re
from pathlib import Path

import pytest

from storage.asking_postgres_tree import FUNCTIONS, OPERATORS, TYPES, Refusal, read

VIEWS = {"api_v1_verdicts", "api_v1_steps", "api_v1_measurements"}


# fmt: off
# ruff: noqa: E501 - a question a line
@pytest.mark.parametrize(
    "sql",
    [
        'SELECT 1',
        "VALUES (1,'a',null)",
        "SELECT a.x, count(*) AS n FROM api_v1_verdicts AS a LEFT JOIN public.api_v1_steps s USING (measurement_id) WHERE x LIKE 'a%' AND y BETWEEN 1 AND 2 AND z NOT BETWEEN 1 AND 2 AND c IN (1,2) AND d NOT IN (SELECT 1) AND e IS NOT NULL AND NOT EXISTS (SELECT 1) GROUP BY a.x HAVING count(*) > 1 ORDER BY n DESC NULLS LAST LIMIT 3 OFFSET 2",
        'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT max(i) FROM (SELECT i FROM n LIMIT 9) AS q',
        'WITH x AS (SELECT 1), y AS (SELECT * FROM x) SELECT * FROM y',
        'SELECT extract(year from d), trim(both from x), position(\'a\' in b), x SIMILAR TO \'a\', x COLLATE "C", rank() OVER w, sum(x) FILTER (WHERE y) OVER (PARTITION BY z ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM api_v1_steps WINDOW w AS (order by a nulls first)',
        'EXPLAIN SELECT 1',
        'SELECT r AS rule FROM api_v1_verdicts, json_array_elements_text(rules::json) AS r',
        'SELECT CASE WHEN a THEN 1 ELSE 0 END, CASE x WHEN 1 THEN 2 END, nullif(a,b), coalesce(a,b), CAST(a AS double precision), a::numeric(10,2), current_date, substring(a from 1 for 2), -1, - a, NOT b FROM api_v1_steps',
        'SELECT DISTINCT ON (a) a, b IS DISTINCT FROM c, x = ANY (ARRAY[1,2]), x > ALL (SELECT 1) FROM api_v1_steps UNION SELECT 1,true,true,true EXCEPT SELECT 2,true,true,true',
        'SELECT a FROM api_v1_steps GROUP BY GROUPING SETS ((a),())',
        "SELECT 0, 1.5, '', true, null",
    ],
)
def test_what_only_reads_the_views_is_let_through(sql: str) -> None:
    assert read(sql, VIEWS).sql == sql


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT 1 INTO x',
        'SELECT 1 FOR UPDATE',
        'SELECT * FROM consents',
        'SELECT * FROM pg_catalog.pg_authid',
        'SELECT * FROM other.api_v1_steps',
        'SELECT * FROM db.public.api_v1_steps',
        'WITH x AS (WITH consents AS (SELECT 1) SELECT * FROM consents) SELECT * FROM consents',
        'WITH consents AS (SELECT * FROM consents) SELECT * FROM consents',
        'WITH api_v1_steps AS (SELECT 1) SELECT 1',
        'WITH x AS (DELETE FROM steps RETURNING *) SELECT * FROM x',
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT public.lower('x')",
        "SELECT pg_catalog.set_config('a','b',false)",
        "SELECT query_to_xml('select 1',true,true,'')",
        "SELECT 'consents'::regclass",
        "SELECT CAST('x' AS regrole)",
        'SELECT 1 OPERATOR(public.+) 2',
        'SELECT 1 @@@ 2',
        'SELECT user',
        'SELECT current_user',
        'SELECT session_user',
        'SELECT * FROM generate_series(1,10000000)',
        "SELECT * FROM pg_ls_dir('.')",
        'EXPLAIN ANALYZE SELECT 1',
        'EXPLAIN (ANALYZE) SELECT 1',
        'EXPLAIN DELETE FROM steps',
        'EXPLAIN EXECUTE x',
        'SELECT $1',
        'SELECT 1; SELECT 2',
        'SELECT xmlelement(name a)',
        'SELECT * FROM api_v1_steps TABLESAMPLE system (1)',
        "SELECT json_object('a': 1)",
        'SELECT (SELECT count(*) FROM consents)',
        'SELECT 1 ORDER BY 1 USING OPERATOR(public.<)',
        "SELECT repeat('a',1000)",
        'SELECT x COLLATE "en_US"',
        "SELECT 1 FROM ROWS FROM (pg_ls_dir('.')) AS q",
        'SELECT lower(VARIADIC ARRAY[(SELECT 1 FROM settings)])',
        'SELECT string_agg(x ORDER BY (SELECT 1 FROM settings)) FROM api_v1_steps',
        'SELECT 1 LIMIT (SELECT 1 FROM settings)',
        'SELECT 1 FROM api_v1_steps JOIN settings ON true',
        'SELECT 1 WHERE EXISTS (SELECT FROM settings)',
        'SELECT sum(1) OVER (ORDER BY (SELECT 1 FROM settings))',
        'VALUES ((SELECT 1 FROM settings))',
        'SELECT ARRAY(SELECT value FROM settings)',
        'SELECT ROW(1, (SELECT 1 FROM settings))',
        'SELECT (api_v1_steps).x FROM api_v1_steps',
        'WITH RECURSIVE t AS (SELECT 1) SEARCH DEPTH FIRST BY a SET b SELECT * FROM settings',
        'SELECT * FROM t',
        'SELECT merge_action()',
        'SELECT 1 UNION SELECT count(*) FROM settings',
        'SELECT a[1] FROM api_v1_steps',
        'CALL x()',
        "DO 'x'",
        "COPY steps TO PROGRAM 'id'",
        'TABLE settings',
        'SELECT',
        'SELECT FROM api_v1_steps',
        'SELECT UNION SELECT',
        'EXPLAIN SELECT',
    ],
)
def test_what_is_on_no_list_is_refused_in_one_line(sql: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(sql, VIEWS)

    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400
# fmt: on


def test_what_stands_around_the_question_is_not_sent() -> None:
    assert read("SELECT 'ü' ; -- done", VIEWS).sql.strip() == "SELECT 'ü'"
    assert read("EXPLAIN SELECT 1", VIEWS).is_plan
    assert not read("SELECT 1", VIEWS).is_plan


def test_what_may_be_a_function_of_a_whole_row_is_told() -> None:
    sql = "SELECT v.row_to_json, v.host, count FROM api_v1_verdicts v, (VALUES (1)) AS c(count)"

    assert read(f"{sql} WHERE c.count = 1 AND v.* IS NOT NULL", VIEWS).after_points == (
        "host",
        "row_to_json",
    )


@pytest.mark.parametrize("sql", ["NOT " * 2000 + "true", "1" + "+1" * 2000, "(" * 11_000 + "1"])
def test_what_is_nested_without_end_is_told(sql: str) -> None:
    with pytest.raises(Refusal, match="can't be read"):
        read("SELECT " + sql, VIEWS)


def test_no_function_reaches_beyond_what_it_is_given() -> None:
    beyond = ("pg_", "lo_", "dblink", "set_", "current_", "query_", "nextval", "repeat", "generate")
    assert not [name for name in FUNCTIONS if name.startswith(beyond)]


def test_the_guide_lists_all_that_may_be_used() -> None:
    guide = (Path(__file__).parents[3] / "docs/guide/query.md").read_text(encoding="utf-8")
    part = guide.partition("### PostgreSQL\n")[2].partition("\n### ")[0]

    assert set(re.findall(r"`([^`\s]+)`", part)) == FUNCTIONS | OPERATORS | TYPES
