"""A line of Censored Planet's is a measurement that no rule of ours calls blocked, or says why."""

import random
from datetime import UTC, datetime

import msgspec
import pytest

from analysis.judge import judge
from heliograph.ids import measurement_id
from heliograph.model import Outcome, State
from storage.censoredplanet.reading import (
    NEITHER,
    NO_STEP,
    NO_TARGET,
    read,
    theirs,
    unreadable,
)
from tests.unit.storage.censoredplanet.lines import (
    READ_RESET,
    SERVER,
    TIMEOUT,
    answer,
    flat_quack,
    flat_satellite,
    quack,
    query,
    said,
    satellite,
    written,
)

NOTICE = answer("200 OK", "<title>Access denied</title>by order of the ministry")
HARMLESS = said(1, control_url="control-1.example")
DAMNING = {
    "a known forged address": satellite(query(0, "10.10.34.36")),
    "flat": flat_satellite(0, "10.10.34.36"),
    "no such name": satellite(query(3), query(3)),
    "refused": flat_satellite(5),
    "silence": satellite(query(-1, error=TIMEOUT), query(-1, error=TIMEOUT)),
    "a page": quack(HARMLESS, said(2, matches_template=False, response=NOTICE), HARMLESS),
    "a reset in the clear": quack(HARMLESS, said(2, matches_template=False, error=READ_RESET)),
    "a reset of the name": quack(
        HARMLESS, said(2, matches_template=False, error=READ_RESET), HARMLESS, service="https"
    ),
    "flat reset": flat_quack(matches_template=False, received_error=READ_RESET),
}


USUAL = (satellite(query(0, "203.0.113.10")), quack(said(1)), flat_quack())


@pytest.mark.parametrize(
    "line", [*DAMNING.values(), *USUAL], ids=[*DAMNING, "2.2", "quack", "flat ok"]
)
def test_what_was_seen_from_abroad_is_not_judged(line: bytes) -> None:
    found = read(line)

    assert found.outcome is Outcome.MEASURED
    assert found.steps
    assert judge(found) is None


@pytest.mark.parametrize(
    "line", [*DAMNING.values(), *USUAL], ids=[*DAMNING, "2.2", "quack", "flat ok"]
)
def test_nor_could_it_be_taken_for_a_visit_from_within(line: bytes) -> None:
    """Judged as a look of ours, the steps settle nothing: none is on a browser's way."""
    verdict = judge(msgspec.structs.replace(read(line), probe="web", source=None))

    assert verdict is not None
    assert (verdict.state, verdict.techniques) == (State.INCONCLUSIVE, ())


def test_a_satellite_line_says_whose_where_and_when() -> None:
    found = read(satellite(query(0, "203.0.113.10")))

    assert (found.probe, found.probe_version) == ("satellite", 2)
    assert (found.target.url, found.target.input) == ("https://site.example/", "site.example")
    assert (found.vantage.country, found.vantage.asn) == ("UA", 0)
    assert found.vantage.source == "censoredplanet"
    assert found.started == datetime(2021, 10, 20, 18, 51, 41, tzinfo=UTC)
    assert (found.seconds, found.source) == (1.5, "censoredplanet:")
    assert found.id == measurement_id(found)


def test_a_hyperquack_line_says_whose_where_and_when() -> None:
    found = read(quack(said(9), said(12)))

    assert (found.probe, found.software) == ("hyperquack", "Censored Planet Hyperquack 2")
    assert found.target.url == "http://site.example/"
    assert found.started == datetime(2021, 5, 30, 5, 1, 9, tzinfo=UTC)
    assert (found.seconds, found.source) == (3.25, "censoredplanet:2021-05-30T01:01:01")


@pytest.mark.parametrize("line", [flat_satellite(0), flat_quack()])
def test_a_flat_line_says_the_network_as_well(line: bytes) -> None:
    found = read(line)

    assert (found.vantage.country, found.vantage.asn) == ("UA", 64500)
    assert found.vantage.network_name == "Example Inc."
    assert found.source is not None
    assert found.source.startswith("censoredplanet:CP_")
    assert found.target.url == "https://site.example/"


@pytest.mark.parametrize("service", ["echo", "discard", "echo:8080", "unheard-of"])
def test_protocols_that_are_no_step_of_ours_are_skipped_and_say_so(service: str) -> None:
    found = read(quack(said(1), service=service))

    assert (found.outcome, found.reason, found.steps) == (Outcome.SKIPPED, NO_STEP, ())


def test_a_flat_line_of_no_known_scan_is_skipped() -> None:
    assert read(flat_quack(source="x")).reason == NO_STEP


def test_what_tells_of_a_vantage_point_alone_is_skipped() -> None:
    found = read(written(vp=SERVER, service="http", response=[], template={}))

    assert (found.outcome, found.reason) == (Outcome.SKIPPED, NO_TARGET)


@pytest.mark.parametrize(
    "line",
    [
        written(Server=SERVER, Keyword="site.example", Results=[]),
        written(resolver=SERVER, query="site.example", answers=[]),
        written(ip=SERVER, keyword="site.example", http={}),
        b"{}",
    ],
    ids=["Hyperquack 1", "Satellite 1", "a fetched page", "nothing"],
)
def test_other_lines_are_broken_and_say_so(line: bytes) -> None:
    found = read(line)

    assert (found.outcome, found.reason) == (Outcome.BROKEN, NEITHER)


@pytest.mark.parametrize(
    "line",
    [b"", b"null", b"[]", b"\xff", b"{", b'{"vp":7}', satellite(response=["x"]), b"[" * 5000],
    ids=range(8),
)
def test_what_cannot_be_read_is_broken_and_says_why(line: bytes) -> None:
    found = read(line)

    assert found.outcome is Outcome.BROKEN
    assert found.reason
    assert found.id == measurement_id(found)


def test_different_lines_that_cannot_be_read_are_different_measurements() -> None:
    ids = {read(b"x").id, read(b"y").id, unreadable(b"file:3", "too long").id}

    assert len(ids) == 3
    assert read(b" x \n") == read(b"x")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (quack(said(1)), "anomaly"),
        (satellite(query(0)), "no anomaly"),
        (flat_quack(no_response_in_measurement_matches_template=True), "anomaly"),
        (flat_quack(), "no anomaly"),
        (flat_satellite(0), None),
        (b"{", None),
        (b'{"anomaly":"perhaps"}', None),
    ],
    ids=range(7),
)
def test_what_they_made_of_it_is_told_apart_from_what_they_saw(
    line: bytes, word: str | None
) -> None:
    assert theirs(line) == word


def test_no_line_is_an_error() -> None:
    chance = random.Random(1)
    for line in (
        *DAMNING.values(),
        flat_quack(),
        satellite(response={"rcode": ["--5", "9" * 6000]}),
    ):
        for _ in range(120):
            cut = chance.randrange(len(line))
            piece = bytes(chance.choice(b'0123456789"{}[],:-nt\\\xff') for _ in range(3))
            found = read(line[:cut] + piece + line[cut + chance.randrange(4) :])
            assert found.id
            judge(found)
