"""The catalogue: each row a condition, how it is staged, and the verdict it must get."""

from collections.abc import Sequence
from difflib import get_close_matches

from heliograph.lab.censor import DropAddress
from heliograph.lab.row import Row, Staged
from heliograph.lab.rows_around import AROUND
from heliograph.lab.rows_beyond_censors import BEYOND_CENSORS
from heliograph.lab.rows_beyond_names import BEYOND_NAMES
from heliograph.lab.rows_beyond_servers import BEYOND_SERVERS
from heliograph.lab.rows_content import CONTENT
from heliograph.lab.rows_dns import NAMES
from heliograph.lab.rows_http import HTTP
from heliograph.lab.rows_keyword import WORDS
from heliograph.lab.rows_open import OPEN
from heliograph.lab.rows_quic import QUIC
from heliograph.lab.rows_shown import TOGETHER, secure, welcome
from heliograph.lab.rows_throttle import THROTTLING
from heliograph.lab.rows_tls import HANDSHAKES
from heliograph.lab.rows_trace import TRACE
from heliograph.lab.rows_v6 import IPV6
from heliograph.lab.scene import Scene
from heliograph.lab.witness import Check

__all__ = ["BEYOND", "ROWS", "TOGETHER", "crowd", "named"]

BEYOND = (*BEYOND_NAMES, *BEYOND_SERVERS, *BEYOND_CENSORS)
"""Conditions that no list of scenarios named: here it shows whether rules judge by principle."""

ROWS = (
    *TOGETHER,
    *AROUND,
    *NAMES,
    *HANDSHAKES,
    *OPEN,
    *HTTP,
    *IPV6,
    *CONTENT,
    *QUIC,
    *THROTTLING,
    *WORDS,
    *TRACE,
    *BEYOND,
)


def named(names: Sequence[str]) -> tuple[Row, ...]:
    """The rows of these names, in the catalogue's order; ValueError for one there is not."""
    known = {row.name: row for row in ROWS}
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=3, cutoff=0.0)
            raise ValueError(
                f"there is no row {name!r}; there are {', '.join(near)} and others:"
                " heliograph lab list"
            )
    return tuple(row for row in ROWS if row.name in names)


def crowd(healthy: int, dropped: int) -> tuple[Row, Row]:
    """Many sites at once over a long path: healthy ones, and ones whose addresses are dropped.

    Not in the catalogue: for measuring how fast a run is, not whether it is right.
    """
    names = [f"crowd{number}.example" for number in range(healthy)]
    lost = [f"lost{number}.example" for number in range(dropped)]

    def served(scene: Scene) -> Staged:
        scene.delay = 0.05
        for name in names:
            address = scene.site(name, ports=(443,) if scene.on else ())
        check = Check(kind="https", name=names[-1], address=address, port=443)
        return ((check, welcome(200, names[-1])),)

    def unserved(scene: Scene) -> Staged:
        addresses = tuple(scene.site(name, ports=(443,)) for name in lost)
        scene.interfere(DropAddress(addresses=addresses))
        return ((Check(kind="tcp", name="", address=addresses[-1], port=443), "timeout"),)

    return (
        Row("crowd", "healthy sites", secure(*names), "ok", None, served),
        Row("lost", "dropped addresses", secure(*lost), "blocked", "tcp.timeout", unserved),
    )
