"""Each question brings the steps that settle it, labelled as the halves of a trial."""

import msgspec
import pytest

from heliograph.detail import HttpDetail, read
from heliograph.failure import Failure
from heliograph.model import AGAIN, Question, QuestionKind, Role, Step, StepKind, pair_at
from heliograph.plugin import Reply
from probes.answers import answer, stranger_for
from tests.unit.probes.answers_net import (
    CONTROL,
    ELSEWHERE,
    HERE,
    HOST,
    about,
    asked_again,
    asking,
    ipv6_asked,
    labels,
    net,
    swap,
)


async def test_other_resolvers_are_asked_for_both_families_of_the_name() -> None:
    resolvers = ("tls://resolver.example@192.0.2.1", "udp://192.0.2.2")
    made = net(trusted=resolvers)

    await answer(Question(kind=QuestionKind.OTHER_RESOLVER, host=HOST, hop=2), made)

    assert [step.resolver for step in made.steps] == [r for r in resolvers for _ in "46"]
    assert {(step.role, step.host, step.hop) for step in made.steps} == {(Role.TEST, HOST, 2)}


@pytest.mark.parametrize("port", [8443, None])
async def test_an_address_is_asked_to_prove_the_name(port: int | None) -> None:
    made = net()
    made.presents(HERE, port or 443, HOST)

    await answer(asking(QuestionKind.VALIDATE_ADDRESS, port), made)

    assert labels(made.steps) == [
        (StepKind.TCP_CONNECT, Role.TEST, None, HOST),
        (StepKind.TLS_HANDSHAKE, Role.TEST, None, HOST),
    ]
    assert {(step.address, step.port) for step in made.steps} == {(HERE, port or 443)}


async def test_the_resolver_is_asked_for_an_innocuous_name_and_again_for_the_target() -> None:
    made = net(HOST, "192.0.2.7", CONTROL)
    made.presents(ELSEWHERE, 443, CONTROL)

    await answer(Question(kind=QuestionKind.CONTROL_NAME_SAME_RESOLVER, host=HOST, hop=2), made)

    resolver = str(made.resolver)
    asked = (StepKind.DNS_QUERY, Role.CONTROL_AFTER, "resolver", CONTROL)
    again = [(StepKind.DNS_QUERY, Role.TEST, "again", HOST)] * 2
    assert labels(made.steps) == [
        asked,
        (StepKind.TCP_CONNECT, Role.CONTROL_AFTER, "resolver", CONTROL),
        (StepKind.TLS_HANDSHAKE, Role.CONTROL_AFTER, "resolver", CONTROL),
        *again,
        asked,
        *again,
    ]
    assert asked_again(made) == [("again", resolver, "A"), ("again", resolver, "AAAA")]
    assert made.steps[0].resolver == resolver
    assert {step.hop for step in made.steps} == {2}


async def test_an_innocuous_name_that_is_not_found_is_visited_nowhere() -> None:
    made = net("missing.example")

    await answer(Question(kind=QuestionKind.CONTROL_NAME_SAME_RESOLVER, host=HOST), made)

    assert [step.kind for step in made.steps] == [StepKind.DNS_QUERY] * 6
    assert asked_again(made)


async def test_an_innocuous_name_led_to_a_bogon_is_visited_nowhere() -> None:
    made = net()
    made.answers(CONTROL, "10.10.34.34", bogon="private")

    await answer(Question(kind=QuestionKind.CONTROL_NAME_SAME_RESOLVER, host=HOST), made)

    assert [step.kind for step in made.steps] == [StepKind.DNS_QUERY] * 6


@pytest.mark.parametrize(
    ("answering", "tried"), [(8443, [8443]), (443, [8443, 443]), (None, [8443, 443])]
)
@pytest.mark.parametrize(
    "kind",
    [QuestionKind.CONTROL_NAME_SAME_RESOLVER, QuestionKind.TARGET_NAME_ON_CONTROL_ADDRESS],
)
async def test_a_control_is_visited_at_the_targets_port_then_at_the_usual_one(
    kind: QuestionKind, answering: int | None, tried: list[int]
) -> None:
    made = net()
    if answering is not None:
        made.presents(ELSEWHERE, answering, CONTROL, Failure.SSL_UNKNOWN_AUTHORITY)

    await answer(asking(kind, 8443), made)

    before = [s for s in made.steps if s.role is not Role.RESIDUAL_CHECK and s.host == CONTROL]
    assert [s.port for s in before if s.kind is StepKind.TCP_CONNECT] == tried


