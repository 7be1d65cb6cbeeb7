"""What the test helper saw are steps of a remote control; of its page it says where that ended."""

from typing import Any

import msgspec
import pytest

from heliograph.detail import DnsDetail, HttpDetail, TlsDetail, read
from heliograph.failure import Failure
from heliograph.model import PAIR_ASKED, PAIR_END, Role, Step, StepKind
from storage.ooni.control import control_steps
from storage.ooni.shapes import NOTHING
from storage.ooni.values import target_of
from tests.unit.storage.ooni.published import ADDRESS, HELPER, SITE, URL, control, line

TARGET = target_of(URL)


def seen(found: dict[str, Any]) -> list[Step]:
    return control_steps(msgspec.Raw(line(found)), None, None, TARGET)


def of_kind(found: dict[str, Any], kind: StepKind) -> Step:
    (step,) = (step for step in seen(found) if step.kind is kind)
    return step


def test_every_step_is_a_remote_controls_for_the_target_itself() -> None:
    steps = seen(control())

    assert {(step.role, step.hop) for step in steps} == {(Role.REMOTE_CONTROL, 1)}
    assert [step.pair for step in steps] == [None, None, None, PAIR_END]
    assert [step.kind for step in steps] == [
        StepKind.DNS_QUERY,
        StepKind.TCP_CONNECT,
        StepKind.TLS_HANDSHAKE,
        StepKind.HTTP_EXCHANGE,
    ]


def test_its_addresses_have_their_networks_and_old_aliases_are_no_addresses() -> None:
    told = {"failure": None, "addrs": ["alias.example.net", ADDRESS]}
    step = of_kind(control(dns=told), StepKind.DNS_QUERY)
    alias, address = read(step, DnsDetail).replies[0].answers

    assert (alias.type, alias.value) == ("CNAME", "alias.example.net")
    assert (address.type, address.value, address.asn) == ("A", ADDRESS, 64999)
    assert (step.host, step.failure) == (SITE, None)


def test_its_failed_look_up_has_our_word_and_its_reply() -> None:
    step = of_kind(control(dns={"failure": "dns_name_error", "addrs": []}), StepKind.DNS_QUERY)

    assert step.failure is Failure.DNS_NXDOMAIN_ERROR
    assert [reply.rcode for reply in read(step, DnsDetail).replies] == ["NXDOMAIN"]


def test_an_empty_list_of_addresses_is_no_answer() -> None:
    step = of_kind(control(dns={"failure": None, "addrs": []}), StepKind.DNS_QUERY)

    assert step.failure is Failure.DNS_NO_ANSWER


def test_of_a_literal_address_nothing_was_looked_up() -> None:
    found = msgspec.Raw(line(control(dns={"failure": None, "addrs": []})))
    steps = control_steps(found, None, None, target_of(f"https://{ADDRESS}/"))

    assert StepKind.DNS_QUERY not in {step.kind for step in steps}


def test_a_connection_it_could_not_make_failed_somehow() -> None:
    told = {f"{ADDRESS}:443": {"status": False, "failure": None}}
    step = of_kind(control(tcp_connect=told), StepKind.TCP_CONNECT)

    assert (step.host, step.address, step.port) == (SITE, ADDRESS, 443)
    assert step.failure is Failure.UNKNOWN_FAILURE


def test_its_handshake_is_for_the_name_it_sent() -> None:
    step = of_kind(control(), StepKind.TLS_HANDSHAKE)

    assert (step.host, step.sni, step.failure) == (SITE, SITE, None)
    assert read(step, TlsDetail).completed


def test_its_page_is_the_one_that_redirects_ended_with() -> None:
    step = of_kind(control(), StepKind.HTTP_EXCHANGE)
    detail = read(step, HttpDetail)

    assert step.pair == PAIR_END
    assert (detail.url, detail.status, detail.body_bytes) == (URL, 200, 1234)
    assert detail.title == "A page & more"
    assert detail.headers == (("Server", "made"),)
    assert (step.address, step.port) == (None, 443)


def test_a_page_it_did_not_get_is_a_failed_request() -> None:
    told = {"body_length": -1, "failure": "dns_lookup_error", "status_code": -1, "title": ""}
    step = of_kind(control(http_request=told), StepKind.HTTP_EXCHANGE)
    detail = read(step, HttpDetail)

    assert step.failure is Failure.DNS_NON_RECOVERABLE_FAILURE
    assert (detail.status, detail.title, detail.body_bytes) == (None, None, 0)


def test_a_page_it_says_nothing_of_is_no_step() -> None:
    told = {"body_length": 0, "failure": None, "status_code": 0, "title": "", "headers": None}

    assert StepKind.HTTP_EXCHANGE not in {step.kind for step in seen(control(http_request=told))}


def test_that_it_was_asked_is_a_step_of_its_own() -> None:
    first, *_ = control_steps(msgspec.Raw(line(control())), None, HELPER, TARGET)

    assert (first.pair, first.host, first.failure) == (PAIR_ASKED, "helper.example.net", None)


def test_a_helper_that_did_not_answer_saw_nothing() -> None:
    told = msgspec.Raw(line({"tcp_connect": None, "dns": {"addrs": None}, "http_request": {}}))
    (step,) = control_steps(told, "connection_refused", HELPER, TARGET)

    assert (step.pair, step.failure) == (PAIR_ASKED, Failure.CONNECTION_REFUSED)


@pytest.mark.parametrize("told", [NOTHING, msgspec.Raw(b"null"), msgspec.Raw(b"{}")])
def test_where_nobody_was_asked_there_is_no_step(told: msgspec.Raw) -> None:
    assert control_steps(told, None, None, TARGET) == []


def test_what_is_no_answer_of_a_helper_is_told() -> None:
    with pytest.raises(msgspec.DecodeError):
        seen({"dns": 7})
