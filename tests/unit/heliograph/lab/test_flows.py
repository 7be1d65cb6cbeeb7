"""What a box on the path makes of the bytes that pass it: names, in whatever pieces they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.lab.censor import Censor, Delay
from heliograph.lab.flows import Flow, Flows, asked_name, host_of, target_of
from heliograph.lab.packets import ACK, SYN
from tests.unit.heliograph.lab.frames import (
    client_hello,
    datagram,
    opened,
    query,
    read,
    request,
    segment,
)

HELLO = client_hello("Site.Example")
WEATHER = Delay(seconds=0.0)


def heard(data: list[tuple[int, bytes]], port: int = 443) -> Flow:
    """The flow after these pieces of the client's stream, each at its offset."""
    flows = Flows()
    flow = flows.of(read(segment(flags=SYN, numbers=(999, 0), ports=(1, port))), from_client=True)
    for offset, piece in data:
        packet = read(segment(piece, numbers=(1000 + offset, 1), ports=(1, port)))
        flow = flows.of(packet, from_client=True)
    return flow


@pytest.mark.parametrize("size", [1, 7, 100, 5000])
def test_a_client_hello_in_pieces_of_any_size_names_the_host_in_lower_case(size: int) -> None:
    flow = heard([(at, HELLO[at : at + size]) for at in range(0, len(HELLO), size)])

    assert flow.sni == "site.example"
    assert flow.just_said


def test_pieces_out_of_turn_twice_and_overlapping_are_put_in_order() -> None:
    flow = heard([(200, HELLO[200:]), (0, HELLO[:50]), (0, HELLO[:50]), (30, HELLO[30:200])])

    assert flow.sni == "site.example"


def test_a_gap_is_not_jumped() -> None:
    flow = heard([(0, HELLO[:100]), (120, HELLO[120:])])

    assert flow.sni is None
    assert not flow.just_said


def test_only_the_packet_that_completes_the_name_has_just_said_it() -> None:
    assert not heard([(0, HELLO), (len(HELLO), b"more")]).just_said
    assert not heard([(0, HELLO), (0, HELLO)]).just_said


def test_sequence_numbers_may_wrap_in_the_middle_of_a_name() -> None:
    flows, start = Flows(), 0xFFFFFFFF - 50
    flows.of(read(segment(flags=SYN, numbers=(start - 1, 0))), from_client=True)
    for at in (0, 100):
        packet = read(segment(HELLO[at : at + 100] if at == 0 else HELLO[100:],
                              numbers=(start + at & 0xFFFFFFFF, 1)))  # fmt: skip
        flow = flows.of(packet, from_client=True)

    assert flow.sni == "site.example"


def test_a_second_request_on_a_connection_names_another_host() -> None:
    first, second = request("one.example"), request("TWO.example:8080", "/path?q=1")
    flow = heard([(0, first), (len(first), second[:20]), (len(first) + 20, second[20:])], 80)

    assert (flow.host, flow.target, flow.just_said) == ("two.example", "/path?q=1", True)


def test_a_new_syn_on_the_same_ports_begins_anew() -> None:
    flows = Flows()
    flows.of(read(segment(request("one.example"))), from_client=True)
    flow = flows.of(read(segment(flags=SYN, numbers=(5, 0))), from_client=True)

    assert flow.host is None


def test_both_directions_are_one_flow_and_other_ports_another() -> None:
    flows = Flows()
    one = flows.of(read(segment(request("one.example"))), from_client=True)
    back = segment(b"HTTP/1.1 200", ports=(443, 40000), ends=("203.0.113.7", "198.51.100.2"))

    assert flows.of(read(back), from_client=False) is one
    assert flows.of(read(segment(b"x", ports=(40001, 443))), from_client=True) is not one


def test_a_dns_question_is_the_flows_query_over_udp_and_over_tcp() -> None:
    message = query("Site.Example", 28)
    over_tcp = len(message).to_bytes(2) + message
    flows = Flows()

    asked = flows.of(read(datagram(message)), from_client=True)
    assert asked_name(asked.query) == ("site.example", 28)
    assert asked.just_said
    assert heard([(0, over_tcp[:9]), (9, over_tcp[9:])], 53).query == message


@pytest.mark.parametrize(
    ("head", "host"),
    [
        (request("Site.Example"), "site.example"),
        (request("site.example:8080"), "site.example"),
        (request("[2001:db8::1]:80"), "[2001:db8::1]"),
        (b"GET / HTTP/1.1\r\nhOsT :  site.example\r\n\r\n", "site.example"),
        (b"GET / HTTP/1.0\r\n\r\n", None),
        (b"GET / HTTP/1.1\r\nX-Host: site.example\r\n\r\n", None),
    ],
)
def test_the_host_of_a_request(head: bytes, host: str | None) -> None:
    assert host_of(head) == host


def test_the_target_of_a_request() -> None:
    assert target_of(b"GET /a?b=c HTTP/1.1\r\nHost: d\r\n\r\n") == "/a?b=c"
    assert target_of(b"garbage") == ""


@given(st.binary(max_size=600), st.sampled_from([53, 80, 443]))
def test_garbage_never_raises(garbage: bytes, port: int) -> None:
    host_of(garbage)
    target_of(garbage)
    asked_name(garbage)
    heard([(at, garbage[at : at + 90]) for at in range(0, len(garbage), 90)], port)
    heard([(0, b"\x16\x03\x01" + garbage), (len(garbage) + 3, garbage)], port)
    Flows().of(read(datagram(garbage, ports=(1, port))), from_client=True)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=12))
def test_whatever_comes_before_the_whole_is_there_does_no_harm(
    spans: list[tuple[int, int]],
) -> None:
    pieces = [(min(s), HELLO[min(s) : max(s)]) for s in spans]

    assert heard([*pieces, (0, HELLO)]).sni == "site.example"


# Bounded


def test_of_fifty_thousand_connections_the_latest_are_known() -> None:
    flows = Flows()
    for number in range(50_000):
        ports = (1 + number % 60_000, 1 + number // 60_000)
        flows.of(read(segment(b"GET", ports=ports)), from_client=True)

    assert len(flows._known) == 20_000
    latest = read(segment(b"x", ports=(50_000, 1)))
    assert flows.of(latest, from_client=True) is flows._known[next(reversed(flows._known))]


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\xff\xff\x01\0\xff\xff"])
def test_a_client_that_never_comes_to_an_end_is_not_remembered_without_end(start: bytes) -> None:
    talk = opened(Censor((WEATHER,)))
    talk.says(start)
    for _ in range(200):
        talk.says(b"x" * 1400)
    for far in range(10, 100):
        talk.says_at(far * 50, b"y" * 1400)

    (flow,) = talk.censor.flows._known.values()
    kept = len(flow._said) + sum(len(early) for early in flow._early.values())
    assert kept <= 16_384 + 16 * 1400


def test_one_server_segment_before_any_of_the_client_is_no_harm() -> None:
    flow = Flows().of(read(segment(b"220 hi", flags=ACK)), from_client=False)

    assert (flow.sni, flow.host, flow.just_said) == (None, None, False)
