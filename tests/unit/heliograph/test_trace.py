"""A trace keeps every step, with the truth about those that were cut off."""

import asyncio
import json
from collections.abc import Callable, Iterable

import httpx
import pytest

from heliograph.detail import Cause, TcpDetail, read
from heliograph.failure import Failure
from heliograph.model import Role, Step, StepKind
from heliograph.plugin import Label
from heliograph.scrub import Scrubber
from heliograph.trace import OpenStep, Trace


def trace_at(times: Iterable[float], scrub: Callable[[str], str] = str) -> Trace:
    """A trace whose clock shows these times, one after the other."""
    ticks = iter(times)
    return Trace(lambda: next(ticks), scrub)


def still() -> Trace:
    """A trace whose clock stands still."""
    return Trace(lambda: 5.0, str)


def failed_with(error: BaseException) -> Step:
    """The step that ends with this error."""
    trace = still()
    with trace.step(StepKind.TCP_CONNECT) as step:
        step.detail = TcpDetail()
        raise error
    return trace.steps()[0]


def test_a_step_keeps_what_it_is_about_and_when() -> None:
    trace = trace_at([100.0, 100.25, 101.0])
    label = Label(role=Role.CONTROL_BEFORE, pair="p", hop=2)
    with trace.step(
        StepKind.TLS_HANDSHAKE,
        label,
        host="example.org",
        resolver="udp://198.18.0.8",
        peer=("198.18.0.1", 443),
        sni="example.org",
    ) as step:
        step.source_port, step.bytes_sent, step.bytes_received = 40000, 5, 7
    assert trace.steps() == (
        Step(
            kind=StepKind.TLS_HANDSHAKE,
            role=Role.CONTROL_BEFORE,
            pair="p",
            hop=2,
            host="example.org",
            resolver="udp://198.18.0.8",
            address="198.18.0.1",
            port=443,
            source_port=40000,
            sni="example.org",
            started=0.25,
            seconds=0.75,
            bytes_sent=5,
            bytes_received=7,
            failure=None,
        ),
    )
    assert step.frozen == trace.steps()[0]


def test_a_block_that_ends_well_is_a_success() -> None:
    trace = still()
    with trace.step(StepKind.TCP_CONNECT):
        pass
    assert trace.steps()[0].failure is None


def test_an_open_step_reads_interrupted_and_the_trace_is_complete() -> None:
    trace = still()
    with trace.step(StepKind.DNS_QUERY):
        pass
    open_step = trace.step(StepKind.TCP_CONNECT).__enter__()
    open_step.detail = TcpDetail(refusal="so far")
    assert [step.failure for step in trace.steps()] == [None, Failure.INTERRUPTED]
    assert read(trace.steps()[1], TcpDetail).refusal == "so far"


def test_steps_stand_in_the_order_they_began() -> None:
    trace = still()
    with trace.step(StepKind.DNS_QUERY), trace.step(StepKind.TCP_CONNECT):
        pass
    assert [step.kind for step in trace.steps()] == [StepKind.DNS_QUERY, StepKind.TCP_CONNECT]


def test_what_the_network_does_ends_the_block_and_becomes_the_failure() -> None:
    step = failed_with(ConnectionRefusedError(111, "refused"))
    assert step.failure is Failure.CONNECTION_REFUSED
    assert read(step, TcpDetail).cause == Cause(
        type="builtins.ConnectionRefusedError", errno=111, text="[Errno 111] refused"
    )


def test_the_cause_kept_is_the_one_the_word_comes_from() -> None:
    error = httpx.ConnectError("")
    error.__cause__ = ConnectionResetError(104, "reset")
    step = failed_with(error)
    assert step.failure is Failure.CONNECTION_RESET
    cause = read(step, TcpDetail).cause
    assert cause is not None
    assert (cause.type, cause.errno) == ("builtins.ConnectionResetError", 104)


def test_a_cause_is_cut_and_made_storable() -> None:
    cause = read(failed_with(EOFError("a\x00b\ud800" + "x" * 500)), TcpDetail).cause
    assert cause is not None
    assert cause.text.startswith("a\\x00b\\ud800x")
    assert len(cause.text) == 300


def test_a_bug_of_ours_passes_through_and_leaves_the_step_interrupted() -> None:
    trace = still()
    with pytest.raises(KeyError), trace.step(StepKind.TCP_CONNECT):
        raise KeyError("ours")
    assert trace.steps()[0].failure is Failure.INTERRUPTED


def test_cancellation_passes_through_and_leaves_the_step_interrupted() -> None:
    trace = still()
    with pytest.raises(asyncio.CancelledError), trace.step(StepKind.TCP_CONNECT):
        raise asyncio.CancelledError
    assert trace.steps()[0].failure is Failure.INTERRUPTED


