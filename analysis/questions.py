"""What would settle an anomaly: the follow-up looks worth their cost, cheapest first."""

from collections.abc import Iterator

from analysis.evidence import Evidence
from heliograph.config import is_address
from heliograph.failure import CERTIFICATE_FAILURES
from heliograph.model import Measurement, Question, QuestionKind, State, Verdict

_TLS_PORT = 443
_MOST_ADDRESSES = 2
_SETTLED = frozenset({State.OK, State.RESTRICTED, State.DOWN})


def questions(
    measurement: Measurement, verdict: Verdict, asked: frozenset[Question]
) -> tuple[Question, ...]:
    """The next questions to ask, none twice; empty when nothing more would help."""
    if verdict.state in _SETTLED:
        return ()
    found = _worth_asking(Evidence(measurement))
    return tuple(question for question in dict.fromkeys(found) if question not in asked)


def _worth_asking(e: Evidence) -> Iterator[Question]:
    if not is_address(e.host):
        if not e.trusted:
            yield Question(kind=QuestionKind.OTHER_RESOLVER, host=e.host)
            return  # the answers decide which addresses are worth a look
        yield from _about_the_resolver(e)
        yield from _about_addresses(e)
    yield from _about_the_name(e)


def _about_the_resolver(e: Evidence) -> Iterator[Question]:
    """Whether it fails, or misleads, for everybody, and whether it does so again."""
    if e.answer_in_doubt:
        yield Question(kind=QuestionKind.CONTROL_NAME_SAME_RESOLVER, host=e.host, port=_tls_port(e))


def _about_addresses(e: Evidence) -> Iterator[Question]:
    """Which of the addresses can prove the name: the system's, and those told by others."""
    tried = {step.address for step in e.handshakes} | {
        step.address for step in e.connects if step.failure is not None
    }
    port = _tls_port(e)
    for addresses in (e.system_public, e.trusted_public - e.system_public):
        for address in sorted(addresses - tried, key=_v4_first)[:_MOST_ADDRESSES]:
            yield Question(
                kind=QuestionKind.VALIDATE_ADDRESS, host=e.host, address=address, port=port
            )


def _tls_port(e: Evidence) -> int:
    return e.target.port if e.target.scheme == "https" else _TLS_PORT


def _v4_first(address: str) -> tuple[bool, str]:
    return ":" in address, address


def _about_the_name(e: Evidence) -> Iterator[Question]:
    """Whether it is the name that stops the connection, or the server."""
    stopped = e.stopped
    if stopped is None or stopped.address is None:
        return
    plaintext = e.target.scheme == "http"
    trial = Question(
        kind=QuestionKind.CONTROL_NAME_SAME_ADDRESS,
        host=e.host,
        address=stopped.address,
        port=stopped.port,
        plaintext=plaintext,
    )
    if stopped.failure not in CERTIFICATE_FAILURES:
        yield trial
    if e.answered(e.same_address(stopped).control) or stopped.failure in CERTIFICATE_FAILURES:
        yield Question(
            kind=QuestionKind.TARGET_NAME_ON_CONTROL_ADDRESS,
            host=e.host,
            address=stopped.address,
            port=stopped.port,
            plaintext=plaintext,
        )
