"""Steps that an archive alone holds: which measurements they are of."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the table, empty: nothing is retired unasked."""
    op.create_table(
        "retired",
        sa.Column("measurement_id", _by_bytes(sa.Text(), sa.Text(collation="C")), nullable=False),
        sa.Column("ruleset_version", _whole(), nullable=True),
        sa.Column("steps", _whole(), nullable=False),
        sa.Column("sha256", _by_bytes(sa.String(64), sa.String(64, "C")), nullable=False),
        sa.ForeignKeyConstraint(
            ["measurement_id"],
            ["measurements.id"],
            name=op.f("fk_retired_measurement_id_measurements"),
        ),
        sa.PrimaryKeyConstraint("measurement_id", name=op.f("pk_retired")),
    )


def _whole() -> sa.Integer:
    return sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def _by_bytes(anywhere: sa.String, on_a_server: sa.String) -> sa.String:
    """Text that is compared by bytes whatever language a server speaks."""
    return anywhere.with_variant(on_a_server, "postgresql")
