"""Details survive the way through JSON, also the details of newer versions."""

import msgspec
import pytest

from heliograph.detail import (
    Cause,
    Certificate,
    DatagramDetail,
    Detail,
    DnsAnswer,
    DnsDetail,
    DnsReply,
    HttpDetail,
    QuicDetail,
    TcpDetail,
    TlsDetail,
    read,
)
from heliograph.model import Step, StepKind

CAUSE = Cause(type="builtins.OSError", errno=104, text="reset")
EXAMPLES: list[Detail] = [
    DnsDetail(
        query_type="A",
        replies=(
            DnsReply(
                after=0.1,
                rcode="NOERROR",
                answers=(DnsAnswer(name="example.org", type="A", value="198.18.0.1", ttl=5),),
            ),
        ),
        cause=CAUSE,
    ),
    TcpDetail(refusal="loopback", cause=CAUSE),
    TlsDetail(
        version="TLSv1.3",
        chain=(Certificate(sha256="00", subject="s", issuer="i", not_before="a", not_after="b"),),
    ),
    QuicDetail(alpn="h3", server_spoke=True, close_code=296, close_in="initial"),
    HttpDetail(url="https://example.org/", status=200, headers=(("Server", "x"),)),
    DatagramDetail(sent="AA==", replies=("AQ==",)),
]


def step_with(detail: str) -> Step:
    """A step that carries this JSON text."""
    return Step(kind=StepKind.TCP_CONNECT, detail=detail)


@pytest.mark.parametrize("detail", EXAMPLES, ids=lambda detail: type(detail).__name__)
def test_a_detail_is_read_as_it_was_written(detail: Detail) -> None:
    step = step_with(msgspec.json.encode(detail).decode())
    assert msgspec.json.decode(step.detail, type=type(detail)) == detail


def test_read_gives_the_shape_asked_for() -> None:
    step = step_with('{"refusal":"loopback","cause":{"type":"x","errno":1,"text":"y"}}')
    assert read(step, TcpDetail) == TcpDetail(
        refusal="loopback", cause=Cause(type="x", errno=1, text="y")
    )


def test_fields_of_newer_versions_are_passed_over() -> None:
    assert read(step_with('{"query_type":"A","newer":{"x":[1]}}'), DnsDetail).query_type == "A"


def test_an_empty_detail_reads_as_the_defaults() -> None:
    assert read(step_with("{}"), TlsDetail) == TlsDetail()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"refusal":5}'])
def test_what_is_no_detail_is_not_read(text: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        read(step_with(text), TcpDetail)


def test_defaults_are_not_written() -> None:
    assert msgspec.json.encode(TcpDetail()) == b"{}"


@pytest.mark.parametrize(
    ("detail", "cut"),
    [
        (QuicDetail(server_spoke=True, follow_ups=5), True),
        (QuicDetail(server_spoke=True, follow_ups=5, answered=1), False),
        (QuicDetail(server_spoke=True), False),
        (QuicDetail(), False),
    ],
)
def test_a_connection_is_cut_when_it_was_answered_and_what_followed_was_not(
    detail: QuicDetail, cut: bool
) -> None:
    assert detail.cut == cut


def test_a_quic_handshake_reads_as_a_handshake() -> None:
    told = QuicDetail(alpn="h3", completed=True, follow_ups=5)
    assert read(step_with(msgspec.json.encode(told).decode()), TlsDetail) == TlsDetail(
        alpn="h3", completed=True
    )
