"""What would settle an anomaly: asked once, cheapest first, and with an end."""

import pytest

from analysis.judge import judge
from analysis.questions import questions
from heliograph.failure import Failure
from heliograph.model import NO_IPV6, RESIDUAL_POSSIBLE, Measurement, Question, QuestionKind
from tests.unit.analysis.builders import (
    BAD_CERTIFICATE,
    BOGON,
    EOF,
    HOST,
    NODATA,
    NXDOMAIN,
    REAL,
    REAL2,
    RESET,
    TIMEOUT,
    UNKNOWN_CA,
    V6,
    WRONG,
    WRONG_NAME,
    control_here,
    http,
    measured,
    plain,
    resolver_control,
    system,
    tcp,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import (
    asked,
    at_hop,
    lost,
    notice,
    redirect,
    seen,
    seen_dns,
    seen_plain,
    seen_tls,
)
from tests.unit.analysis.cases import EVERY_LOOK
from tests.unit.analysis.cases_dns import AGREED, FOUND, REACHED, denied

TRIED = asked(TIMEOUT)
"""A control that was asked and did not answer: there is none to ask any more."""
COMPARED = (*FOUND, *AGREED, resolver_control(), TRIED)
RESOLVER = Question(kind=QuestionKind.OTHER_RESOLVER, host=HOST)
RESOLVER_CONTROL = Question(kind=QuestionKind.CONTROL_NAME_SAME_RESOLVER, host=HOST, port=443)
NOBODY = Question(kind=QuestionKind.NON_RESOLVER, host=HOST)
REASON = Question(kind=QuestionKind.REASON_OF_RESOLVER, host=HOST)


def validate(address: str) -> Question:
    return Question(kind=QuestionKind.VALIDATE_ADDRESS, host=HOST, address=address, port=443)


def at_port(kind: QuestionKind, address: str, *, plaintext: bool) -> Question:
    port = 80 if plaintext else 443
    return Question(kind=kind, host=HOST, address=address, port=port, plaintext=plaintext)


def same_address(address: str = REAL, *, plaintext: bool = False) -> Question:
    return at_port(QuestionKind.CONTROL_NAME_SAME_ADDRESS, address, plaintext=plaintext)


def swap(address: str = REAL, *, plaintext: bool = False) -> Question:
    return at_port(QuestionKind.TARGET_NAME_ON_CONTROL_ADDRESS, address, plaintext=plaintext)


def remote(
    address: str | None = None,
    *,
    host: str = HOST,
    port: int = 443,
    plaintext: bool = False,
    path: str = "/",
    hop: int = 1,
) -> Question:
    return Question(
        kind=QuestionKind.REMOTE_CONTROL,
        host=host,
        address=address,
        port=port,
        plaintext=plaintext,
        path=path,
        hop=hop,
    )


def secure_page(address: str = REAL) -> Question:
    return at_port(QuestionKind.SECURE_PAGE, address, plaintext=True)


def page_of(address: str) -> Question:
    return Question(kind=QuestionKind.PAGE_AT_ADDRESS, host=HOST, address=address)


def once_more(address: str = REAL, *, plaintext: bool = False) -> Question:
    return at_port(QuestionKind.SAME_ADDRESS_AGAIN, address, plaintext=plaintext)


def asked_of(look: Measurement, before: frozenset[Question] = frozenset()) -> tuple[Question, ...]:
    verdict = judge(look)
    assert verdict is not None
    return questions(look, verdict, before)


@pytest.mark.parametrize(
    "look",
    [
        measured(*REACHED),
        measured(*FOUND, tls(), http(451)),
        measured(*denied(NXDOMAIN), trusted(failure=NXDOMAIN)),
    ],
    ids=["ok", "restricted", "down"],
)
def test_what_is_settled_is_not_asked_about(look: Measurement) -> None:
    assert asked_of(look) == ()


def test_a_control_and_other_resolvers_are_asked_before_anything_else() -> None:
    look = measured(*FOUND, tls(failure=RESET))

    assert asked_of(look) == (remote(REAL), RESOLVER)
    assert asked_of(measured(*look.steps, TRIED)) == (RESOLVER,)
    assert asked_of(measured(*look.steps, *seen())) == (RESOLVER,)


@pytest.mark.parametrize(
    ("look", "question"),
    [
        (measured(*FOUND, *AGREED, tcp(failure=TIMEOUT)), remote(REAL)),
        (measured(*denied(NXDOMAIN), trusted(REAL)), remote()),
        (
            plain(*FOUND, *AGREED, lost(RESET)),
            remote(REAL, port=80, plaintext=True),
        ),
        (
            measured(*at_hop(1, tls(failure=RESET), host=REAL), url=f"https://{REAL}/a?b=c"),
            remote(REAL, host=REAL, path="/a?b=c"),
        ),
        (
            measured(
                *FOUND,
                tls(),
                *seen(),
                redirect(f"https://{HOST}/on", port=443),
                *at_hop(2, tls(failure=RESET)),
            ),
            remote(REAL, path="/on", hop=2),
        ),
    ],
    ids=["no connection", "no address", "in the clear", "an address as target", "second hop"],
)
def test_a_control_not_tried_is_asked_for_the_same_look(
    look: Measurement, question: Question
) -> None:
    assert asked_of(look)[0] == question


def test_a_failing_resolver_is_tried_with_an_innocuous_name_and_the_others_answer_is_checked() -> (
    None
):
    look = measured(*denied(NXDOMAIN), trusted(REAL), TRIED)

    assert asked_of(look) == (RESOLVER_CONTROL, NOBODY, REASON, validate(REAL))
    assert asked_of(look, frozenset({RESOLVER_CONTROL, REASON})) == (NOBODY, validate(REAL))


def test_what_the_control_found_is_validated_as_well() -> None:
    look = measured(*denied(NXDOMAIN), trusted(failure=TIMEOUT), seen_dns(REAL2), seen_tls(REAL2))

    assert asked_of(look) == (RESOLVER_CONTROL, NOBODY, REASON, validate(REAL2))


def test_a_resolver_that_withholds_ipv6_addresses_is_asked_for_those_of_an_innocuous_name() -> None:
    wanted = Question(kind=QuestionKind.CONTROL_NAME_IPV6, host=HOST)
    v6_only = (trusted(failure=NODATA), trusted(V6, kind="AAAA"), TRIED)
    withheld = measured(*denied(NODATA), *v6_only)

    assert wanted in asked_of(withheld)
    assert wanted not in asked_of(measured(*withheld.steps, context=(NO_IPV6,)))
    assert wanted not in asked_of(measured(*denied(NXDOMAIN), *v6_only))
    assert wanted not in asked_of(measured(*denied(NODATA), trusted(REAL), TRIED))


def test_where_a_name_is_led_astray_its_page_is_looked_at() -> None:
    look = measured(system(WRONG), *AGREED, tls(WRONG, WRONG_NAME), tls(), TRIED)

    assert asked_of(look) == (RESOLVER_CONTROL, NOBODY, page_of(WRONG), swap(WRONG))


def test_of_many_strange_addresses_two_pages_are_looked_at() -> None:
    strange = ("203.0.113.73", "203.0.113.71", "203.0.113.72")
    look = measured(system(*strange), *AGREED, *(tls(a, WRONG_NAME) for a in strange), TRIED)

    pages = [q.address for q in asked_of(look) if q.kind is QuestionKind.PAGE_AT_ADDRESS]
    assert pages == ["203.0.113.71", "203.0.113.72"]


@pytest.mark.parametrize("word", [UNKNOWN_CA, WRONG_NAME, BAD_CERTIFICATE])
def test_a_resolver_that_leads_to_a_strange_certificate_is_tried_with_an_innocuous_name(
    word: Failure,
) -> None:
    assert RESOLVER_CONTROL in asked_of(measured(*FOUND, *AGREED, tls(failure=word)))


@pytest.mark.parametrize(
    "look",
    [
        measured(*FOUND, *AGREED, tls(failure=RESET)),
        measured(*FOUND, *AGREED, tls(), http(503)),
        measured(*FOUND, trusted(WRONG), tls(WRONG, UNKNOWN_CA), tls(), http(503)),
        measured(tls(failure=UNKNOWN_CA), url=f"https://{REAL}/"),
    ],
    ids=["reset", "reached", "another resolver's address", "an address as target"],
)
def test_an_answer_not_in_doubt_costs_the_resolver_no_question(look: Measurement) -> None:
    assert RESOLVER_CONTROL not in asked_of(look)


def test_the_resolvers_control_is_visited_at_the_targets_port_or_the_usual_one() -> None:
    steps = (*denied(NXDOMAIN), trusted(REAL), TRIED)
    other_port = asked_of(measured(*steps, url=f"https://{HOST}:8443/"))

    assert [q.port for q in other_port] == [8443, None, None, 8443]
    assert [q.port for q in asked_of(plain(*steps))] == [443, None, None, 443]


def test_addresses_not_yet_tried_are_validated_two_of_each_kind_ipv4_first() -> None:
    look = measured(
        system("203.0.113.3", "203.0.113.1", "203.0.113.2", V6),
        trusted(REAL, REAL2, WRONG),
        resolver_control(),
        tls("203.0.113.1", UNKNOWN_CA),
        TRIED,
    )

    assert asked_of(look) == (
        RESOLVER_CONTROL,
        NOBODY,
        page_of("203.0.113.1"),
        page_of("203.0.113.2"),
        validate("203.0.113.2"),
        validate("203.0.113.3"),
        validate(REAL),
        validate(REAL2),
        swap("203.0.113.1"),
    )


def test_an_address_that_takes_no_connection_is_not_tried_again() -> None:
    assert asked_of(measured(*COMPARED, tcp(failure=TIMEOUT))) == ()


def test_a_bogon_is_never_connected_to() -> None:
    look = measured(system(BOGON), trusted(BOGON, REAL), resolver_control(), TRIED)

    assert asked_of(look) == (RESOLVER_CONTROL, NOBODY, REASON, validate(REAL))


def test_a_plain_targets_address_is_validated_over_tls() -> None:
    assert asked_of(plain(*COMPARED, http(port=80))) == (validate(REAL),)


def test_a_stopped_name_is_compared_with_another_and_then_said_elsewhere() -> None:
    look = measured(*COMPARED, tls(failure=RESET))
    answered = measured(*look.steps, control_here(tls()))
    silent = measured(*look.steps, control_here(tls(failure=RESET)))
    before = frozenset({same_address()})

    assert asked_of(look) == (same_address(),)
    assert asked_of(answered, before) == (swap(),)
    assert asked_of(silent, before) == ()


def test_what_serves_the_control_is_said_elsewhere_before_an_innocuous_name_was_answered() -> None:
    look = measured(*COMPARED, *seen(), tls(failure=RESET))

    assert asked_of(look) == (same_address(), swap())


@pytest.mark.parametrize("word", [RESET, TIMEOUT, EOF])
def test_what_a_filter_may_have_ended_is_not_provoked_at_the_same_server_again(
    word: Failure,
) -> None:
    stopped = measured(*COMPARED, *seen(), tls(failure=word))
    forgets = measured(*stopped.steps, control_here(tls()))

    assert asked_of(stopped) == (same_address(), swap())
    assert once_more() not in asked_of(forgets)


@pytest.mark.parametrize("word", [UNKNOWN_CA, Failure.SSL_FAILED_HANDSHAKE])
def test_what_no_provocation_explains_is_tried_again_at_once(word: Failure) -> None:
    look = measured(*COMPARED, *seen(), tls(failure=word))

    assert once_more() in asked_of(look)


def test_an_address_that_may_pay_for_another_name_is_not_tried_again() -> None:
    look = measured(*FOUND, *AGREED, *seen(), tcp(failure=RESET))
    spoiled = measured(*look.steps, context=(RESIDUAL_POSSIBLE,))

    assert once_more() in asked_of(look)
    assert once_more() not in asked_of(spoiled)


def test_an_address_that_serves_the_control_and_takes_no_connection_is_tried_again_once() -> None:
    both = (system(REAL, REAL2), *AGREED, *seen(), *seen(REAL2))
    look = measured(*both, tcp(failure=TIMEOUT), tcp(REAL2, TIMEOUT))

    assert asked_of(look) == (once_more(),)


def test_a_page_the_control_is_not_shown_is_looked_for_elsewhere() -> None:
    look = plain(*FOUND, *AGREED, tls(failure=RESET), notice(), *seen_plain())

    assert asked_of(look) == (
        same_address(plaintext=True),
        swap(plaintext=True),
        secure_page(),
        once_more(plaintext=True),
    )


def test_an_earlier_hop_is_asked_about_only_when_its_page_is_not_the_controls() -> None:
    landing = (redirect("http://block.example/"), *at_hop(2, lost(RESET), host="block.example"))
    first = (*FOUND, *AGREED, tls(failure=RESET))
    alone = plain(*first, *landing, *seen_plain(redirect("http://block.example/")))
    here_alone = plain(*first, *landing, *seen_plain())

    assert {q.hop for q in asked_of(alone)} == {2}
    assert swap(plaintext=True) in asked_of(here_alone)


def test_a_strange_certificate_is_only_looked_for_elsewhere() -> None:
    assert asked_of(measured(*COMPARED, tls(failure=UNKNOWN_CA))) == (
        RESOLVER_CONTROL,
        NOBODY,
        swap(),
    )


def test_a_request_in_the_clear_is_compared_in_the_clear() -> None:
    bad = http(None, RESET, port=80)
    look = plain(*COMPARED, tls(), bad)

    assert asked_of(look) == (same_address(plaintext=True),)
    assert asked_of(plain(*look.steps, control_here(http(404, port=80)))) == (
        same_address(plaintext=True),
        swap(plaintext=True),
    )


def test_an_address_as_target_needs_no_resolver() -> None:
    look = measured(tls(failure=RESET), url=f"https://{REAL}/")

    assert all(question.kind is not QuestionKind.OTHER_RESOLVER for question in asked_of(look))


def test_no_question_is_asked_twice_and_asking_ends() -> None:
    for look in EVERY_LOOK:
        first = asked_of(look)

        assert len(set(first)) == len(first) <= 12
        second = asked_of(look, frozenset(first))
        assert set(first).isdisjoint(second)
        last = asked_of(look, frozenset((*first, *second)))
        assert {question.kind for question in last} <= {QuestionKind.OTHER_SHAPE}
        assert asked_of(look, frozenset((*first, *second, *last))) == ()