async def test_another_name_is_said_to_the_same_address() -> None:
    made = net()
    made.presents(HERE, 443, CONTROL, Failure.SSL_INVALID_HOSTNAME)

    await answer(asking(QuestionKind.CONTROL_NAME_SAME_ADDRESS), made)

    pair = f"{HERE}:443"
    assert labels(made.steps) == [
        (StepKind.TCP_CONNECT, Role.CONTROL_AFTER, pair, CONTROL),
        (StepKind.TLS_HANDSHAKE, Role.CONTROL_AFTER, pair, CONTROL),
    ]
    assert {step.address for step in made.steps} == {HERE}


@pytest.mark.parametrize(("port", "url"), [(80, "http://{}/"), (8080, "http://{}:8080/")])
async def test_another_name_is_said_in_the_clear_when_the_target_was(port: int, url: str) -> None:
    made = net()
    made.accepts(HERE, port)
    made.serves(HERE, url.format(CONTROL), Reply(failure=None, status=404))

    await answer(asking(QuestionKind.CONTROL_NAME_SAME_ADDRESS, port, plaintext=True), made)

    said = made.steps[-1]
    assert (said.kind, said.role) == (StepKind.HTTP_EXCHANGE, Role.CONTROL_AFTER)
    assert said.failure is None
    assert read(said, HttpDetail).url == url.format(CONTROL)


async def test_nothing_is_said_over_a_connection_that_failed() -> None:
    made = net()

    await answer(asking(QuestionKind.CONTROL_NAME_SAME_ADDRESS, 80, plaintext=True), made)

    assert [step.kind for step in made.steps] == [StepKind.TCP_CONNECT]


async def test_both_names_are_said_to_the_control_names_own_address() -> None:
    made = net()
    made.presents(ELSEWHERE, 443, CONTROL)
    made.presents(ELSEWHERE, 443, HOST, Failure.CONNECTION_RESET)

    await answer(swap(address=None), made)

    assert labels(made.steps) == [
        (StepKind.DNS_QUERY, Role.CONTROL_BEFORE, "swap", CONTROL),
        (StepKind.TCP_CONNECT, Role.CONTROL_BEFORE, "swap", CONTROL),
        (StepKind.TLS_HANDSHAKE, Role.CONTROL_BEFORE, "swap", CONTROL),
        (StepKind.TCP_CONNECT, Role.CONTROL_BEFORE, "stranger", stranger_for(HOST)),
        (StepKind.TLS_HANDSHAKE, Role.CONTROL_BEFORE, "stranger", stranger_for(HOST)),
        (StepKind.TCP_CONNECT, Role.TEST, "swap", HOST),
        (StepKind.TLS_HANDSHAKE, Role.TEST, "swap", HOST),
        (StepKind.TCP_CONNECT, Role.RESIDUAL_CHECK, "swap", CONTROL),
        (StepKind.TLS_HANDSHAKE, Role.RESIDUAL_CHECK, "swap", CONTROL),
    ]
    assert {step.address for step in made.steps[1:]} == {ELSEWHERE}


@pytest.mark.parametrize("failure", [None, Failure.SSL_INVALID_HOSTNAME])
async def test_where_the_targets_name_is_answered_nothing_is_to_be_checked(
    failure: Failure | None,
) -> None:
    made = net()
    made.presents(ELSEWHERE, 443, CONTROL)
    made.presents(ELSEWHERE, 443, HOST, failure)

    await answer(swap(), made)

    assert Role.RESIDUAL_CHECK not in {step.role for step in made.steps}


async def test_a_control_name_that_is_not_found_leaves_the_question_open() -> None:
    made = net("missing.example")

    await answer(swap(address=None), made)

    assert [step.kind for step in made.steps] == [StepKind.DNS_QUERY]


async def test_the_swap_never_goes_to_the_address_where_the_name_was_stopped() -> None:
    made = net()
    made.answers(CONTROL, HERE)
    made.presents(HERE, 443, CONTROL)

    await answer(swap(), made)

    assert [step.kind for step in made.steps] == [StepKind.DNS_QUERY]


