"""The tables a night writes: cells, the days and series they lie on, findings, and how it went."""

from typing import Any

from sqlalchemy import Column, Float, Index, Table
from sqlalchemy.types import BigInteger, TypeEngine

from storage.column_types import HostileText, JsonText, UtcTime, bytewise_text, whole
from storage.tables import metadata
from storage.uses import DERIVED, UPKEEP, always, maybe


def _day(comment: str, *, key: bool = False) -> Column[str]:
    return Column(
        "day",
        bytewise_text(10),
        primary_key=key,
        nullable=False,
        comment=comment,
        info=DERIVED.mark(),
    )


def _series() -> list[Column[object]]:
    """The key of a series, as part of a table's own."""
    parts: list[tuple[str, TypeEngine[Any], str]] = [
        ("country", HostileText(), "country of the vantages, ISO 3166-1 alpha-2; ZZ if unknown"),
        ("asn", BigInteger(), "autonomous system number of the vantages; 0 if unknown"),
        ("target", HostileText(), "the target as a normalised URL"),
        ("probe", HostileText(), "permanent name of the probe"),
    ]
    return [
        Column(
            name, kind, primary_key=True, autoincrement=False, comment=comment, info=DERIVED.mark()
        )
        for name, kind, comment in parts
    ]


def _number(name: str, comment: str) -> Column[int]:
    return always(name, whole(), comment, DERIVED)


cells = Table(
    "cells",
    metadata,
    _day("the day, UTC, `2026-11-23`", key=True),
    *_series(),
    Column(
        "build",
        whole(),
        primary_key=True,
        autoincrement=False,
        comment="which building of that day the row is part of; `days` says which one is shown",
        info=UPKEEP.mark(),
    ),
    always(
        "state",
        bytewise_text(16),
        "what more than half of the vantages' votes say; `inconclusive` when none has that, "
        "`insufficient` with fewer than three looks that were ok, blocked or throttled",
        DERIVED,
    ),
    maybe(
        "technique",
        HostileText(),
        "the technique most vantages met with; null unless blocked or throttled",
        DERIVED,
    ),
    _number("n_measurements", "looks with a verdict of the ruleset, of any state"),
    _number("n_vantages", "distinct vantages they are of; all without a sender's key are one"),
    _number("n_ok", "looks that were ok"),
    _number("n_blocked", "looks that were blocked"),
    _number("n_throttled", "looks that were throttled"),
    _number("n_restricted", "looks that were restricted"),
    _number("n_removed", "looks whose content was removed"),
    _number("n_down", "looks whose target was down"),
    _number("n_inconclusive", "looks that were inconclusive"),
    maybe(
        "blocked_share",
        Float(),
        "n_blocked / (n_ok + n_blocked + n_throttled), 0 to 1; null of nothing",
        DERIVED,
    ),
    maybe("blocked_share_low", Float(), "lower end of its 95 % interval (Wilson)", DERIVED),
    maybe("blocked_share_high", Float(), "upper end of its 95 % interval (Wilson)", DERIVED),
    maybe(
        "witness_id",
        HostileText(),
        "a measurement that shows the state: the one with most confidence, then the smallest id",
        DERIVED,
    ),
    maybe(
        "max_lag_seconds",
        whole(),
        "longest time from a look's beginning to its arrival, in seconds; null if none is known",
        DERIVED,
    ),
    always(
        "flags",
        JsonText(),
        "JSON array of what lowers the weight: one_vantage, burst, vantages_disagree, "
        "network_unknown",
        DERIVED,
    ),
    _number("weighed_ok", "looks that were ok, as weighed: capped, each vantage with one vote"),
    _number("weighed_blocked", "looks that were blocked, as weighed"),
    _number("weighed_throttled", "looks that were throttled, as weighed"),
    _number("weighed_down", "looks whose target was down, as weighed"),
    _number("weighed_inconclusive", "looks that were inconclusive, capped"),
    comment="One row for each day and series somebody looked at; the view makes silent days rows.",
)

series = Table(
    "series",
    metadata,
    *_series(),
    Column(
        "first_day",
        bytewise_text(10),
        nullable=False,
        comment="the first day with a look, UTC",
        info=DERIVED.mark(),
    ),
    comment="Each series of cells that are shown, and since when.",
)

days = Table(
    "days",
    metadata,
    _day("the day, UTC, `2026-11-23`", key=True),
    _number("build", "the building of this day that is shown"),
    always(
        "fingerprint", HostileText(), "what it was made of, to know whether that changed", UPKEEP
    ),
    always("ruleset_version", whole(), "version of the rules whose verdicts it counts", DERIVED),
    always("built_at", UtcTime(), "when the night that built it began, UTC, RFC 3339", DERIVED),
    comment="Each day that is shown, silent ones included.",
)


def _list(name: str, comment: str) -> Column[object]:
    return always(name, JsonText(), comment, DERIVED)


