"""Consent in full: when it ends, what it covers, and whether it was withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; consents given before have none of this, and are asked for again."""
    op.add_column("consents", sa.Column("expires", sa.String(20), nullable=True))
    op.add_column("consents", sa.Column("classes", sa.Text(), nullable=True))
    op.add_column("consents", sa.Column("categories", sa.Text(), nullable=True))
    op.add_column("consents", sa.Column("withdrawn", sa.String(20), nullable=True))
