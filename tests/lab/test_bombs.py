"""Answers made to exhaust a volunteer's host cost little memory and time, and stop nobody.

THREATS T7. The servers run here and the looks in a child process, whose peak memory is measured.
"""

import asyncio
import gzip
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

from heliograph.lab import answers, floods, handshakes, responses
from heliograph.lab.handshakes import TlsStage
from heliograph.lab.nameserver import Nameserver
from heliograph.lab.origins import Origin, Site
from heliograph.lab.request import Request
from heliograph.lab.responses import HttpStage
from heliograph.lab.wire import Stream, Wire
from tests.lab.net_fixtures import HERE, Bench

CHILD = Path(__file__).parent / "bomb_child.py"
BODY_BYTES = 262_144
SECONDS_PER_TARGET = 10.0
PEAK_KIB = 150 * 1024
RECEIVED = (4 << 20) + (64 << 10)  # the budget of a look, and one read more
HEALTHY = "healthy.example"


class Row(TypedDict):
    """What the child says of one look."""

    host: str
    outcome: str
    reason: str | None
    state: str | None
    seconds: float
    kind: str
    failure: str | None
    received: int
    detail: dict[str, object]
    record_bytes: int


class Report(TypedDict):
    """What the child says of all looks."""

    rows: list[Row]
    peak_kib: int


def dripped_headers() -> HttpStage:
    async def stage(stream: Stream, request: Request) -> None:
        for byte in responses.head(200, [("X-Slow", "x" * 100)]):
            await stream.write(bytes([byte]))
            await asyncio.sleep(0.5)

    return stage


def endless_handshake() -> TlsStage:
    """Well-formed handshake records, each with a piece of a message that never ends."""

    async def stage(wire: Wire, hello: bytes) -> None:
        message = b"\x02\x00\xff\xff" + bytes(16_380)
        while True:
            await wire.write(b"\x16\x03\x03" + len(message).to_bytes(2) + message)

    return stage


CUT = "truncated at our cap"
OVERFLOW, TIMEOUT = "x_http_header_overflow", "generic_timeout_error"

HTTP_BOMBS: Mapping[str, tuple[HttpStage, str]] = {
    "gzip": (floods.gzip_bomb(1024), CUT),
    "gzip-of-gzip": (floods.gzip_bomb(128, layers=2), "whole"),  # small while it is packed
    "small-gzip": (responses.encoded("gzip", gzip.compress(bytes(64 << 20))), CUT),
    "br": (responses.encoded("br", bytes(8 << 20)), CUT),
    "zstd": (responses.encoded("zstd", bytes(8 << 20)), CUT),
    "endless-body": (floods.endless_body(), CUT),
    "tiny-chunks": (floods.endless_body(b"x"), CUT),
    "slow-body": (responses.dripped_body(b"x" * 1000, pace=0.5), CUT),
    "slow-headers": (dripped_headers(), TIMEOUT),
    "headers-100mb": (floods.many_headers(1000, size=100_000), OVERFLOW),
    "header-100mb": (floods.long_header(100_000_000), OVERFLOW),
    "headers-100000": (floods.many_headers(100_000), OVERFLOW),
    "endless-1xx": (floods.endless_informational(), OVERFLOW),
}
TLS_BOMBS = {"endless-handshake": "ssl_failed_handshake", "slow-handshake": TIMEOUT}
BOMBS = {name: end for name, (_, end) in HTTP_BOMBS.items()} | TLS_BOMBS
"""Each bomb, and how the look at it ends: a failure word, or what became of the body."""


def sites(bench: Bench) -> dict[str, Site]:
    found = {f"{n}.example": bench.site(s, f"{n}.example") for n, (s, _) in HTTP_BOMBS.items()}
    slow = handshakes.serve(bench.authority.context("slow-handshake.example"), pace=0.5)
    found["slow-handshake.example"] = Site(slow)
    found["endless-handshake.example"] = Site(endless_handshake())
    found[HEALTHY] = bench.site(name=HEALTHY)
    return found


async def looked_at(bench: Bench, folder: Path, hosts: list[str], parallel: int) -> Report:
    """What the child makes of these hosts, in this order, so many at once."""
    everywhere = answers.addresses(HERE)
    async with Nameserver({}, default=everywhere) as server, Origin(sites(bench)) as origin:
        config = folder / "config.toml"
        config.write_text(
            f"""\
[network]
resolver = "udp://{HERE}:{server.port}"
trusted_resolvers = []
control_names = []
ca_file = "{bench.ca_file}"
[limits]
parallel = {parallel}
body_bytes = {BODY_BYTES}
seconds_per_target = {SECONDS_PER_TARGET}
per_address_connections = 32
per_address_rate = 1000.0
""",
            encoding="utf-8",
        )
        targets = [f"https://{host}:{origin.port}/" for host in hosts]
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, str(CHILD), str(config), HERE, *targets),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(60):
                out, err = await child.communicate()
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
    assert child.returncode == 0, err.decode()
    report: Report = json.loads(out)
    return report


async def test_each_bomb_costs_little_and_the_next_target_is_measured(
    bench: Bench, tmp_path: Path
) -> None:
    hosts = [host for bomb in BOMBS for host in (f"{bomb}.example", HEALTHY)]
    report = await looked_at(bench, tmp_path, hosts, parallel=1)

    rows = report["rows"]
    assert [row["host"] for row in rows] == hosts
    assert report["peak_kib"] < PEAK_KIB
    assert [(r["state"], r["failure"]) for r in rows[1::2]] == [("ok", None)] * len(BOMBS)
    for row, end in zip(rows[::2], BOMBS.values(), strict=True):
        assert row["outcome"] == "measured", row["reason"]
        assert (row["failure"] or _cut(row["detail"])) == end, row
        assert row["seconds"] < SECONDS_PER_TARGET, row
        assert row["received"] < RECEIVED, row
        assert row["record_bytes"] < 128 << 10, row


def _cut(detail: dict[str, object]) -> str:
    return CUT if detail.get("truncated") else "whole"


async def test_all_bombs_at_once_cost_little(bench: Bench, tmp_path: Path) -> None:
    hosts = [*(f"{bomb}.example" for bomb in BOMBS), HEALTHY]
    report = await looked_at(bench, tmp_path, hosts, parallel=len(hosts))

    assert report["peak_kib"] < PEAK_KIB
    assert {row["outcome"] for row in report["rows"]} == {"measured"}
    # fifteen floods share one loop with whatever else this machine does: the end is late, not never
    assert max(row["seconds"] for row in report["rows"]) < 3 * SECONDS_PER_TARGET
    (healthy,) = [row for row in report["rows"] if row["host"] == HEALTHY]
    assert healthy["state"] == "ok"
