"""The product does not know the lab: none of its names and addresses is in the product's sources.

Whoever judges what is staged must not have been told what is staged.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from heliograph.lab import loopback, scene
from heliograph.lab.authority import Authority
from heliograph.lab.rows import ROWS
from heliograph.lab.scene import NETWORKS, Scene

ROOT = Path(__file__).parents[2]
ROOMS = ("probes", "analysis", "scheduler", "storage")
PUBLISHED = frozenset({"198.18.0.0/15", "2001:2::/48"})
"""Whole reserved ranges (RFC 2544, RFC 5180): a list of bogons has them, lab or no lab."""


@cache
def of_the_lab() -> frozenset[str]:
    """Every host name, network name, row name and the beginning of every address."""
    return frozenset({*_hosts(), *_places(), *_network_names(), *_rows()})


def _hosts() -> Iterator[str]:
    authority = Authority()
    staged = Scene(authority, authority, on=True)
    for row in ROWS:
        row.stage(staged)
        yield from (urlsplit(t if "//" in t else f"//{t}").hostname or "" for t in row.targets)
    staged.furnish()
    yield from staged.truth
    for server in staged.servers:
        yield from server.sites
        yield from _beginnings(server.address)
    for condition in staged.conditions:
        yield from getattr(condition, "names", ())
    yield from (scene.RESOLVER_NAME, scene.CONTROL_NAME, scene.CONNECTIVITY, *scene.INNOCUOUS)


def _places() -> Iterator[str]:
    for cidr in NETWORKS:
        yield from _beginnings(cidr.partition("/")[0])
    for value in vars(scene).values():
        if isinstance(value, str) and re.fullmatch(r"[0-9a-f.:]+[.:][0-9a-f.:]*", value):
            yield from _beginnings(value)
    for value in vars(loopback).values():
        if isinstance(value, str) and re.fullmatch(r"127(\.\d+){3}", value):
            yield ".".join(value.split(".")[:2]) + "."


def _beginnings(address: str) -> Iterator[str]:
    """The address, and what all addresses of its network begin with."""
    yield address
    mark = ":" if ":" in address else "."
    yield mark.join(address.split(mark)[:2]) + mark


def _network_names() -> Iterator[str]:
    for asn, _, name in NETWORKS.values():
        yield str(asn)
        yield from (name,) if " " in name else (f'"{name}"', f"'{name}'")  # not the mere word


def _rows() -> Iterator[str]:
    yield from (f"{mark}{row.name}{mark}" for row in ROWS for mark in "\"'" if "-" in row.name)
    yield from (row.meaning for row in ROWS)
    yield "heliograph.lab"


def found_in(sources: Mapping[str, str]) -> list[str]:
    """Each line that has something of the lab in it."""
    words = sorted(of_the_lab(), key=len, reverse=True)
    anything = re.compile(rf"(?<![\w.:])(?:{'|'.join(map(re.escape, words))})", re.I)
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in sources.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if anything.search(_without_published(line))
    ]


def _without_published(line: str) -> str:
    for whole in PUBLISHED:
        line = line.replace(whole, "")
    return line


MEASURED = ROOT / "analysis" / "accuracy.json"
"""What the lab counted, which names the conditions that came out wrong; no rule reads it."""


@cache
def sources() -> Mapping[str, str]:
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*")]
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for path in files
        if path.is_file() and path.suffix != ".pyc" and path != MEASURED
    }


def test_nothing_of_the_lab_is_in_the_product() -> None:
    assert found_in(sources()) == []


def test_the_sources_were_really_read() -> None:
    assert {"probes/web.py", "analysis/rules.py"} <= set(sources())
    assert all(any(name.startswith(f"{room}/") for name in sources()) for room in ROOMS)


def test_the_list_has_what_the_lab_uses() -> None:
    assert {"reset.example", "weather.example", "elsewhere.example", "resolver.example"} <= (
        of_the_lab()
    )
    assert {"xn--bcher-kva.example", "notice.example", "connectivity.example"} <= of_the_lab()
    assert {"198.18.", "2001:2:", "198.18.1.80", "127.71."} <= of_the_lab()
    assert {"64500", "Example ISP", "Delivery near"} <= of_the_lab()


@pytest.mark.parametrize(
    "line",
    [
        'if host == "reset.example":',
        "KNOWN = {'Reset.Example'}",
        'address.startswith("198.18.")',
        'if ip in ("2001:2:0:16::3",):',
        'trusted = owner == "Hosting One"',
        "asn != 64500",
        "from heliograph.lab import rows",
        '_BLOCK_PAGE = "127.71.0.3"',
        'row == "tls-reset"',
        "network == 'Elsewhere'",
        "# as for weather.example",
    ],
)
def test_a_planted_line_is_found(line: str) -> None:
    planted = {"analysis/planted.py": f"x = 1\n{line}\n"}

    assert found_in(planted) == [f"analysis/planted.py:2: {line}"]


@pytest.mark.parametrize(
    "line", ['BOGONS = ("198.18.0.0/15", "2001:2::/48")', 'name = "site.example"', "x = 164500"]
)
def test_an_innocent_line_is_not(line: str) -> None:
    assert found_in({"analysis/innocent.py": line}) == []
