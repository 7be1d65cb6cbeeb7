"""The content probe opens the page, another one of its site, and the page again if it has to."""

import pytest

from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import HttpDetail, Sought, read
from heliograph.failure import Failure
from heliograph.model import (
    PAIR_LATER,
    PAIR_PLATFORM,
    Question,
    QuestionKind,
    Role,
    Step,
    StepKind,
)
from heliograph.plugin import (
    AnsweringProbe,
    CannotMeasure,
    Expectation,
    ExpectingProbe,
    PlannedProbe,
    Reply,
)
from heliograph.url import parse_target
from probes.content import PASSWORD, UNTOLD, ContentProbe
from probes.net.spending import MOST_CONNECTIONS
from tests.unit.probes.web_net import Net, moved

HOST, HERE = "board.example", "192.0.2.1"
POST, RULES = f"https://{HOST}/7", f"https://{HOST}/rules"
EXPECTED = Expectation(
    sought=Sought(text="five words"),
    control=parse_target(RULES),
    control_sought=Sought(text="be kind"),
)
TOLD = ContentProbe().expecting({POST: EXPECTED})


def page(text: str, status: int = 200) -> Reply:
    return Reply(failure=None, status=status, body=f"<p>{text}".encode())


def net_with(post: Reply, rules: Reply = page("be kind")) -> Net:  # noqa: B008 - it is frozen
    net = Net()
    net.site(HOST, HERE)
    net.serves(HERE, POST, post)
    net.serves(HERE, RULES, rules)
    return net


async def looked(net: Net) -> list[Step]:
    await TOLD.measure(parse_target(POST), net)
    return [step for step in net.steps if step.kind is StepKind.HTTP_EXCHANGE]


def asked(steps: list[Step]) -> list[tuple[str, Role, str | None]]:
    return [(read(s, HttpDetail).url, s.role, s.pair) for s in steps]


async def test_a_page_that_holds_what_it_should_is_opened_once_and_the_other_beside_it() -> None:
    steps = await looked(net_with(page("Five words")))

    assert asked(steps) == [
        (POST, Role.TEST, None),
        (RULES, Role.CONTROL_AFTER, PAIR_PLATFORM),
    ]


async def test_one_that_does_not_is_opened_once_more() -> None:
    steps = await looked(net_with(page("gone", 404)))

    assert asked(steps)[2:] == [(POST, Role.TEST, PAIR_LATER)]


async def test_every_page_is_searched_for_the_same_things_here_and_elsewhere() -> None:
    net = net_with(page("five words"))

    steps = await looked(net)

    sought = [[one.text or one.selector for one in read(s, HttpDetail).sought] for s in steps]
    assert sought == [["five words", "be kind", PASSWORD.selector]] * 2
    found = [[one.found for one in read(s, HttpDetail).sought] for s in steps]
    assert found == [["text", None, None], [None, "text", None]]
    assert [url for url, *_ in net.told] == [POST, RULES]


async def test_where_the_way_is_broken_nothing_else_is_opened() -> None:
    net = Net()
    net.answers(HOST, HERE)
    net.presents(HERE, 443, HOST, failure=Failure.CONNECTION_RESET)

    assert await looked(net) == []
    assert [url for url, *_ in net.told] == [POST]


async def test_redirects_are_followed_and_the_last_page_is_the_page() -> None:
    net = net_with(moved(f"https://{HOST}/seven"))
    net.serves(HERE, f"https://{HOST}/seven", page("five words"))

    steps = await looked(net)

    assert [url for url, *_ in asked(steps)] == [POST, f"https://{HOST}/seven", RULES]


async def test_a_target_of_which_nothing_is_expected_is_skipped_with_the_reason() -> None:
    with pytest.raises(CannotMeasure, match="nothing is expected of this page"):
        await ContentProbe().measure(parse_target(POST), Net())
    with pytest.raises(CannotMeasure):
        await TOLD.measure(parse_target(RULES), Net())


async def test_questions_are_about_the_way_and_answered_as_the_web_probe_does() -> None:
    settings = NetworkConfig(trusted_resolvers=(Resolver.parse("udp://192.0.2.53"),))
    net = Net(settings)

    await TOLD.answer(Question(kind=QuestionKind.OTHER_RESOLVER, host=HOST), net)

    assert {step.kind for step in net.steps} == {StepKind.DNS_QUERY}


def test_it_is_what_the_runner_and_the_dry_run_know_it_by() -> None:
    assert isinstance(TOLD, PlannedProbe)
    assert isinstance(TOLD, ExpectingProbe)
    assert isinstance(TOLD, AnsweringProbe)
    assert "--targets" in UNTOLD


def test_it_costs_no_more_than_a_look_of_the_web_probe_may() -> None:
    cost = TOLD.cost(parse_target(POST), NetworkConfig())

    assert cost.connections == MOST_CONNECTIONS
    assert cost.packets * 60 < cost.bytes < 5_000_000


@pytest.mark.parametrize(
    ("resolver", "kinds"),
    [
        ("udp://192.0.2.53", {StepKind.DNS_QUERY, StepKind.TCP_CONNECT}),
        ("tls://dns.example@192.0.2.53", {StepKind.TLS_HANDSHAKE}),
    ],
)
def test_the_other_page_is_announced(resolver: str, kinds: set[StepKind]) -> None:
    told = list(TOLD.plan(parse_target(POST), NetworkConfig(), Resolver.parse(resolver)))

    assert [(place.hosts[0], place.ports) for place in told] == [
        (HOST, (Resolver.parse(resolver).port,)),
        (HOST, (443,)),
    ]
    assert kinds <= set(told[0].kinds)
    assert RULES in told[1].what
    assert (
        list(ContentProbe().plan(parse_target(POST), NetworkConfig(), Resolver.parse(resolver)))
        == []
    )
