"""A guard over questions for DuckDB: what its own parser finds in them, against lists.

Every node, function, operator and type that is on no list is refused. A table is a view of ours, or
a part of the question (WITH) that can be seen from there; never a file, never the catalogue.
"""

from collections.abc import Collection
from typing import Any

import duckdb
import msgspec

from storage.asking_words import (
    NO_TABLE,
    SEVERAL,
    TOO_DEEP,
    function_refused,
    name_refused,
    statement_refused,
    taken,
    text_refused,
    unreadable,
)

_KNOWN_FUNCTIONS = """
abs any_value arg_max arg_min avg bit_length bool_and bool_or cardinality ceil ceiling chr concat
concat_ws contains corr count count_if count_star covar_pop covar_samp cume_dist date_diff date_part
date_trunc datediff datepart datetrunc day dense_rank ends_with epoch exp first first_value floor
fsum greatest group_concat hour instr json json_array_length json_contains json_extract
json_extract_path json_extract_path_text json_extract_string json_keys json_type json_valid kurtosis
lag last last_value lcase lead least left len length like_escape list_contains list_value ln log
log10 log2 lower ltrim mad max md5 median min minute mod mode month nth_value ntile nullif
octet_length percent_rank pi position pow power prefix product quantile_cont quantile_disc
quarter rank regexp_extract regexp_full_match regexp_matches regexp_replace replace reverse right
round row_number rtrim second sign skewness split_part sqrt starts_with stddev stddev_pop
stddev_samp strftime string_agg strip_accents strlen strpos strptime substr substring suffix sum
trim trunc ucase unicode unnest upper var_pop var_samp variance week year
"""
FUNCTIONS = frozenset(_KNOWN_FUNCTIONS.split())
"""Functions that calculate with what they are given, and know nothing of files or settings."""

TABLES_MADE = frozenset({"generate_series", "json_each", "json_tree", "range", "unnest"})
"""Functions that stand where a table does."""

_KNOWN_OPERATORS = """
+ - * / // % ** ^ || & | << >> ~~ !~~ ~~* !~~* ~~~ -> ->> @> <@ ^@
"""
OPERATORS = frozenset(_KNOWN_OPERATORS.split())

_KNOWN_TYPES = """
bigint bool boolean date decimal double float hugeint int integer interval json list numeric real
smallint string text time timestamp tinyint varchar
"""
TYPES = frozenset(_KNOWN_TYPES.split())

_KNOWN_EXPRESSIONS = """
BETWEEN CASE CAST COLLATE COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION OPERATOR
POSITIONAL_REFERENCE STAR SUBQUERY TYPE WINDOW
"""
_EXPRESSIONS = frozenset(_KNOWN_EXPRESSIONS.split())
_KNOWN_NODES = """
ASCENDING BASE_TABLE CTE_NODE DESCENDING DISTINCT_MODIFIER EMPTY EXPRESSION_LIST JOIN LIMIT_MODIFIER
LIMIT_PERCENT_MODIFIER ORDER_DEFAULT ORDER_MODIFIER RECURSIVE_CTE_NODE SELECT_NODE
SET_OPERATION_NODE SUBQUERY TABLE_FUNCTION
"""
_NODES = frozenset(_KNOWN_NODES.split())
_NO_NODE = frozenset({"literal", "sample", "at_clause", "qualified_name"})
"""Fields whose content is no part of the question that could read anything."""
_SCHEMA = "main"
_TREE = "SELECT json_serialize_sql(?::VARCHAR, skip_null := true, skip_empty := true)"
_SET = {"SHOW_REF": "SHOW", "PIVOT": "PIVOT", "PARAMETER": "$1", "LAMBDA": "a lambda"}

_Node = dict[str, Any]
_Scope = frozenset[str]


class Refusal(ValueError):
    """Why the question is not put to the engine, in one line."""


