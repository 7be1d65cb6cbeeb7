"""A coarse record tells the hour, and is the same evidence."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings

from analysis.judge import judge
from heliograph.detail import HttpDetail, read
from heliograph.ids import measurement_id, with_id
from heliograph.model import Measurement, Step
from storage.ooni.coarse import coarsened
from tests.unit.analysis.builders import http, measured, tls, written
from tests.unit.analysis.cases import EVERY_LOOK
from tests.unit.storage.ooni.random_looks import LOOKS

_EXPIRES = "a=[3 characters]; expires=Mon, 23-Nov-2026 12:00:00 GMT"
EXACT = datetime(2026, 11, 23, 12, 34, 56, tzinfo=UTC)


def shown(*headers: tuple[str, str]) -> Step:
    detail = HttpDetail(url="https://site.example/12:34:56", status=200, headers=headers)
    return msgspec.structs.replace(http(), detail=written(detail))


def look(*steps: Step) -> Measurement:
    return with_id(msgspec.structs.replace(measured(*steps), started=EXACT))


@pytest.mark.parametrize(
    ("exact", "coarse"),
    [
        ("Mon, 23 Nov 2026 12:34:56 GMT", "Mon, 23 Nov 2026 12:00:00 GMT"),
        ("Monday, 23-Nov-26 12:34:56 GMT", "Monday, 23-Nov-26 12:00:00 GMT"),
        ("Mon Nov 23 12:34:56 2026", "Mon Nov 23 12:00:00 2026"),
        ("a=[3 characters]; expires=Mon, 23-Nov-2026 12:34:57 GMT", _EXPIRES),
        ("2001:db8::12:34:56", "2001:db8::12:34:56"),
        ("max-age=600", "max-age=600"),
    ],
)
def test_headers_tell_the_hour_alone(exact: str, coarse: str) -> None:
    (step,) = coarsened(look(shown(("Date", exact), ("Server", "x")))).steps
    found = read(step, HttpDetail)

    assert found.headers == (("Date", coarse), ("Server", "x"))
    assert found.url == "https://site.example/12:34:56"


def test_the_beginning_is_the_full_hour_and_no_source_port_is_told() -> None:
    found = coarsened(look(msgspec.structs.replace(tls(), source_port=40000)))

    assert found.started == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert [step.source_port for step in found.steps] == [None]


def test_the_id_is_that_of_what_is_told() -> None:
    exact = look(tls())
    found = coarsened(exact)

    assert found.id == measurement_id(found) != exact.id
    later = with_id(msgspec.structs.replace(exact, started=EXACT.replace(second=57)))
    assert coarsened(later) == found


def test_an_exchange_that_cannot_be_read_is_told_without_its_detail() -> None:
    broken = msgspec.structs.replace(http(), detail='{"Date":"12:34:56"')

    assert [step.detail for step in coarsened(look(broken)).steps] == ["{}"]


@settings(max_examples=60)
@given(LOOKS)
def test_what_is_coarse_already_stays_as_it_is(exact: Measurement) -> None:
    once = coarsened(exact)

    assert coarsened(once) == once


def test_the_verdict_is_the_same() -> None:
    for exact in EVERY_LOOK:
        one, other = judge(exact), judge(coarsened(exact))
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert msgspec.structs.replace(other, measurement_id=one.measurement_id) == one
