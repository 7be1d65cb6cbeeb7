"""What the end of a run says of its control: how many looks, why not the others, what it means."""

from datetime import UTC, datetime

import msgspec
import pytest

from heliograph.cli.compared import Compared, is_summed_up
from heliograph.detail import HttpDetail
from heliograph.failure import Failure
from heliograph.model import (
    ADDRESS_UNKNOWN,
    CONTROL_RESTING,
    CONTROL_WOULD_LEARN,
    OUT_OF_TIME,
    PAIR_ASKED,
    Measurement,
    Role,
    RunSummary,
    Step,
    StepKind,
    Vantage,
)
from heliograph.url import parse_target


def asked(kind: StepKind, failure: Failure | None, status: int | None = None) -> Step:
    detail = "{}" if status is None else msgspec.json.encode(HttpDetail(url="x", status=status))
    return Step(
        kind=kind,
        role=Role.REMOTE_CONTROL,
        pair=PAIR_ASKED,
        failure=failure,
        detail=detail if isinstance(detail, str) else detail.decode(),
    )


SEEN = Step(kind=StepKind.TCP_CONNECT, role=Role.REMOTE_CONTROL, failure=None)
OWN = Step(kind=StepKind.TCP_CONNECT, failure=None)
ANSWER = (asked(StepKind.HTTP_EXCHANGE, None), SEEN)
REFUSED = (asked(StepKind.TCP_CONNECT, Failure.CONNECTION_REFUSED),)


def looked(*steps: Step, context: tuple[str, ...] = ()) -> Measurement:
    return Measurement(
        probe="web",
        probe_version=1,
        target=parse_target("site.example"),
        vantage=Vantage(),
        started=datetime(2026, 11, 24, tzinfo=UTC),
        steps=(OWN, *steps),
        context=context,
    )


def counted(*looks: Measurement) -> Compared:
    compared = Compared()
    for look in looks:
        compared.note(look)
    return compared


def test_where_no_control_is_configured_nothing_is_said() -> None:
    compared = counted(looked(), looked(context=(OUT_OF_TIME,)))

    assert compared.sentences() == []
    assert compared.into(RunSummary()) == RunSummary()


def test_where_every_look_was_answered_nothing_is_said_and_all_is_counted() -> None:
    compared = counted(looked(*ANSWER), looked(*REFUSED, *ANSWER))

    assert compared.sentences() == []
    summary = compared.into(RunSummary(measured=2))
    assert (summary.measured, summary.control_wanted, summary.control_answered) == (2, 2, 2)


def test_how_many_why_not_and_what_it_means() -> None:
    resting = looked(context=(CONTROL_RESTING,))
    compared = counted(looked(*ANSWER), *[looked(*REFUSED)] * 3, *[resting] * 6)

    assert compared.sentences() == [
        "the control answered 1 of 10 looks: not asked, after it had failed again and again 6,"
        " connection refused 3; without its answer more verdicts stay inconclusive"
        " ('heliograph doctor' looks for the cause)"
    ]
    summary = compared.into(RunSummary())
    assert summary.control_failures == {CONTROL_RESTING: 6, "connection_refused": 3}


@pytest.mark.parametrize(
    ("steps", "context", "words"),
    [
        ((asked(StepKind.HTTP_EXCHANGE, Failure.HTTP_UNEXPECTED_STATUS_CODE, 401),), (), "token"),
        ((asked(StepKind.HTTP_EXCHANGE, Failure.HTTP_UNEXPECTED_STATUS_CODE, 503),), (), "busy"),
        ((asked(StepKind.HTTP_EXCHANGE, Failure.HTTP_UNEXPECTED_STATUS_CODE, 500),), (), "500"),
        ((asked(StepKind.HTTP_EXCHANGE, Failure.INTERRUPTED),), (), "no answer before"),
        ((asked(StepKind.DNS_QUERY, Failure.DNS_NXDOMAIN_ERROR),), (), "dns nxdomain error"),
        ((asked(StepKind.HTTP_EXCHANGE, None),), (), "its answer held nothing"),
        ((), (CONTROL_WOULD_LEARN,), "own address"),
        ((*REFUSED, asked(StepKind.HTTP_EXCHANGE, Failure.EOF_ERROR)), (), "eof error"),
    ],
)
def test_each_reason_is_told_in_words(
    steps: tuple[Step, ...], context: tuple[str, ...], words: str
) -> None:
    (sentence,) = counted(looked(*steps, context=context)).sentences()

    assert sentence.startswith("the control answered 0 of 1 looks: ")
    assert words in sentence


def test_looks_with_an_unknown_own_address_are_said_to_stay_here() -> None:
    (sentence,) = counted(looked(context=(ADDRESS_UNKNOWN,)), looked()).sentences()

    assert "in 1 looks" in sentence
    assert sentence.endswith("they stay here and are never sent")


def test_what_the_end_tells_is_not_told_before() -> None:
    told = [f for f in (ADDRESS_UNKNOWN, CONTROL_RESTING, OUT_OF_TIME) if is_summed_up(f)]

    assert told == [ADDRESS_UNKNOWN, CONTROL_RESTING]
