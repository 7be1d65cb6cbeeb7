"""Numbers and texts of an upgraded PostgreSQL database as in a fresh one: 64 bits, by bytes.

Databases that came from 0004 have tables of nights whose whole numbers have 32 bits and whose texts
are compared as the server's language does. SQLite knows neither difference.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_TABLES = ("cells", "days", "series", "findings", "events", "freshness", "receipts")
_ODD = sa.text(
    "SELECT a.attname, a.atttypid = 'int4'::regtype, format_type(a.atttypid, a.atttypmod)"
    " FROM pg_attribute AS a LEFT JOIN pg_collation AS c ON c.oid = a.attcollation"
    " WHERE a.attrelid = CAST(:name AS regclass) AND a.attnum > 0 AND NOT a.attisdropped"
    " AND (a.atttypid = 'int4'::regtype OR c.collname <> 'C') ORDER BY a.attnum"
)


def upgrade() -> None:
    """Alter what is otherwise, one table at a time; a fresh database has nothing of it."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    quoted = connection.dialect.identifier_preparer.quote
    for table in _TABLES:
        changes = [
            f"ALTER COLUMN {quoted(name)} TYPE " + ("bigint" if is_short else f'{kind} COLLATE "C"')
            for name, is_short, kind in connection.execute(_ODD, {"name": table}).all()
        ]
        if changes:
            connection.exec_driver_sql(f"ALTER TABLE {table} {', '.join(changes)}")