def _moment(name: str, comment: str) -> Column[str]:
    return maybe(name, bytewise_text(20), comment, DERIVED)


findings = Table(
    "findings",
    metadata,
    Column(
        "number",
        whole(),
        primary_key=True,
        autoincrement=False,
        comment="place in the order of onset, counted from 1; another one every night",
        info=DERIVED.mark(),
    ),
    always("type", bytewise_text(16), "blocking, throttling, shutdown or silence", DERIVED),
    always(
        "country", HostileText(), "country it is in, ISO 3166-1 alpha-2; ZZ if unknown", DERIVED
    ),
    _list("asns", "JSON array of the networks it is in"),
    _list("targets", "JSON array of the targets it is about"),
    _list("probes", "JSON array of the probes that saw it"),
    _list("techniques", "JSON array of techniques, the most frequent first"),
    always("onset", bytewise_text(20), "start of the first day affected, UTC, RFC 3339", DERIVED),
    always("onset_from", bytewise_text(20), "the earliest it may have been", DERIVED),
    always("onset_to", bytewise_text(20), "the latest it may have been", DERIVED),
    _moment("end", "start of the first day no longer affected; null: it goes on"),
    _moment("end_from", "the earliest that may have been; null: it goes on"),
    _moment("end_to", "the latest that may have been; null: it goes on"),
    always("confidence", Float(), "0 to 1, orders findings; no chance of being right", DERIVED),
    always("confidence_word", bytewise_text(16), "signal, likely or corroborated", DERIVED),
    _list("members", "JSON array of the series that moved together, each with its own times"),
    _list("changes", "JSON array of changes of the main technique inside of it"),
    _list("witnesses", "JSON array of ids of measurements that show it"),
    always("explanation", HostileText(), "one plain sentence", DERIVED),
    Index(None, "country"),
    comment="What the last whole night found; each night's set replaces the one before.",
)

events = Table(
    "events",
    metadata,
    Column(
        "id",
        HostileText,
        primary_key=True,
        comment="permanent name of the event",
        info=DERIVED.mark(),
    ),
    always("type", bytewise_text(16), "campaign, law, rule, draft, meeting, death, ...", DERIVED),
    always("country", HostileText(), "country it is of, ISO 3166-1 alpha-2", DERIVED),
    always("title", HostileText(), "what happened, in a line", DERIVED),
    always("onset_from", bytewise_text(10), "the earliest day it may have begun, UTC", DERIVED),
    always("onset_to", bytewise_text(10), "the latest day it may have begun, UTC", DERIVED),
    always("precision", bytewise_text(16), "day or month: how exactly that is known", DERIVED),
    maybe(
        "end",
        bytewise_text(10),
        "its last day, UTC; null: it goes on, or what it set stays",
        DERIVED,
    ),
    _list("categories", "JSON array of the kinds of site it is about; none: of no kind apart"),
    _list("targets", "JSON array of the hosts it is about; those below them count"),
    _list("probes", "JSON array of the probes that could see it; none: any"),
    always("window", JsonText(), "JSON object: the days compared, set down beforehand", DERIVED),
    always("note", HostileText(), "what to know of it; may be empty", DERIVED),
    _list("sources", "JSON array: publisher, title, url and date of each report"),
    comment="Events of internet policy as others reported them; each night puts here those that its"
    " version knows.",
)

freshness = Table(
    "freshness",
    metadata,
    Column(
        "number",
        whole(),
        primary_key=True,
        autoincrement=False,
        comment="1: there is one row, of the last night",
        info=UPKEEP.mark(),
    ),
    always("begun", UtcTime(), "when the last night began, UTC, RFC 3339", DERIVED),
    maybe("ended", UtcTime(), "when it ended, UTC, RFC 3339; null: under way, or killed", DERIVED),
    always(
        "state",
        bytewise_text(16),
        "of the last night: under_way, done, failed, or incomplete: forgotten in part since",
        DERIVED,
    ),
    maybe("why", HostileText(), "why it failed or is incomplete; null otherwise", DERIVED),
    maybe(
        "published",
        UtcTime(),
        "when the night began whose tables are shown, UTC; null before the first whole one",
        DERIVED,
    ),
    maybe("first_day", bytewise_text(10), "first day of the window it looked at, UTC", DERIVED),
    maybe("last_day", bytewise_text(10), "last day of that window, UTC", DERIVED),
    maybe("newest_measurement", UtcTime(), "when the newest look in it began, UTC", DERIVED),
    maybe("ruleset_version", whole(), "version of the rules whose verdicts it counts", DERIVED),
    maybe("n_days_built", whole(), "days it built anew", DERIVED),
    maybe("n_cells", whole(), "rows of days somebody looked at, all days that are shown", DERIVED),
    maybe("n_findings", whole(), "findings that are shown", DERIVED),
    comment="How the last night went, and how old the tables are that it left.",
)
