"""Counting a day's looks into cells, in SQL that SQLite, PostgreSQL and DuckDB read alike.

Every sum is one of whole numbers and every choice has an order of its own, so neither engine, nor
order of arrival, nor the way the work is divided shows in a cell.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from heliograph.cell import (
    INSUFFICIENT,
    LEAST_DECIDED,
    LOOKS_COUNTED,
    NETWORK_COUNTED,
    SHARE,
    Counted,
)
from heliograph.model import SURROUNDINGS, Outcome, State

_STATES = tuple(state.value for state in State)
_SOUND = tuple(state for state in _STATES if state != State.INCONCLUSIVE)
"""States that say something of the target, and so are weighed against each other."""
_DECIDED = (State.OK.value, State.BLOCKED.value, State.THROTTLED.value)
_NAMED = (State.BLOCKED.value, State.THROTTLED.value)
"""States that have techniques."""
_KEY = "day, country, asn, target, probe"
_PARTS = 1_000_000
"""Confidence is compared in millionths; a rank of so many digits stands before an id."""
_RANK = len(str(_PARTS))
OWN = "own"
"""The one vantage that all looks without a sender's key are, unless they were imported."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What the engines spell differently."""

    find: str
    """Place of a text in another, counted from 1: ``find.format(text, what)``."""
    seconds: str
    """Seconds since 1970 of an RFC 3339 text in UTC."""


SQLITE = Engine("instr({0}, {1})", "CAST(strftime('%s', {0}) AS INTEGER)")
POSTGRESQL = Engine(
    "strpos({0}, {1})", "CAST(EXTRACT(EPOCH FROM CAST({0} AS TIMESTAMPTZ)) AS BIGINT)"
)
DUCKDB = Engine("strpos({0}, {1})", "CAST(epoch(CAST({0} AS TIMESTAMP)) AS BIGINT)")


def counting(looks: str, engine: Engine) -> str:
    """The statement that gives each cell of some looks, in the order of ``Counted``'s fields.

    ``looks`` is a query with the columns id, started, country, asn, target, probe, vantage, state,
    techniques, confidence and received.
    """
    return f"""
WITH looks AS ({looks}),
seen AS ({_seen(engine)}),
voiced AS ({_voiced()}),
shared AS ({_shared()}),
summed AS ({_summed()}),
stated AS (SELECT *, {_state()} AS state FROM summed),
spoken AS (
  SELECT {_KEY}, vantage, state, technique, COUNT(*) AS n FROM seen
  WHERE technique <> ''
  GROUP BY {_KEY}, vantage, state, technique),
named AS (
  SELECT {_KEY}, state, technique,
    CAST(2000000000 - COUNT(*) AS VARCHAR) || CAST(2000000000 - SUM(n) AS VARCHAR) AS rank
  FROM spoken GROUP BY {_KEY}, state, technique),
chosen AS (
  SELECT {_KEY}, state, substr(MIN(rank || technique), 21) AS technique
  FROM named GROUP BY {_KEY}, state)
SELECT {_columns()}
FROM stated LEFT JOIN chosen USING ({_KEY}, state)
"""  # noqa: S608 - names of our own


def looks_of(verdicts: str, vantage: str, received: str, where: str, joined: str = "") -> str:
    """The looks in a relation that has the columns of ``api_v1_verdicts``."""
    return f"""
  SELECT v.measurement_id AS id, v.started, v.country, v.asn, v.target, v.probe,
    {vantage} AS vantage, v.state, v.techniques, v.confidence, {received} AS received
  FROM {verdicts} AS v {joined}
  WHERE v.state IS NOT NULL AND v.outcome = '{Outcome.MEASURED.value}'
    AND v.probe <> '{SURROUNDINGS}' AND {where}"""  # noqa: S608 - names of our own


def changing(verdicts: str, key: str, where: str, joined: str = "") -> str:
    """The statement that tells of each day how many looks there are, and which are at its ends."""
    return f"""
SELECT substr(v.started, 1, 10) AS day, COUNT(*) AS looks, COUNT(v.ruleset_version) AS judged,
  COUNT({key}) AS keyed, MIN(v.measurement_id) AS smallest, MAX(v.measurement_id) AS greatest,
  MAX(v.started) AS newest
FROM {verdicts} AS v {joined}
WHERE v.outcome = '{Outcome.MEASURED.value}' AND v.probe <> '{SURROUNDINGS}' AND {where}
GROUP BY substr(v.started, 1, 10)"""  # noqa: S608 - names of our own


def newest_of(verdicts: str, last: str) -> str:
    """The statement that tells when the last look, not after this day, began."""
    measured = f"v.outcome = '{Outcome.MEASURED.value}' AND v.probe <> '{SURROUNDINGS}'"
    ours = f"{verdicts} AS v WHERE {measured} AND {within('', last)}"
    return f"SELECT MAX(v.started) FROM {ours}"  # noqa: S608 - names of our own


def within(first: str, last: str) -> str:
    """The looks that began on these days or between; days are plain text compared by bytes."""
    return f"v.started >= '{first}' AND v.started < '{last}U'"


def of(days: Sequence[str]) -> str:
    """The looks that began on one of these days, of which there is at least one."""
    return f"{within(min(days), max(days))} AND substr(v.started, 1, 10) IN ({_listed(days)})"