async def test_a_deadline_leaves_the_step_interrupted() -> None:
    trace = still()

    async def look() -> None:
        async with asyncio.timeout(0):
            with trace.step(StepKind.TCP_CONNECT):
                await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await look()
    assert trace.steps()[0].failure is Failure.INTERRUPTED


def test_a_failure_may_be_said_without_an_exception() -> None:
    trace = still()
    with trace.step(StepKind.DNS_QUERY) as step:
        step.fail(Failure.DNS_NXDOMAIN_ERROR)
    assert trace.steps()[0].failure is Failure.DNS_NXDOMAIN_ERROR


def test_a_cause_needs_a_detail_to_stand_in() -> None:
    trace = still()
    with trace.step(StepKind.TCP_CONNECT) as step:
        raise EOFError
    assert (trace.steps()[0].failure, step.frozen.detail) == (Failure.EOF_ERROR, "{}")


def test_the_detail_is_cleaned_and_then_scrubbed() -> None:
    trace = Trace(lambda: 0.0, lambda text: text.replace("203.0.114.7", "[scrubbed]"))
    with trace.step(StepKind.TCP_CONNECT) as step:
        step.detail = TcpDetail(refusal="\x00203.0.114.7")
    detail = trace.steps()[0].detail
    assert json.loads(detail) == {"refusal": "\\x00[scrubbed]"}


def test_an_open_step_is_scrubbed_too() -> None:
    trace = Trace(lambda: 0.0, lambda text: text.replace("203.0.114.7", "[scrubbed]"))
    opened: OpenStep = trace.step(StepKind.TCP_CONNECT)
    opened.detail = TcpDetail(refusal="203.0.114.7")
    assert "203.0.114.7" not in trace.steps()[0].detail


def test_elapsed_counts_from_the_beginning() -> None:
    assert trace_at([10.0, 12.5]).elapsed() == 2.5


def test_a_step_somebody_else_made_stands_where_it_was_taken_over() -> None:
    trace = still()
    with trace.step(StepKind.DNS_QUERY):
        pass
    theirs = Step(kind=StepKind.TCP_CONNECT, role=Role.REMOTE_CONTROL, started=1.5, failure=None)
    trace.adopt(theirs)
    with trace.step(StepKind.TLS_HANDSHAKE):
        pass

    assert [step.kind for step in trace.steps()] == [
        *(StepKind.DNS_QUERY, StepKind.TCP_CONNECT, StepKind.TLS_HANDSHAKE)
    ]
    assert trace.steps()[1] == theirs


def test_what_is_taken_over_is_cleaned_and_scrubbed() -> None:
    trace = Trace(lambda: 0.0, lambda text: text.replace("203.0.114.7", "[scrubbed]"))
    trace.adopt(Step(kind=StepKind.TCP_CONNECT, detail=r'{"refusal":"\u0000 203.0.114.7"}'))

    assert json.loads(trace.steps()[0].detail) == {"refusal": r"\x00 [scrubbed]"}


def test_an_address_that_becomes_known_late_is_taken_out_of_what_came_before() -> None:
    """A control tells us our public address when much has been recorded already."""
    scrubber = Scrubber()
    trace = Trace(lambda: 0.0, scrubber.scrub)
    with trace.step(StepKind.TCP_CONNECT) as step:
        step.detail = TcpDetail(refusal="hello 203.0.114.7")
    trace.adopt(Step(kind=StepKind.TCP_CONNECT, detail='{"refusal":"203.0.114.7"}'))
    assert "203.0.114.7" in trace.steps()[0].detail

    scrubber.add("203.0.114.7")

    assert [read(step, TcpDetail).refusal for step in trace.steps()] == [
        *("hello [scrubbed]", "[scrubbed]")
    ]


def test_what_becomes_known_after_a_step_was_closed_is_added_and_scrubbed() -> None:
    trace = Trace(lambda: 5.0, lambda text: text.replace("192.0.2.7", "[own]"))
    with trace.step(StepKind.TCP_CONNECT) as step:
        step.detail = TcpDetail(refusal="192.0.2.7")
        raise ConnectionResetError(104, "reset")
    step.amend(residual=True)
    (closed,) = trace.steps()

    assert closed.failure is Failure.CONNECTION_RESET
    detail = read(closed, TcpDetail)
    assert (detail.residual, detail.refusal) == (True, "[own]")
    assert detail.cause is not None


def test_what_shows_only_later_is_asked_for_before_anything_is_read() -> None:
    trace = still()
    trace.catch_up = lambda: trace.flag("late")

    assert list(trace.flags) == ["late"]
    asked: list[str] = []
    trace.catch_up = lambda: asked.append("steps")
    trace.steps()
    assert asked == ["steps"]
