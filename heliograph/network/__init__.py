"""Which network an address belongs to, from tables on this host; nothing is asked online.

A table is a CSV file, a MaxMind database (``.mmdb``), or what the extra ``[places]`` installs.
"""

from heliograph.network.choice import load, packaged
from heliograph.network.table import (
    Network,
    NetworkTable,
    NoTable,
    Table,
    TableError,
)

__all__ = [
    "Network",
    "NetworkTable",
    "NoTable",
    "Table",
    "TableError",
    "load",
    "packaged",
]
