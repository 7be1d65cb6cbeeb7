"""Names in a question: whether it gives the name of a view to a part of its own (WITH).

SQLite's guard is told what is read within ``api_v1_verdicts``, not whether that is the view or a
part of the question that took its name; so no part may take it.
"""

import re
from collections.abc import Collection

_TOKEN = re.compile(
    r"""
    (?P<blank> [ \t\r\n\f\ufeff]+ | --[^\n]* | /\*.*?(?:\*/|\Z) )
    | "(?P<double>(?:[^"]|"")*)"
    | '(?P<single>(?:[^']|'')*)'
    | `(?P<back>(?:[^`]|``)*)`
    | \[(?P<square>[^\]]*)\]
    | (?P<word>[A-Za-z0-9_$\u0080-\U0010ffff]+)
    | (?P<mark>.)
    """,
    re.DOTALL | re.VERBOSE,
)
"""As SQLite tells tokens apart; every kind of quotes may hold a name there."""
_BETWEEN = frozenset({"as", "not", "materialized"})
_Token = tuple[str, str]


def name_taken(sql: str, views: Collection[str]) -> str:
    """The view whose name a part of the question takes, ``X AS (`` or ``X (``; else nothing."""
    tokens = _tokens(sql)
    for at, (kind, text) in enumerate(tokens):
        if kind == "mark" or text.lower() not in views:
            continue
        after = at + 1
        while after < len(tokens) and _may_stand_between(tokens[after]):
            after += 1
        if tokens[after : after + 1] == [("mark", "(")]:
            return text.lower()
    return ""


def _tokens(sql: str) -> list[_Token]:
    found = ((str(one.lastgroup), str(one[one.lastgroup or 0])) for one in _TOKEN.finditer(sql))
    return [token for token in found if token[0] != "blank"]


def _may_stand_between(token: _Token) -> bool:
    kind, text = token
    return kind == "word" and text.lower() in _BETWEEN