async def test_the_swap_takes_the_controls_other_address_when_one_is_the_stopped_one() -> None:
    made = net()
    made.answers(CONTROL, HERE, ELSEWHERE)
    made.presents(ELSEWHERE, 443, CONTROL)

    await answer(swap(), made)

    assert {step.address for step in made.steps[1:]} == {ELSEWHERE}
    assert HOST in {step.host for step in made.steps if step.address == ELSEWHERE}


async def test_a_second_control_is_tried_when_the_first_does_not_answer_and_no_third() -> None:
    made = net("a.example", "b.example", "c.example")
    first, second, third = made.settings.controls_for(HOST)
    made.answers(first, "203.0.113.91")
    made.answers(second, "203.0.113.92")
    made.presents("203.0.113.92", 443, second)

    await answer(swap(), made)

    reached = [s.host for s in made.steps if s.kind is StepKind.TCP_CONNECT]
    assert reached == [first, second, stranger_for(HOST), HOST, second]

    made.presents("203.0.113.92", 443, second, Failure.CONNECTION_RESET)
    before = len(made.steps)
    await answer(swap(), made)
    later = made.steps[before:]

    assert third not in [step.host for step in later]
    assert HOST not in [step.host for step in later], "no control answered, so nothing is compared"


async def test_the_swap_is_made_in_the_clear_when_the_target_was() -> None:
    made = net()
    made.accepts(ELSEWHERE, 80)
    made.serves(ELSEWHERE, f"http://{CONTROL}/", Reply(failure=None, status=404))

    await answer(swap(port=8080, plaintext=True), made)

    said = [(s.role, s.host, s.port) for s in made.steps if s.kind is StepKind.HTTP_EXCHANGE]
    assert said == [
        (Role.CONTROL_BEFORE, CONTROL, 80),
        (Role.CONTROL_BEFORE, stranger_for(HOST), 80),
        (Role.TEST, HOST, 80),
        (Role.RESIDUAL_CHECK, CONTROL, 80),
    ]


def test_a_stranger_is_at_home_nowhere_and_the_same_for_one_host() -> None:
    assert stranger_for(HOST) == stranger_for(HOST)
    assert stranger_for(HOST) != stranger_for(CONTROL)
    assert CONTROL not in stranger_for(HOST)


async def test_the_page_asked_for_in_the_clear_is_the_targets_own() -> None:
    made = net()
    made.accepts(HERE, 80)
    question = msgspec.structs.replace(swap(port=80, plaintext=True), path="/a?b")
    made.accepts(ELSEWHERE, 80)
    made.serves(ELSEWHERE, f"http://{CONTROL}/", Reply(failure=None, status=404))

    await answer(question, made)

    urls = [read(s, HttpDetail).url for s in made.steps if s.kind is StepKind.HTTP_EXCHANGE]
    assert urls[:3] == [
        f"http://{CONTROL}/",
        f"http://{stranger_for(HOST)}/",
        f"http://{HOST}/a?b",
    ]


async def test_an_address_is_tried_again_after_an_innocuous_server_was_reached() -> None:
    made = net()
    made.presents(ELSEWHERE, 443, CONTROL)
    made.presents(HERE, 443, HOST)

    await answer(about(QuestionKind.SAME_ADDRESS_AGAIN), made)

    pair = f"again {HERE}:443"
    assert labels(made.steps) == [
        (StepKind.DNS_QUERY, Role.CONTROL_BEFORE, pair, CONTROL),
        (StepKind.TCP_CONNECT, Role.CONTROL_BEFORE, pair, CONTROL),
        (StepKind.TLS_HANDSHAKE, Role.CONTROL_BEFORE, pair, CONTROL),
        (StepKind.TCP_CONNECT, Role.TEST, pair, HOST),
        (StepKind.TLS_HANDSHAKE, Role.TEST, pair, HOST),
    ]
    assert [step.address for step in made.steps[1:]] == [*[ELSEWHERE] * 2, *[HERE] * 2]
    assert {step.hop for step in made.steps} == {2}


