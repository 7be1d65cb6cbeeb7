"""What a night leaves: cells, days, series, findings, freshness; and whose key a receipt is of."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables, all empty: the next night fills them."""
    op.add_column("receipts", sa.Column("vantage", sa.Text(), nullable=True))
    _cells()
    _days_and_series()
    _findings()
    _events()
    _freshness()


def _key() -> list[sa.Column[object]]:
    return [
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("asn", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("probe", sa.Text(), nullable=False),
    ]


def _whole(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _cells() -> None:
    states = ("ok", "blocked", "throttled", "restricted", "removed", "down", "inconclusive")
    key = ("day", "country", "asn", "target", "probe", "build")
    op.create_table(
        "cells",
        sa.Column("day", sa.String(10), nullable=False),
        *_key(),
        sa.Column("build", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("technique", sa.Text(), nullable=True),
        *_whole("n_measurements", "n_vantages", *(f"n_{state}" for state in states)),
        sa.Column("blocked_share", sa.Float(), nullable=True),
        sa.Column("blocked_share_low", sa.Float(), nullable=True),
        sa.Column("blocked_share_high", sa.Float(), nullable=True),
        sa.Column("witness_id", sa.Text(), nullable=True),
        sa.Column("max_lag_seconds", sa.Integer(), nullable=True),
        sa.Column("flags", sa.Text(), nullable=False),
        *_whole("weighed_ok", "weighed_blocked", "weighed_throttled", "weighed_down"),
        *_whole("weighed_inconclusive"),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_cells")),
    )


def _days_and_series() -> None:
    op.create_table(
        "days",
        sa.Column("day", sa.String(10), nullable=False),
        *_whole("build"),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        *_whole("ruleset_version"),
        sa.Column("built_at", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_days")),
    )
    op.create_table(
        "series",
        *_key(),
        sa.Column("first_day", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("country", "asn", "target", "probe", name=op.f("pk_series")),
    )


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("asns", "targets", "probes", "techniques")
        ),
        *(
            sa.Column(name, sa.String(20), nullable=False)
            for name in ("onset", "onset_from", "onset_to")
        ),
        *(sa.Column(name, sa.String(20), nullable=True) for name in ("end", "end_from", "end_to")),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("confidence_word", sa.String(16), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("members", "changes", "witnesses", "explanation")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_findings")),
    )
    op.create_index(op.f("ix_findings_country"), "findings", ["country"])


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("onset_from", sa.String(10), nullable=False),
        sa.Column("onset_to", sa.String(10), nullable=False),
        sa.Column("precision", sa.String(16), nullable=False),
        sa.Column("end", sa.String(10), nullable=True),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("categories", "targets", "probes", "window", "note", "sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )


def _freshness() -> None:
    op.create_table(
        "freshness",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begun", sa.String(20), nullable=False),
        sa.Column("ended", sa.String(20), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("published", sa.String(20), nullable=True),
        sa.Column("first_day", sa.String(10), nullable=True),
        sa.Column("last_day", sa.String(10), nullable=True),
        sa.Column("newest_measurement", sa.String(20), nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=True)
            for name in ("ruleset_version", "n_days_built", "n_cells", "n_findings")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_freshness")),
    )
