"""A publisher's database with one network in it."""

from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet

HERE = "198.18.0.1"


def written(folder: Path, record: dict[str, Any], *, version: int = 6, name: str = "t") -> Path:
    """A database with this record for one network."""
    writer = MMDBWriter(version, f"Test-{name}", ipv4_compatible=version == 6)
    writer.insert_network(IPSet(["198.18.0.0/15"]), record)
    path = folder / f"{name}.mmdb"
    writer.to_db_file(str(path))
    return path
