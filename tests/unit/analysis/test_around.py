"""The surroundings' steps, arranged: what counts as heard, reached, proved and told."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from analysis.around import Around, Host
from heliograph.detail import DnsAnswer, DnsDetail, DnsReply
from heliograph.failure import Failure
from heliograph.model import PAIR_CHECK, PAIR_INNOCUOUS, PAIR_NEAR, Role, Step, StepKind
from tests.unit.analysis.around_steps import (
    CHECK,
    NAMES,
    NEAR,
    PLACES,
    TIMEOUT,
    UNKNOWN_CA,
    ask,
    checked,
    connect,
    found,
    lost,
    near,
    query,
    resolver_met,
    seen,
    shake,
)

CUT = Step(kind=StepKind.HTTP_EXCHANGE, pair=PAIR_CHECK, host=CHECK)
"""A step that was cut off before anything of it was written down."""


@pytest.mark.parametrize(
    "word",
    [
        TIMEOUT,
        Failure.HOST_UNREACHABLE,
        Failure.NETWORK_UNREACHABLE,
        Failure.INTERRUPTED,
        Failure.X_ADDRESS_REFUSED,
    ],
)
def test_silence_is_heard_as_silence(word: Failure) -> None:
    assert not seen(connect(PAIR_CHECK, CHECK, "203.0.113.1", word)).heard


@pytest.mark.parametrize("word", [None, Failure.CONNECTION_REFUSED, Failure.CONNECTION_RESET])
def test_any_answer_is_heard(word: Failure | None) -> None:
    assert seen(connect(PAIR_CHECK, CHECK, "203.0.113.1", word)).heard


def test_what_was_cut_off_says_nothing() -> None:
    a = seen(CUT)

    assert not any((a.check_answered, a.check_passed, a.heard, a.ahead))


def test_a_name_counts_once_it_was_asked_of_the_systems_resolver() -> None:
    elsewhere = query(PAIR_INNOCUOUS, NAMES[0], "203.0.113.1", resolver="udp://192.0.2.1")

    assert seen(elsewhere).names == ()
    assert len(seen(*found(NAMES[0]), *found(NAMES[1])).names) == 2


def test_all_names_led_to_one_place() -> None:
    led = [query(PAIR_INNOCUOUS, name, "198.51.100.80") for name in NAMES]

    assert seen(*led).one_answer
    assert not seen(*led[:1]).one_answer
    assert not seen(*found(NAMES[0]), *found(NAMES[1])).one_answer


def test_an_interceptor_is_somebody_who_answers_and_proves_nothing() -> None:
    a = seen(*lost(NAMES[1]), shake(PAIR_INNOCUOUS, NAMES[0], PLACES[NAMES[0]], UNKNOWN_CA))

    assert not a.proved
    assert a.visited == {NAMES[0]}
    assert {host for host, _ in a.unknown_issuers} == {NAMES[0]}


def test_a_page_in_the_clear_is_an_answer() -> None:
    place = PLACES[NAMES[0]]
    refused = connect(PAIR_INNOCUOUS, NAMES[0], place, Failure.CONNECTION_REFUSED)
    page = ask(PAIR_INNOCUOUS, NAMES[0], 200)

    assert seen(*lost(NAMES[1]), refused).abroad_lost
    assert not seen(*lost(NAMES[1]), refused, page).abroad_lost


def test_a_connection_that_leads_to_no_answer_is_none() -> None:
    taken = [connect(PAIR_INNOCUOUS, name, PLACES[name]) for name in NAMES]
    reset = [shake(PAIR_INNOCUOUS, name, PLACES[name], Failure.CONNECTION_RESET) for name in NAMES]

    assert seen(*taken, *reset).abroad_lost


def test_the_connection_of_a_resolver_is_no_place() -> None:
    assert not seen(*lost(NAMES[0]), resolver_met(TIMEOUT)).abroad_lost
    assert seen(resolver_met()).resolvers_reached


def test_a_place_is_here_by_the_systems_answer_and_the_vantages_country() -> None:
    assert seen(*near()).near_reached
    assert not seen(*near(TIMEOUT)).near_reached
    assert not seen(*near(), host=Host(country="XB")).near_reached
    assert not seen(*near(country="ZZ"), host=Host(country="ZZ")).near_reached
    unanswered = query(PAIR_NEAR, NEAR, failure=TIMEOUT)
    assert not seen(unanswered, *near()[1:]).near_reached


@pytest.mark.parametrize("text", ["", "yesterday", "Mon, 23 Nov 2026 12:00:00", "-1"])
def test_a_time_that_can_not_be_read_is_not_told(text: str) -> None:
    import msgspec

    from heliograph.detail import HttpDetail

    detail = HttpDetail(url="http://x/", status=204, headers=(("date", text),))
    step = msgspec.structs.replace(checked()[-1], detail=msgspec.json.encode(detail).decode())

    assert seen(step).ahead == ()


def test_times_agree_when_two_tell_the_same() -> None:
    hour = timedelta(hours=2)

    assert not seen(*checked()).times_agree
    assert seen(*checked(), *found(NAMES[0], ahead=timedelta())).times_agree
    assert not seen(*checked(), *found(NAMES[0], ahead=hour)).times_agree


def test_what_a_control_saw_of_an_innocuous_name_is_no_word_of_this_network_s_resolver() -> None:
    here = Step(
        kind=StepKind.DNS_QUERY,
        role=Role.CONTROL_BEFORE,
        pair=PAIR_INNOCUOUS,
        host="weather.example",
        failure=Failure.INVALID_ARGUMENT,
        detail=msgspec.json.encode(DnsDetail(query_type="A")).decode(),
    )
    answer = DnsAnswer(name="weather.example", type="A", value="203.0.113.9")
    reply = DnsReply(after=0.1, rcode="NOERROR", answers=(answer,))
    found = DnsDetail(query_type="A", replies=(reply,))
    there = msgspec.structs.replace(
        here,
        role=Role.REMOTE_CONTROL,
        failure=None,
        detail=msgspec.json.encode(found).decode(),
    )
    (name,) = Around((here, there), Host(), datetime(2026, 11, 26, tzinfo=UTC)).names

    assert name.failed
    assert not name.found_elsewhere
