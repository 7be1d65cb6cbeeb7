"""Ends with 0 when a database's last whole night began within so many hours; for health checks.

python fresh.py URL HOURS
"""

import sys
from datetime import UTC, datetime, timedelta

from heliograph import door


def main(url: str, hours: str) -> str | None:
    """What is wrong, or None."""
    since = datetime.now(UTC) - timedelta(hours=float(hours))
    try:
        with door.open(url, seconds=10) as results:
            ((published,),) = results.query("SELECT max(published) FROM api_v1_freshness")
    except door.StorageError as error:
        return str(error)
    if published is None:
        return "there was no whole night yet"
    if str(published) < since.strftime("%Y-%m-%dT%H:%M:%SZ"):
        return f"the last whole night began at {published}"
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
