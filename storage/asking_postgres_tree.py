"""A guard over questions for PostgreSQL: what its own parser finds in them, against lists.

Nodes, functions, operators and types that are on no list are refused, so what nobody thought of is
refused too. Names are looked up as PostgreSQL does: a part of the question (WITH) counts where it
can be seen, and anything else must be a view of ours.
"""

from collections.abc import Collection
from typing import Any

import msgspec
from pglast.parser import ParseError, parse_sql_json

from storage.asking_words import (
    SEVERAL,
    TOO_DEEP,
    function_refused,
    name_refused,
    statement_refused,
    taken,
    text_refused,
    unreadable,
)

_FUNCTIONS = """
abs array_length array_position array_to_string avg bit_length bool_and bool_or btrim cardinality
cbrt ceil ceiling char_length character_length concat concat_ws corr count covar_pop covar_samp
cume_dist date_bin date_part date_trunc dense_rank every exp extract first_value floor initcap
json_array_elements json_array_elements_text json_array_length json_each json_each_text
json_extract_path json_extract_path_text json_object_keys json_typeof jsonb_array_elements
jsonb_array_elements_text jsonb_array_length jsonb_each jsonb_each_text jsonb_extract_path
jsonb_extract_path_text jsonb_object_keys jsonb_typeof lag last_value lead left length like_escape
ln log log10 lower ltrim max md5 min mod mode nth_value ntile octet_length overlay percent_rank
percentile_cont percentile_disc pi position power rank regexp_count regexp_like regexp_match
regexp_replace regexp_substr replace reverse right round row_number rtrim sign similar_to_escape
split_part sqrt starts_with stddev stddev_pop stddev_samp string_agg string_to_array strpos substr
substring sum to_date to_timestamp translate trunc upper var_pop var_samp variance width_bucket
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
"""Functions that calculate with what they are given, and know nothing of the server."""

_KNOWN_OPERATORS = """
+ - * / % ^ = <> != < > <= >= || ~ ~* !~ !~* ~~ !~~ ~~* !~~* -> ->> #> #>> @> <@ ?
"""
OPERATORS = frozenset(_KNOWN_OPERATORS.split())
_BETWEEN = frozenset({"BETWEEN", "NOT BETWEEN", "BETWEEN SYMMETRIC", "NOT BETWEEN SYMMETRIC"})

_KNOWN_TYPES = """
bool date float4 float8 int2 int4 int8 interval json jsonb numeric text time timestamp timestamptz
varchar
"""
TYPES = frozenset(_KNOWN_TYPES.split())

_KNOWN_NODES = """
A_ArrayExpr A_Const A_Expr A_Star Alias BoolExpr BooleanTest CaseExpr CaseWhen CoalesceExpr
CollateClause ColumnRef CommonTableExpr Float FuncCall GroupingFunc GroupingSet Integer JoinExpr
List MinMaxExpr NullTest RangeFunction RangeSubselect RangeVar ResTarget RowExpr SQLValueFunction
SelectStmt SortBy String SubLink TypeCast WindowDef
"""
_NODES = frozenset(_KNOWN_NODES.split())
_KNOWN_PARTS = """
alias boolval bsval cycle_clause fval ival over search_clause sval
"""
_PARTS = frozenset(_KNOWN_PARTS.split())
"""Fields that hold one node whose kind is not said, since it is always the same."""

_MOMENTS = frozenset({"SVFOP_CURRENT_DATE", "SVFOP_CURRENT_TIMESTAMP", "SVFOP_CURRENT_TIME"})
_OPERATOR_FIELDS = frozenset({"operName", "useOp"})
_SYSTEM, _SCHEMA = "pg_catalog", "public"
_WORDS = {
    "intoClause": "INTO",
    "LockingClause": "FOR UPDATE",
    "RangeTableSample": "TABLESAMPLE",
    "ParamRef": "$1",
    "XmlExpr": "XML",
}

_Node = dict[str, Any]
_Scope = frozenset[str]


class Refusal(ValueError):
    """Why the question is not put to the server, in one line."""


class Statement(msgspec.Struct, frozen=True):
    """One question that only reads: its text alone, without what stands around it."""

    sql: str
    is_plan: bool
    """EXPLAIN: its answer is the server's plan."""
    after_points: tuple[str, ...] = ()
    """Names behind a point that no list has: the server takes one that is no column for a function
    of the whole row."""


def read(sql: str, views: Collection[str]) -> Statement:
    """The question in a text; raises Refusal."""
    why = text_refused(sql)
    if why:
        raise Refusal(why)
    try:
        found = msgspec.json.decode(parse_sql_json(sql))
        return _checked(sql, found.get("stmts", []), frozenset(views))
    except ParseError as error:
        raise Refusal(unreadable(str(error))) from None
    except RecursionError:
        raise Refusal(TOO_DEEP) from None


def _checked(sql: str, statements: list[_Node], views: _Scope) -> Statement:
    if len(statements) != 1:
        raise Refusal(SEVERAL if statements else unreadable("there is nothing in it"))
    (raw,) = statements
    ((kind, fields),) = raw["stmt"].items()
    is_plan = kind == "ExplainStmt"
    if is_plan:
        if fields.get("options"):
            raise Refusal("EXPLAIN with options is refused; EXPLAIN alone shows the plan")
        ((kind, fields),) = fields["query"].items()
    if kind != "SelectStmt":
        raise Refusal(_part_refused(kind))
    if not _has_columns(fields):
        raise Refusal(unreadable("SELECT names no column"))
    reader = _Reader(views)
    reader.select(fields, frozenset())
    begin = raw.get("stmt_location", 0)
    encoded = sql.encode()
    length = raw.get("stmt_len") or len(encoded)
    after_points = tuple(sorted(reader.after_points - FUNCTIONS))
    return Statement(encoded[begin : begin + length].decode(), is_plan, after_points)


