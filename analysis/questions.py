"""What would settle an anomaly: the follow-up looks worth their cost, cheapest first."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from analysis.beside.reading import Reading
from analysis.beside.readings import READINGS
from analysis.chain import hops
from analysis.comparisons import sent_more_elsewhere
from analysis.conditions import served_elsewhere
from analysis.evidence import Evidence
from analysis.judge import judge
from analysis.pace import came_slowly
from analysis.residual import BY_A_FILTER
from analysis.shape import about_the_shape
from analysis.surroundings import masking
from heliograph.failure import CERTIFICATE_FAILURES
from heliograph.model import (
    NO_IPV6,
    RESIDUAL_POSSIBLE,
    Measurement,
    Question,
    QuestionKind,
    State,
    Step,
    Verdict,
)
from heliograph.valid import is_address

_TLS_PORT = 443
_MOST_ADDRESSES = 2
_SETTLED = frozenset({State.OK, State.RESTRICTED})


def questions(
    measurement: Measurement, verdict: Verdict, asked: frozenset[Question]
) -> tuple[Question, ...]:
    """The next questions to ask, none twice; empty when nothing more would help."""
    if masking(measurement.context):  # whatever came of it, it would mean nothing
        return ()
    reading = READINGS.get(measurement.probe)
    if reading is not None:
        return _of_its_way(reading, measurement, asked)
    chain = hops(measurement)
    slow = tuple(question for question in _about_pace(chain[-1]) if question not in asked)
    if slow:
        return slow
    if verdict.state in _SETTLED or (verdict.state is State.DOWN and chain[-1].stopped is None):
        return ()
    found = (
        question for e in chain if e is chain[-1] or e.doubts_page for question in _about(e, asked)
    )
    new = tuple(question for question in dict.fromkeys(found) if question not in asked)
    if new:
        return new
    # last, when all that decides has been asked: the name is said where it was stopped
    last = (question for e in chain for question in about_the_shape(e, verdict))
    return tuple(question for question in last if question not in asked)


def _of_its_way(
    reading: Reading[Any], measurement: Measurement, asked: frozenset[Question]
) -> tuple[Question, ...]:
    """Those about the part of a look that is a web look; all else it compares by itself."""
    if reading.way is None:
        return ()
    way = reading.way(measurement)
    verdict = judge(way)
    return () if verdict is None else questions(way, verdict, asked)


def _about_pace(e: Evidence) -> Iterator[Question]:
    """Whether a page that came slowly comes faster under another name."""
    final = e.final
    if e.plain or final is None or is_address(e.host) or not came_slowly(final):
        return
    yield Question(
        kind=QuestionKind.PACE,
        host=e.host,
        address=final.address,
        port=final.port,
        path=_path(e),
        hop=e.hop,
    )


def _about(e: Evidence, asked: frozenset[Question]) -> Iterator[Question]:
    if not e.remote.tried:
        yield _control(e)
    if not is_address(e.host):
        others = Question(kind=QuestionKind.OTHER_RESOLVER, host=e.host, hop=e.hop)
        if not e.trusted and others not in asked:
            yield others
            return  # the answers decide which addresses are worth a look
        yield from _about_the_resolver(e)
        yield from _about_addresses(e)
    yield from _about_connections(e)
    yield from _about_the_name(e)


def _control(e: Evidence) -> Question:
    """Ask a control, that has not been asked, for the same look."""
    failed = e.stopped or next(iter(e.unconnected), None) or e.final
    return Question(
        kind=QuestionKind.REMOTE_CONTROL,
        host=e.host,
        address=None if failed is None else failed.address,
        port=e.target.port,
        plaintext=e.plain,
        path=_path(e),
        hop=e.hop,
    )


def _about_the_resolver(e: Evidence) -> Iterator[Question]:
    """Whether it fails, or misleads, for everybody, and whether it does so again."""
    if not e.answer_in_doubt:
        return
    yield Question(
        kind=QuestionKind.CONTROL_NAME_SAME_RESOLVER, host=e.host, port=_tls_port(e), hop=e.hop
    )
    if e.withholds_ipv6 and NO_IPV6 not in e.measurement.context:
        yield Question(kind=QuestionKind.CONTROL_NAME_IPV6, host=e.host, hop=e.hop)
    yield Question(kind=QuestionKind.NON_RESOLVER, host=e.host, hop=e.hop)
    if not e.system_public:
        yield Question(kind=QuestionKind.REASON_OF_RESOLVER, host=e.host, hop=e.hop)
    if e.answers_differ and not e.reached:
        led_to = sorted(e.system_public, key=_v4_first)[:_MOST_ADDRESSES]
        real = sorted(e.vouched, key=_v4_first)[:1] if e.plain else []
        for address in (*led_to, *real):
            yield Question(
                kind=QuestionKind.PAGE_AT_ADDRESS, host=e.host, address=address, hop=e.hop
            )


def _about_addresses(e: Evidence) -> Iterator[Question]:
    """Which of the addresses can prove the name: the system's, and those told by others."""
    tried = {step.address for step in e.handshakes} | {
        step.address for step in e.connects if step.failure is not None and not e.plain
    }
    port = _tls_port(e)
    others = (e.trusted_public | e.remote.addresses) - e.system_public
    for addresses in (e.system_public, others):
        for address in sorted(addresses - tried, key=_v4_first)[:_MOST_ADDRESSES]:
            yield Question(
                kind=QuestionKind.VALIDATE_ADDRESS,
                host=e.host,
                address=address,
                port=port,
                hop=e.hop,
            )


