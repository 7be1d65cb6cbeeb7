"""The tcp probe knocks at every address of the default path."""

from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import Question, QuestionKind, StepKind
from heliograph.plugin import AnsweringProbe
from heliograph.url import parse_target
from probes.tcp import TcpProbe


def knocks(net: FakeNet) -> list[tuple[str | None, int | None, Failure | None]]:
    return [
        (step.address, step.port, step.failure)
        for step in net.steps
        if step.kind is StepKind.TCP_CONNECT
    ]


async def test_every_address_is_tried_whatever_became_of_the_others() -> None:
    net = FakeNet()
    net.answers("site.example", "203.0.113.10", "203.0.113.11", "2001:db8::10")
    net.accepts("203.0.113.11", 8443)

    await TcpProbe().measure(parse_target("https://site.example:8443/"), net)

    assert knocks(net) == [
        ("203.0.113.10", 8443, Failure.GENERIC_TIMEOUT_ERROR),
        ("203.0.113.11", 8443, None),
        ("2001:db8::10", 8443, Failure.GENERIC_TIMEOUT_ERROR),
    ]
    assert {s.host for s in net.steps} == {"site.example"}


async def test_a_name_that_does_not_exist_is_not_knocked_at() -> None:
    net = FakeNet()

    await TcpProbe().measure(parse_target("site.example"), net)

    assert knocks(net) == []
    assert {step.failure for step in net.steps} == {Failure.DNS_NXDOMAIN_ERROR}


async def test_it_answers_questions() -> None:
    net, probe = FakeNet(), TcpProbe()
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

    assert knocks(net) == [("203.0.113.10", 443, Failure.GENERIC_TIMEOUT_ERROR)]
