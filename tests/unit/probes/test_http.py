"""The http probe fetches one page, the way a browser picks its address."""

from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import Question, QuestionKind, StepKind
from heliograph.plugin import AnsweringProbe, Reply
from heliograph.url import parse_target
from probes.http import HttpProbe

HERE, THERE = "192.0.2.1", "192.0.2.2"
PAGE = Reply(failure=None, status=200, body=b"hello")


def kinds(net: FakeNet) -> list[StepKind]:
    return [step.kind for step in net.steps if step.kind is not StepKind.DNS_QUERY]


async def test_a_page_over_tls_takes_one_connection() -> None:
    net = FakeNet()
    net.answers("site.example", HERE, THERE)
    net.presents(HERE, 443, "site.example")
    net.serves(HERE, "https://site.example/a?b", PAGE)

    await HttpProbe().measure(parse_target("https://site.example/a?b"), net)

    assert kinds(net) == [StepKind.TCP_CONNECT, StepKind.TLS_HANDSHAKE, StepKind.HTTP_EXCHANGE]
    assert all(step.failure is None for step in net.steps if step.address == HERE)


async def test_an_address_that_takes_no_connection_leads_to_the_next() -> None:
    net = FakeNet()
    net.answers("site.example", HERE, THERE)
    net.accepts(HERE, 80, failure=Failure.CONNECTION_REFUSED)
    net.accepts(THERE, 80)
    net.serves(THERE, "http://site.example/", PAGE)

    await HttpProbe().measure(parse_target("http://site.example/"), net)

    assert [step.address for step in net.steps[2:]] == [HERE, THERE, THERE]
    assert net.steps[-1].failure is None


async def test_nothing_is_asked_over_a_connection_that_did_not_prove_the_name() -> None:
    net = FakeNet()
    net.answers("site.example", HERE, THERE)
    net.presents(HERE, 443, "site.example", failure=Failure.SSL_UNKNOWN_AUTHORITY)

    await HttpProbe().measure(parse_target("https://site.example/"), net)

    assert kinds(net) == [StepKind.TCP_CONNECT, StepKind.TLS_HANDSHAKE]


async def test_a_name_without_addresses_ends_the_look() -> None:
    net = FakeNet()

    await HttpProbe().measure(parse_target("https://site.example/"), net)

    assert [step.failure for step in net.steps] == [Failure.DNS_NXDOMAIN_ERROR] * 2


async def test_a_literal_address_is_asked_without_a_lookup() -> None:
    net = FakeNet()
    net.accepts(HERE, 80)

    await HttpProbe().measure(parse_target(f"http://{HERE}/"), net)

    assert kinds(net) == [StepKind.TCP_CONNECT, StepKind.HTTP_EXCHANGE]
    assert len(net.steps) == 2


async def test_it_answers_questions() -> None:
    net = FakeNet()
    probe = HttpProbe()
    assert isinstance(probe, AnsweringProbe)

    question = Question(kind=QuestionKind.VALIDATE_ADDRESS, host="a.example", address=HERE)
    await probe.answer(question, net)

    assert [step.address for step in net.steps] == [HERE]
