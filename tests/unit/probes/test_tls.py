"""The tls probe has every address of the default path prove the target's name."""

import pytest

from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import Question, QuestionKind, StepKind
from heliograph.plugin import AnsweringProbe, CannotMeasure
from heliograph.url import parse_target
from probes.tls import TlsProbe


def handshakes(net: FakeNet) -> list[tuple[str | None, str | None, Failure | None]]:
    return [
        (step.address, step.sni, step.failure)
        for step in net.steps
        if step.kind is StepKind.TLS_HANDSHAKE
    ]


async def test_every_address_that_takes_a_connection_is_asked_for_the_name() -> None:
    net = FakeNet()
    net.answers("site.example", "203.0.113.10", "203.0.113.11", "2001:db8::10")
    net.presents("203.0.113.10", 443, "site.example", Failure.CONNECTION_RESET)
    net.presents("2001:db8::10", 443, "site.example")

    await TlsProbe().measure(parse_target("site.example"), net)

    assert handshakes(net) == [
        ("203.0.113.10", "site.example", Failure.CONNECTION_RESET),
        ("2001:db8::10", "site.example", None),
    ]


async def test_a_plain_target_has_no_tls() -> None:
    net = FakeNet()

    with pytest.raises(CannotMeasure, match="https://"):
        await TlsProbe().measure(parse_target("http://site.example/"), net)

    assert net.steps == ()


async def test_it_answers_questions() -> None:
    net, probe = FakeNet(), TlsProbe()
    net.presents("203.0.113.10", 443, "site.example")
    assert isinstance(probe, AnsweringProbe)

    await probe.answer(
        Question(
            kind=QuestionKind.VALIDATE_ADDRESS,
            host="site.example",
            address="203.0.113.10",
            port=443,
        ),
        net,
    )

    assert handshakes(net) == [("203.0.113.10", "site.example", None)]
