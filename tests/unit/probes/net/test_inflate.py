"""Content codings undone with a cap."""

import gzip
import tracemalloc
import zlib

import pytest

from probes.net.inflate import Inflater

TEXT = b"hello, " * 100
BARE = zlib.compressobj(wbits=-15)
BARE_DEFLATE = BARE.compress(TEXT) + BARE.flush()


def inflated(coding: str | None, *chunks: bytes, cap: int = 1000) -> Inflater:
    inflater = Inflater(coding, cap)
    for chunk in chunks:
        inflater.feed(chunk)
    return inflater


@pytest.mark.parametrize(
    ("coding", "raw"),
    [
        (None, TEXT),
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT, mtime=0)),
        (" X-GZip ", gzip.compress(TEXT, mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", BARE_DEFLATE),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_known_coding_is_undone_however_it_is_cut_up(
    coding: str | None, raw: bytes, size: int
) -> None:
    chunks = [raw[i : i + size] for i in range(0, len(raw), size)]
    made = inflated(coding, *chunks)

    assert made.content == TEXT
    assert made.problem is None
    assert not made.full


@pytest.mark.parametrize("coding", [None, "gzip", "deflate"])
def test_the_cap_holds_to_the_byte(coding: str | None) -> None:
    raw = {None: TEXT, "gzip": gzip.compress(TEXT, mtime=0), "deflate": zlib.compress(TEXT)}[coding]
    made = inflated(coding, raw, raw, cap=9)

    assert made.content == TEXT[:9]
    assert made.full


def test_a_bomb_costs_no_more_than_the_cap() -> None:
    bomb = gzip.compress(bytes(20_000_000))
    tracemalloc.start()
    made = inflated("gzip", bomb, cap=10_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert len(made.content) == 10_000
    assert peak < 1_000_000


def test_what_is_no_such_coding_is_kept_as_it_came() -> None:
    made = inflated("gzip", b"not gzip", b" at all")

    assert made.problem is not None
    assert made.problem.startswith("gzip: ")
    assert made.content == b" at all"


def test_damage_in_the_middle_keeps_what_came_before() -> None:
    raw = gzip.compress(TEXT, mtime=0)
    made = inflated("gzip", raw[:-8], b"\0" * 8)

    assert made.content.startswith(TEXT)
    assert made.problem is not None


@pytest.mark.parametrize(
    ("coding", "problem"),
    [
        ("gzip, gzip", "gzip, gzip: more than one coding"),
        ("br", "br: not undone"),
        ("z" * 500, "z" * 60 + ": not undone"),
    ],
)
def test_a_coding_we_do_not_undo_is_named(coding: str, problem: str) -> None:
    made = inflated(coding, b"abc")

    assert made.problem == problem
    assert made.content == b"abc"
