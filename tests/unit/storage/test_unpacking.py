"""Whatever a file is compressed with comes out, and what swells without bound does not."""

import gzip
import io

import pytest
import zstandard

from storage.unpacking import DAMAGE, Stream, Swollen

TEXT = b"one line\n" * 1000


def everything(packed: bytes) -> bytes:
    return rest_of(Stream(io.BytesIO(packed)))


def rest_of(stream: Stream) -> bytes:
    found = b""
    while data := stream.read(1000):
        found += data
    return found


@pytest.mark.parametrize(
    "packed",
    [
        TEXT,
        gzip.compress(TEXT),
        gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]),
        zstandard.compress(TEXT),
        zstandard.compress(TEXT[:100]) + zstandard.compress(TEXT[100:]),
    ],
)
def test_a_file_comes_out_whole(packed: bytes) -> None:
    assert everything(packed) == TEXT


def test_an_empty_file_is_empty() -> None:
    assert everything(b"") == b""


def test_what_a_file_begins_with_is_seen_and_not_used_up() -> None:
    stream = Stream(io.BytesIO(gzip.compress(b"0123456789")))

    assert stream.begins_with(b"345", 3)
    assert not stream.begins_with(b"9x", 9)
    assert stream.read(4) + stream.read(100) == b"0123456789"


def test_how_far_a_file_is_read_is_told_in_its_own_bytes() -> None:
    packed = gzip.compress(TEXT)
    stream = Stream(io.BytesIO(packed))
    assert stream.taken == 0

    rest_of(stream)
    assert stream.taken == len(packed)


def test_of_a_file_that_was_cut_off_what_is_there_comes_first() -> None:
    stream = Stream(io.BytesIO(gzip.compress(TEXT)[:-8]))
    found = stream.read(len(TEXT))

    assert TEXT.startswith(found)
    assert found
    with pytest.raises(DAMAGE):
        rest_of(stream)


@pytest.mark.parametrize(
    "packed", [b"\x1f\x8bnonsense", b"\x28\xb5\x2f\xfdnonsense", gzip.compress(TEXT)[:20]]
)
def test_a_damaged_file_is_told(packed: bytes) -> None:
    with pytest.raises(DAMAGE):
        everything(packed)


def test_what_swells_out_of_proportion_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.unpacking._FREE", 100_000)

    with pytest.raises(Swollen):
        everything(gzip.compress(bytes(1_000_000)))
    assert len(everything(gzip.compress(bytes(range(256)) * 1000))) == 256_000
