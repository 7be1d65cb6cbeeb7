"""The corpus: what the lab measured, row by row, with what is true of it (docs/guide/lab.md)."""

import gzip
from functools import cache
from pathlib import Path

from analysis.corpus import Kept, read

FOLDER = Path(__file__).parents[2] / "corpus"
SUFFIX = ".jsonl.gz"
RENEW = "run: heliograph lab evaluate --repeat 3 --keep tests/corpus"


def files() -> dict[str, Path]:
    """By row."""
    return {path.name.removesuffix(SUFFIX): path for path in sorted(FOLDER.glob(f"*{SUFFIX}"))}


@cache
def lines() -> bytes:
    """Every measurement as it is stored, one a line."""
    return b"".join(gzip.decompress(path.read_bytes()) for path in files().values())


@cache
def corpus() -> tuple[Kept, ...]:
    """Every measurement."""
    return tuple(read(lines()))
