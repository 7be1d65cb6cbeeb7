"""The cool-down ledger: where names were stopped lately."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the table; nothing is known of earlier hits, which are over by now anyway."""
    op.create_table(
        "hits",
        sa.Column("asn", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("port", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stopped", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("asn", "address", "port", "name", name=op.f("pk_hits")),
    )
    op.create_index(op.f("ix_hits_stopped"), "hits", ["stopped"])