@pytest.mark.parametrize(
    ("word", "pauses"),
    [
        (Failure.CONNECTION_REFUSED, [0.0, 3.0, 8.0]),
        (Failure.HOST_UNREACHABLE, [0.0, 3.0, 8.0]),
        (Failure.GENERIC_TIMEOUT_ERROR, [0.0]),
    ],
)
async def test_what_fails_at_once_is_tried_again_later_each_time_and_what_fails_late_once(
    word: Failure, pauses: list[float]
) -> None:
    made = net()
    made.accepts(HERE, 443, word)

    await answer(about(QuestionKind.SAME_ADDRESS_AGAIN), made)

    tests = [s for s in made.steps if s.role is Role.TEST]
    assert [s.failure for s in tests] == [word] * len(pauses)
    assert made.pauses == pauses


async def test_a_resolver_is_asked_for_its_reason() -> None:
    made = net()

    await answer(about(QuestionKind.REASON_OF_RESOLVER), made)

    assert labels(made.steps) == [(StepKind.DNS_QUERY, Role.TEST, "explained", HOST)]


async def test_an_address_is_tried_again_even_when_no_innocuous_server_is_reached() -> None:
    made = net("a.example", "b.example", "c.example")

    await answer(about(QuestionKind.SAME_ADDRESS_AGAIN), made)

    assert [s.host for s in made.steps if s.kind is StepKind.DNS_QUERY] == [
        *made.settings.controls_for(HOST)[:2]
    ]
    assert (made.steps[-1].address, made.steps[-1].role) == (HERE, Role.TEST)


@pytest.mark.parametrize("port", [443, 8443])
async def test_a_page_is_asked_for_in_the_clear_where_a_name_was_led(port: int) -> None:
    made = net()
    made.accepts(HERE, 80)
    made.serves(HERE, f"http://{HOST}/x", Reply(failure=None, status=200))

    await answer(about(QuestionKind.PAGE_AT_ADDRESS, port, path="/x"), made)

    pair = f"page {HERE}:80"
    assert labels(made.steps) == [
        (StepKind.TCP_CONNECT, Role.TEST, pair, HOST),
        (StepKind.HTTP_EXCHANGE, Role.TEST, pair, HOST),
        (StepKind.TCP_CONNECT, Role.CONTROL_AFTER, pair, CONTROL),
        (StepKind.HTTP_EXCHANGE, Role.CONTROL_AFTER, pair, CONTROL),
    ]
    assert {(step.address, step.port) for step in made.steps} == {(HERE, 80)}


async def test_where_no_page_is_told_no_innocuous_name_is_said() -> None:
    made = net()

    await answer(about(QuestionKind.PAGE_AT_ADDRESS), made)

    assert labels(made.steps) == [(StepKind.TCP_CONNECT, Role.TEST, f"page {HERE}:80", HOST)]


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (about(QuestionKind.REMOTE_CONTROL), (f"https://{HOST}/", (HERE,))),
        (about(QuestionKind.REMOTE_CONTROL, 8443), (f"https://{HOST}:8443/", (HERE,))),
        (
            about(QuestionKind.REMOTE_CONTROL, 80, plaintext=True, path="/a?b"),
            (f"http://{HOST}/a?b", (HERE,)),
        ),
        (Question(kind=QuestionKind.REMOTE_CONTROL, host=HOST), (f"https://{HOST}/", ())),
        (
            Question(kind=QuestionKind.REMOTE_CONTROL, host="2001:db8::1", port=80),
            ("https://[2001:db8::1]:80/", ()),
        ),
    ],
)
async def test_a_control_is_asked_for_the_same_look(
    question: Question, asked: tuple[str, tuple[str, ...]]
) -> None:
    made = net()
    made.sees(asked[0], Step(kind=StepKind.TCP_CONNECT, failure=None, address=HERE))

    await answer(question, made)

    assert made.asked == [asked]
    assert [(step.role, step.hop) for step in made.steps] == [(Role.REMOTE_CONTROL, question.hop)]


async def test_both_names_are_asked_of_an_address_where_no_resolver_lives() -> None:
    made = net(nobody=("203.0.113.1", "2001:db8::1", "203.0.113.3"))
    made.answers(HOST, "10.10.34.34", resolver="udp://203.0.113.1")

    await answer(about(QuestionKind.NON_RESOLVER), made)

    nobody = ("udp://203.0.113.1", "udp://[2001:db8::1]")
    assert [(s.role, s.host, s.resolver) for s in made.steps] == [
        pair
        for resolver in nobody
        for pair in ((Role.TEST, HOST, resolver), (Role.CONTROL_AFTER, CONTROL, resolver))
    ]
    assert {(step.pair, step.hop) for step in made.steps} == {("nobody", 2)}