def without_key(source: str, engine: Engine) -> str:
    """The vantage of a look that no key was sent with: ours, or one for all of whom it is from.

    Imports name no vantage. Whoever they are of, all that one source has of a network is one.
    """
    place = engine.find.format(source, "':'")
    whole = f"CASE WHEN {place} = 0 THEN {source} ELSE substr({source}, 1, {place} - 1) END"
    return f"CASE WHEN {source} IS NULL THEN '{OWN}' ELSE 'of ' || {whole} END"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _divided(what: str, by: str) -> str:
    """Whole-number division, which one of the engines spells as no other does."""
    return f"CAST((({what}) - ({what}) % ({by})) / ({by}) AS BIGINT)"


def _seen(engine: Engine) -> str:
    """Each look with its day, main technique, lag, and how well it shows its state."""
    rest = "substr(techniques, 3)"
    end = engine.find.format(rest, "'\"'")
    lag = f"{engine.seconds.format('received')} - {engine.seconds.format('started')}"
    sure = f"CAST(ROUND(COALESCE(confidence, 0) * {_PARTS}) AS BIGINT)"
    named = f"state IN ({_listed(_NAMED)})"
    return f"""
  SELECT substr(started, 1, 10) AS day, country, asn, target, probe, vantage, state,
    CASE WHEN {named} THEN substr(techniques, 3, {end} - 1) END AS technique,
    CASE WHEN received IS NOT NULL THEN {lag} END AS lag,
    CASE WHEN {named} THEN CAST({2 * _PARTS} - {sure} AS VARCHAR) || id ELSE id END AS proof
  FROM looks"""  # noqa: S608 - names of our own


def _voiced() -> str:
    """What each vantage has of each cell."""
    counts = (f"COUNT(*) FILTER (WHERE state = '{s}') AS n_{s}" for s in _STATES)
    proofs = (f"MIN(proof) FILTER (WHERE state = '{s}') AS p_{s}" for s in _STATES)
    return f"""
  SELECT {_KEY}, vantage, COUNT(*) AS n, {", ".join(counts)}, {", ".join(proofs)},
    MAX(lag) AS lag
  FROM seen GROUP BY {_KEY}, vantage"""  # noqa: S608 - names of our own


def _shared() -> str:
    sound = " + ".join(f"n_{state}" for state in _SOUND)
    return f"SELECT *, {sound} AS sound FROM voiced"  # noqa: S608 - names of our own


def _summed() -> str:
    """A cell: counts, one vote for each vantage divided by its own looks, and looks up to a cap."""
    counts = (f"CAST(SUM(n_{s}) AS BIGINT) AS n_{s}" for s in _STATES)
    votes = (
        f"CAST(SUM(CASE WHEN sound > 0 THEN {_divided(f'{SHARE} * n_{s}', 'NULLIF(sound, 0)')}"
        f" ELSE 0 END) AS BIGINT) AS v_{s}"
        for s in _SOUND
    )
    proofs = (f"MIN(p_{s}) AS p_{s}" for s in _STATES)
    capped = f"SUM(CASE WHEN sound > {LOOKS_COUNTED} THEN {LOOKS_COUNTED} ELSE sound END)"
    return f"""
  SELECT {_KEY}, CAST(SUM(n) AS BIGINT) AS n_measurements, COUNT(*) AS n_vantages,
    {", ".join(counts)}, {", ".join(votes)}, {", ".join(proofs)},
    CAST(CASE WHEN {capped} > {NETWORK_COUNTED} THEN {NETWORK_COUNTED} ELSE {capped} END
      AS BIGINT) AS counted,
    MAX(lag) AS max_lag_seconds, MAX(n) AS most_of_one,
    COUNT(*) FILTER (WHERE 2 * (n_blocked + n_throttled) > sound) AS vantages_against,
    COUNT(*) FILTER (WHERE 2 * n_ok > sound) AS vantages_through
  FROM shared GROUP BY {_KEY}"""  # noqa: S608 - names of our own


def _votes() -> str:
    return "(" + " + ".join(f"v_{state}" for state in _SOUND) + ")"


def _state() -> str:
    """What more than half of the votes say; a minority of vantages moves nothing."""
    decided = " + ".join(f"n_{state}" for state in _DECIDED)
    cases = " ".join(f"WHEN 2 * v_{s} > {_votes()} THEN '{s}'" for s in _SOUND)
    return (
        f"CASE WHEN {decided} < {LEAST_DECIDED} THEN '{INSUFFICIENT}'"
        f" {cases} ELSE '{State.INCONCLUSIVE.value}' END"
    )


def _columns() -> str:
    counted = {
        f"weighed_{state}": _weighed(f"v_{state}") for state in (*_DECIDED, State.DOWN.value)
    }
    most = f"CASE WHEN n_inconclusive > {NETWORK_COUNTED} THEN {NETWORK_COUNTED}"
    made = counted | {
        "weighed_inconclusive": f"{most} ELSE n_inconclusive END",
        "witness_id": _witness(),
        "technique": "chosen.technique",
    }
    return ", ".join(
        f"{made[name]} AS {name}" if name in made else name for name in Counted._fields
    )


def _weighed(vote: str) -> str:
    """So many of the looks counted as its part of the votes, to the nearest whole one."""
    nearest = _divided(f"2 * counted * {vote} + {_votes()}", f"NULLIF(2 * {_votes()}, 0)")
    return f"COALESCE({nearest}, 0)"


def _witness() -> str:
    """The best proof of the state; where there is none, of what is least certain."""
    ids = {s: f"substr(p_{s}, {_RANK + 1})" if s in _NAMED else f"p_{s}" for s in _STATES}
    cases = " ".join(f"WHEN '{state}' THEN {ids[state]}" for state in _SOUND)
    others = ", ".join(ids[state] for state in reversed(_STATES))
    return f"CASE state {cases} ELSE COALESCE({others}) END"