def _has_columns(fields: _Node) -> bool:
    """Whether a SELECT answers anything; on this server alone it may have rows without columns."""
    while "larg" in fields:
        fields = fields["larg"]
    return "targetList" in fields or "valuesLists" in fields


class _Reader:
    """Walks over a statement; ``scope`` has the names of those of its parts that can be seen."""

    def __init__(self, views: _Scope) -> None:
        self._views = views
        self.after_points: set[str] = set()

    def select(self, fields: _Node, scope: _Scope) -> None:
        """One SELECT or VALUES, with the parts it names for itself and for what is inside it."""
        clause = fields.get("withClause", {})
        parts = [part["CommonTableExpr"] for part in clause.get("ctes", [])]
        names = [str(part["ctename"]) for part in parts]
        for name in names:
            if name in self._views:
                raise Refusal(taken(name))
        if clause.get("recursive"):
            scope |= frozenset(names)
        for name, part in zip(names, parts, strict=True):
            self._fields(part, scope)
            scope |= {name}
        self._fields({k: v for k, v in fields.items() if k != "withClause"}, scope)

    def _fields(self, fields: _Node, scope: _Scope) -> None:
        for name, held in fields.items():
            if name in _OPERATOR_FIELDS:
                _operator(_names(held))
            elif isinstance(held, list):
                for one in held:
                    self._wrapped(one, scope)
            elif isinstance(held, dict):
                self._part(name, held, scope)

    def _part(self, name: str, held: _Node, scope: _Scope) -> None:
        """What one field holds: a node that says its kind, or one whose kind is the field's."""
        if len(held) == 1 and next(iter(held))[0].isupper():
            self._wrapped(held, scope)
        elif name in {"larg", "rarg"}:
            self.select(held, scope)
        elif name == "typeName":
            _type(held)
        elif name in _PARTS:
            self._fields(held, scope)
        else:
            raise Refusal(_part_refused(name))

    def _wrapped(self, held: _Node, scope: _Scope) -> None:
        if not held:  # a place that is empty, such as a missing list of columns
            return
        kind, fields = next(iter(held.items()))
        if len(held) != 1 or kind not in _NODES:
            raise Refusal(_part_refused(kind))
        if kind == "SelectStmt":
            self.select(fields, scope)
            return
        if kind == "RangeVar":
            self._table(fields, scope)
        else:
            _node(kind, fields)
            if kind == "ColumnRef":
                self.after_points.update(_after_points(fields["fields"]))
        self._fields(fields, scope)

    def _table(self, fields: _Node, scope: _Scope) -> None:
        name, schema = str(fields["relname"]), fields.get("schemaname")
        if "catalogname" in fields:
            raise Refusal(name_refused(f"{fields['catalogname']}.{schema}.{name}", self._views))
        if schema is None and name in scope:
            return
        if name not in self._views or schema not in {None, _SCHEMA}:
            full = name if schema is None else f"{schema}.{name}"
            raise Refusal(name_refused(full, self._views))


def _names(held: list[_Node]) -> list[str]:
    return [str(one["String"].get("sval", "")) for one in held]


def _after_points(held: list[_Node]) -> list[str]:
    return _names([one for one in held[1:] if "String" in one])


def _bare(names: list[str]) -> str:
    """The name itself where it is the system's own, else the whole, which is on no list."""
    return names[-1] if names[:-1] in ([], [_SYSTEM]) else ".".join(names)


def _node(kind: str, fields: _Node) -> None:
    """What a node by itself may not be; raises Refusal."""
    if kind == "FuncCall":
        name = _bare(_names(fields["funcname"]))
        if name not in FUNCTIONS:
            raise Refusal(function_refused(name))
    elif kind == "A_Expr":
        _operator(_names(fields["name"]))
    elif kind == "SQLValueFunction" and fields["op"] not in _MOMENTS:
        raise Refusal(function_refused(fields["op"].removeprefix("SVFOP_").lower()))
    elif kind == "CollateClause" and _names(fields["collname"]) != ["C"]:
        raise Refusal('only COLLATE "C" may be asked for: by bytes, as everything is compared')


def _operator(names: list[str]) -> None:
    if _bare(names) not in OPERATORS | _BETWEEN:
        raise Refusal(f"the operator {_bare(names)} is refused; docs/guide/query.md lists all")


def _type(fields: _Node) -> None:
    name = _bare(_names(fields.get("names", [])))
    if name not in TYPES or fields.get("pct_type") or fields.get("setof"):
        raise Refusal(f"the type {name} is refused; docs/guide/query.md lists all")


def _part_refused(kind: str) -> str:
    """A statement within the question, or a way of asking that is on no list."""
    if kind.endswith("Stmt"):
        return statement_refused(kind.removesuffix("Stmt"))
    word = _WORDS.get(kind, kind)
    return f"{word} is refused; docs/guide/query.md says how to ask"
