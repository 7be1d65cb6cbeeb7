"""A view's name that a question takes is found however SQLite would let it be written."""

import sqlite3

import pytest

from storage.asking_names import name_taken

NAME = "api_v1_verdicts"


@pytest.mark.parametrize(
    "name",
    [NAME, "API_v1_Verdicts", f'"{NAME}"', f"[{NAME}]", f"`{NAME}`", f"'{NAME}'",
     f"/* x */ {NAME} -- y\n", f"\ufeff{NAME}"],
)  # fmt: skip
@pytest.mark.parametrize(
    "between",
    [
        " AS ",
        "(key) AS ",
        " AS NOT MATERIALIZED ",
        " AS MATERIALIZED\f",
        " \ufeffas ",
        "/**/AS/* ( */",
    ],
)
@pytest.mark.parametrize("before", ["", "a(b) AS (SELECT ';--' || 1), ", '"/*" AS (SELECT 1), '])
def test_a_name_that_is_taken_is_found(name: str, between: str, before: str) -> None:
    sql = f"WITH {before}{name}{between}(SELECT 'mine' AS key) SELECT * FROM {NAME}"

    assert sqlite3.connect(":memory:").execute(sql).fetchall() == [("mine",)], "SQLite takes it"
    assert name_taken(sql, {NAME}) == NAME


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT 'it''s {NAME} AS (' FROM {NAME}",
        f"SELECT 1 /* {NAME} ( */ FROM {NAME} -- {NAME} AS (",
        f"SELECT * FROM {NAME} AS a JOIN {NAME} AS b USING (measurement_id)",
        f"WITH mine AS (SELECT * FROM {NAME}) SELECT * FROM mine",
        f"WITH {NAME}_mine AS (SELECT 1) SELECT * FROM {NAME}",
        f"SELECT {NAME}.state FROM {NAME} WHERE (state) IN ('ok')",
    ],
)
def test_a_view_that_is_only_read_is_taken_by_nobody(sql: str) -> None:
    assert not name_taken(sql, {NAME})