async def test_without_such_an_address_nothing_is_asked_of_anybody() -> None:
    made = net()

    await answer(about(QuestionKind.NON_RESOLVER), made)

    assert made.steps == ()


async def test_the_target_is_never_its_own_control() -> None:
    made = net(HOST, "192.0.2.7")

    for kind in QuestionKind:
        if kind.startswith(("control", "target")):
            await answer(asking(kind), made)

    assert labels(made.steps) == [(StepKind.DNS_QUERY, Role.TEST, "again", HOST)] * 4


@pytest.mark.parametrize("kind", sorted(QuestionKind))
async def test_an_address_that_was_scrubbed_leads_nowhere(kind: QuestionKind) -> None:
    made = net()

    await answer(Question(kind=kind, host=HOST, address="[scrubbed]", port=443), made)

    assert made.steps == ()


@pytest.mark.parametrize("plaintext", [False, True])
async def test_a_page_is_asked_for_once_more_and_an_innocuous_server_meanwhile(
    plaintext: bool,
) -> None:
    made, port = net(), 80 if plaintext else 443
    made.presents(HERE, port, HOST)
    made.presents(ELSEWHERE, port, CONTROL)
    question = asking(QuestionKind.PAGE_AGAIN, port, plaintext=plaintext, path="/page")

    await answer(question, made)

    pages = [s for s in made.steps if s.kind is StepKind.HTTP_EXCHANGE and s.host == HOST]
    assert [(s.role, s.pair, s.address) for s in pages] == [
        (Role.TEST, pair_at(HERE, port, AGAIN), HERE)
    ]
    assert read(pages[0], HttpDetail).url.endswith("site.example/page")
    reached = [s for s in made.steps if s.role is Role.CONTROL_BEFORE and s.address == ELSEWHERE]
    assert reached


IPV6 = Question(kind=QuestionKind.CONTROL_NAME_IPV6, host=HOST)
PRIVATE, PLAIN = "https://resolver.example/dns-query@192.0.2.1", "udp://192.0.2.2"
V6 = "2001:db8::99"


async def test_an_innocuous_name_that_has_an_ipv6_address_is_asked_for_it() -> None:
    made = net("a.example", "b.example", trusted=(PLAIN, PRIVATE))
    first, second = made.settings.controls_for(HOST)
    made.answers(first, ELSEWHERE, resolver=PRIVATE)
    made.answers(second, V6, resolver=PRIVATE)
    made.answers(second, V6)

    await answer(IPV6, made)

    system = str(made.resolver)
    assert ipv6_asked(made) == [(first, PRIVATE), (second, PRIVATE), (second, system)]


async def test_a_resolver_that_gives_none_is_asked_twice_for_a_packet_may_get_lost() -> None:
    made = net(trusted=(PRIVATE,))
    made.answers(CONTROL, V6, resolver=PRIVATE)
    made.answers(CONTROL, failure=Failure.DNS_NO_ANSWER)

    await answer(IPV6, made)

    assert ipv6_asked(made) == [(CONTROL, PRIVATE), *[(CONTROL, str(made.resolver))] * 2]


async def test_another_trusted_resolver_is_asked_where_the_first_is_not_reached() -> None:
    made = net(trusted=(PLAIN, PRIVATE))
    made.answers(CONTROL, failure=Failure.GENERIC_TIMEOUT_ERROR, resolver=PRIVATE)
    made.answers(CONTROL, V6, resolver=PLAIN)
    made.answers(CONTROL, V6)

    await answer(IPV6, made)

    assert [resolver for _, resolver in ipv6_asked(made)] == [PRIVATE, PLAIN, str(made.resolver)]


@pytest.mark.parametrize("trusted", [(), (PRIVATE,)])
async def test_where_no_innocuous_name_is_known_to_have_one_the_question_stays_open(
    trusted: tuple[str, ...],
) -> None:
    made = net(trusted=trusted)
    made.answers(CONTROL, ELSEWHERE, resolver=PRIVATE)

    await answer(IPV6, made)

    assert ipv6_asked(made) == [(CONTROL, resolver) for resolver in trusted]