def _about_connections(e: Evidence) -> Iterator[Question]:
    """Whether an address that serves the control is closed to us once more.

    What is said there while it may pay for another name would say nothing, and provoke once more.
    """
    if RESIDUAL_POSSIBLE in e.measurement.context:
        return
    for step in e.unconnected:
        if served_elsewhere(e, step):
            yield _about_step(e, step, QuestionKind.SAME_ADDRESS_AGAIN)
            return


def _about_the_name(e: Evidence) -> Iterator[Question]:
    """Whether it is the name that stops the connection, or the server."""
    if e.doubts_page and e.final is not None:
        yield _about_step(e, e.final, QuestionKind.CONTROL_NAME_SAME_ADDRESS)
        yield _about_step(e, e.final, QuestionKind.TARGET_NAME_ON_CONTROL_ADDRESS)
        yield _about_step(e, e.final, QuestionKind.SECURE_PAGE)
        yield _about_step(e, e.final, QuestionKind.SAME_ADDRESS_AGAIN)
    if e.frozen is not None and sent_more_elsewhere(e, e.frozen):
        yield _about_step(e, e.frozen, QuestionKind.PAGE_AGAIN)
    stopped = e.stopped
    if stopped is None or stopped.address is None:
        return
    forged = stopped.failure in CERTIFICATE_FAILURES
    if not forged:
        yield _about_step(e, stopped, QuestionKind.CONTROL_NAME_SAME_ADDRESS)
    served = served_elsewhere(e, stopped)
    if served and stopped.failure not in BY_A_FILTER:  # of those a stranger's server tells more
        yield _about_step(e, stopped, QuestionKind.SAME_ADDRESS_AGAIN)
    if served or forged or e.answered(e.same_address(stopped).control):
        yield _about_step(e, stopped, QuestionKind.TARGET_NAME_ON_CONTROL_ADDRESS)


def _about_step(e: Evidence, step: Step, kind: QuestionKind) -> Question:
    return Question(
        kind=kind,
        host=e.host,
        address=step.address,
        port=step.port,
        plaintext=e.plain,
        path=_path(e),
        hop=e.hop,
    )


def _path(e: Evidence) -> str:
    parts = urlsplit(e.target.url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _tls_port(e: Evidence) -> int:
    return e.target.port if e.target.scheme == "https" else _TLS_PORT


def _v4_first(address: str) -> tuple[bool, str]:
    return ":" in address, address
