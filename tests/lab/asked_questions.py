"""Any question of the kind that every engine answers alike, and any rows to ask it of."""

from hypothesis import strategies as st

from storage.views import VIEWS
from tests.lab.asked_engines import Rows, columns_of

_WORDS = st.sampled_from(["", "a", "B", "b", "é", "z z", "%", "0", "ok", "\U0001f600", "\x1a"])
ROW = st.tuples(
    st.one_of(st.none(), _WORDS),
    st.one_of(st.none(), _WORDS),
    st.one_of(st.none(), st.integers(-9, 9)),
    st.integers(-(2**40), 2**40),
    st.one_of(st.none(), st.integers(-64, 64).map(lambda n: n / 8)),
)
_COLUMNS = ("host", "sni", "hop", "bytes_sent", "seconds")
_TEXT = st.sampled_from(
    ["host", "sni", "coalesce(host, 'b')", "nullif(sni, 'a')", "lower('AbC')", "host || 'x'",
     "replace(host, 'b', 'yy')", "CASE WHEN hop > 1 THEN host ELSE sni END", "substr(host, 1, 2)"]
)  # fmt: skip
_NUMBER = st.sampled_from(
    ["hop", "bytes_sent", "hop / 3", "hop % 4", "abs(hop)", "length(host)", "hop * 2 - 1",
     "coalesce(hop, 0)", "CAST(bytes_sent AS double precision) / 2", "seconds", "seconds * hop"]
)  # fmt: skip
_PLAIN = st.sampled_from(
    ["host = 'b'", "host < sni", "hop IS NULL", "hop BETWEEN -2 AND 4", "sni IN ('a', 'ok')",
     "host <> sni", "seconds > 0.5", "host LIKE 'z%'", "bytes_sent % 2 = 0", "NOT (hop > 2)",
     "EXISTS (SELECT 1 FROM api_v1_steps AS o WHERE o.hop = s.hop + 1)"]
)  # fmt: skip
_WHERE = st.lists(_PLAIN, min_size=1, max_size=3).flatmap(
    lambda parts: st.sampled_from([" AND ", " OR "]).map(lambda word: word.join(parts))
)
_GATHERED = st.builds(
    lambda how, what: f"{how}({what})", st.sampled_from(["sum", "avg", "min", "max", "count"]),
    _NUMBER,
)  # fmt: skip
_BY_ROW = st.builds(
    lambda columns, where: (
        "SELECT " + ", ".join(f"{c} AS c{n}" for n, c in enumerate(columns))
        + f" FROM api_v1_steps AS s WHERE {where}"
    ),
    st.lists(st.one_of(_TEXT, _NUMBER), min_size=1, max_size=4), _WHERE,
)  # fmt: skip
_BY_GROUP = st.builds(
    lambda key, gathered, where: (
        f"SELECT {key} AS k, {gathered} AS g, count(*) AS n FROM api_v1_steps AS s"
        f" WHERE {where} GROUP BY {key}"
    ),
    _TEXT, _GATHERED, _WHERE,
)  # fmt: skip
_WINDOW = st.builds(
    lambda text, number: (
        f"SELECT number, lag({text}) OVER (ORDER BY number) AS l, sum({number}) OVER"
        " (PARTITION BY hop ORDER BY number) AS s FROM api_v1_steps"
    ),
    _TEXT, _NUMBER,
)  # fmt: skip
MANY = st.lists(st.one_of(_BY_ROW, _BY_GROUP, _WINDOW), min_size=4, max_size=4)


def filled(rows: list[tuple[object, ...]]) -> Rows:
    """The views with these steps, and nothing else in them."""
    found: Rows = {view.name: ([], []) for view in VIEWS}
    names = [name for name, _ in columns_of("api_v1_steps")]
    made = [
        tuple({"number": n, **dict(zip(_COLUMNS, row, strict=True))}.get(name) for name in names)
        for n, row in enumerate(rows)
    ]
    return found | {"api_v1_steps": (names, made)}