def guard(connection: "duckdb.DuckDBPyConnection", sql: str, views: Collection[str]) -> None:
    """Raises Refusal for what is not one question that only reads our views."""
    why = text_refused(sql)
    if why:
        raise Refusal(why)
    try:
        statements = connection.extract_statements(sql)
        if len(statements) != 1:
            raise Refusal(SEVERAL if statements else unreadable("there is nothing in it"))
        if statements[0].type is not duckdb.StatementType.SELECT:
            raise Refusal(statement_refused(statements[0].type.name.replace("_", " ")))
        (told,) = connection.execute(_TREE, [sql]).fetchone() or ("{}",)
        tree = msgspec.json.decode(told)
    except RecursionError:
        raise Refusal(TOO_DEEP) from None
    except duckdb.ParserException as error:
        raise Refusal(unreadable(first_line(error))) from None
    if tree.get("error", True):
        raise Refusal(unreadable(str(tree.get("error_message", ""))))
    try:
        _Reader(frozenset(views)).node(tree["statements"], frozenset())
    except RecursionError:
        raise Refusal(TOO_DEEP) from None


def first_line(error: BaseException) -> str:
    """What DuckDB says, without the question drawn beneath it and its own kinds of errors."""
    line = str(error).strip().partition("\n")[0]
    return line.partition(": ")[2] or line


class _Reader:
    """Walks over a question; ``scope`` has the names of those of its parts that can be seen."""

    def __init__(self, views: _Scope) -> None:
        self._views = views

    def node(self, held: object, scope: _Scope) -> None:
        """A node, a list of nodes, or a plain value."""
        if isinstance(held, list):
            for one in held:
                self.node(one, scope)
        elif isinstance(held, dict):
            self._check(held, scope)
            scope = self._parts(held.get("cte_map", {}), scope)
            if held.get("type") == "RECURSIVE_CTE_NODE":
                scope |= {str(held["cte_name"]).lower()}
            for name, inner in held.items():
                if name != "cte_map" and name not in _NO_NODE:
                    self.node(inner, scope)

    def _parts(self, made: _Node, scope: _Scope) -> _Scope:
        """What can be seen once the parts that WITH names are there, each for those after it."""
        for part in made.get("map", []):
            name = str(part["key"]).lower()
            if name in self._views:
                raise Refusal(taken(name))
            self.node(part["value"], scope)
            scope |= {name}
        return scope

    def _check(self, held: _Node, scope: _Scope) -> None:
        kind, expression = held.get("type"), held.get("class")
        if expression is not None:
            if expression not in _EXPRESSIONS:
                raise Refusal(_refused(str(expression)))
            _expression(str(expression), held)
        elif isinstance(kind, str):
            if kind not in _NODES:
                raise Refusal(_refused(kind))
            if kind == "BASE_TABLE":
                self._table(held, scope)
            elif kind == "TABLE_FUNCTION":
                _table_function(held.get("function", {}))

    def _table(self, held: _Node, scope: _Scope) -> None:
        name = str(held.get("table_name", "")).lower()
        schema, catalogue = held.get("schema_name", ""), held.get("catalog_name", "")
        if not schema and not catalogue and name in scope:
            return
        if name not in self._views or catalogue or schema not in {"", _SCHEMA}:
            full = ".".join(part for part in (catalogue, schema, name) if part)
            raise Refusal(name_refused(full, self._views))


def _expression(kind: str, held: _Node) -> None:
    """What an expression by itself may not be; raises Refusal."""
    name = str(held.get("function_name", "")).lower()
    if kind in {"FUNCTION", "WINDOW"}:
        if held.get("schema") or held.get("catalog"):
            raise Refusal(function_refused(f"{held['schema']}.{name}"))
        known = OPERATORS if held.get("is_operator") else FUNCTIONS | TABLES_MADE
        if name not in known:
            raise Refusal(function_refused(name))
    if kind == "TYPE":
        named = str(held.get("type_name", "")).lower()
        if named not in TYPES or held.get("schema") or held.get("catalog"):
            raise Refusal(f"the type {named} is refused; docs/guide/query.md lists all")


def _table_function(function: _Node) -> None:
    if str(function.get("function_name", "")).lower() not in TABLES_MADE:
        raise Refusal(NO_TABLE)


def _refused(kind: str) -> str:
    return f"{_SET.get(kind, kind)} is refused; docs/guide/query.md says how to ask"
