"""Each condition of a censor: what it hits, and what it spares."""

from collections.abc import Callable

import dns.message
import msgspec
import pytest

from heliograph.lab.censor import (
    AlertSni,
    AnswerHost,
    AnyCondition,
    BlockUdp,
    Censor,
    CloseHost,
    CloseSni,
    CutOff,
    Decision,
    DropAddress,
    DropDns,
    DropHost,
    DropSni,
    InjectDns,
    Lose,
    RefuseAddress,
    ResetHost,
    ResetSni,
    ResetWord,
    Residual,
    UnreachableAddress,
)
from heliograph.lab.decision import DROP, PASS
from heliograph.lab.packets import FIN, RST
from tests.unit.heliograph.lab.frames import (
    SERVER,
    SERVER_V6,
    Talk,
    client_hello,
    opened,
    query,
    read,
    request,
    sums_are_right,
)

NAMES = ("bad.example",)
HELLO = client_hello("bad.example")
FINE = client_hello("fine.example")
BOTH = pytest.mark.parametrize("v6", [False, True], ids=["IPv4", "IPv6"])
OF_SNI: list[AnyCondition] = [
    ResetSni(names=NAMES), DropSni(names=NAMES), CloseSni(names=NAMES), AlertSni(names=NAMES)
]  # fmt: skip
OF_HOST: list[AnyCondition] = [
    ResetHost(names=NAMES),
    DropHost(names=NAMES),
    CloseHost(names=NAMES),
    AnswerHost(names=NAMES, response=b"HTTP/1.1 403 No\r\n\r\n" + b"x" * 3000),
]


def forged(decision: Decision) -> tuple[int, bytes]:
    """Flags of the last frame to the client, and all the data in them."""
    assert all(sums_are_right(frame) for frame in decision.to_client + decision.to_server)
    frames = [read(frame) for frame in decision.to_client]
    return frames[-1].flags if frames else 0, b"".join(frame.payload for frame in frames)


def seen_of(condition: AnyCondition) -> tuple[int, bytes]:
    """What the client must see of a condition on names."""
    match condition:
        case ResetSni() | ResetHost():
            return RST, b""
        case AlertSni():
            return FIN, b"\x15\3\3\0\2\2\x28"
        case AnswerHost():
            return FIN, condition.response
        case CloseSni() | CloseHost():
            return FIN, b""
        case _:
            return 0, b""


# Names


@BOTH
@pytest.mark.parametrize("port", [443, 8443])
@pytest.mark.parametrize("condition", OF_SNI, ids=lambda one: type(one).__name__)
def test_a_client_hello_with_the_name_is_hit_on_any_port(
    condition: AnyCondition, port: int, v6: bool
) -> None:
    talk = opened(condition, port=port, v6=v6)
    decided = talk.says(HELLO)
    flag, data = seen_of(condition)

    assert decided.drop
    assert decided.doom
    assert (forged(decided)[0] & flag, forged(decided)[1]) == (flag, data)
    assert bool(decided.to_server) == (not isinstance(condition, DropSni))


@BOTH
@pytest.mark.parametrize("condition", OF_HOST, ids=lambda one: type(one).__name__)
def test_a_request_to_the_host_is_hit(condition: AnyCondition, v6: bool) -> None:
    decided = opened(condition, port=80, v6=v6).says(request("bad.example"))
    flag, data = seen_of(condition)

    assert decided.drop
    assert (forged(decided)[0] & flag, forged(decided)[1]) == (flag, data)


@pytest.mark.parametrize("condition", [*OF_SNI, *OF_HOST], ids=lambda one: type(one).__name__)
def test_others_are_spared(condition: AnyCondition) -> None:
    for data in (FINE, request("fine.example"), client_hello("sub.bad.example"),
                 request("sub.bad.example"), client_hello("notbad.example"), client_hello(None),
                 b"SSH-2.0-bad.example\r\n\r\n"):  # fmt: skip
        talk = opened(condition)
        assert talk.says(data) == PASS
        assert talk.hears(b"answer") == PASS


@pytest.mark.parametrize("condition", OF_SNI, ids=lambda one: type(one).__name__)
def test_a_condition_on_sni_does_not_hear_the_host_and_the_other_way_round(
    condition: AnyCondition,
) -> None:
    assert opened(condition).says(request("bad.example")) == PASS
    assert opened(OF_HOST[0]).says(HELLO) == PASS


@pytest.mark.parametrize("size", [1, 60, 200])
def test_a_split_client_hello_is_hit_at_its_last_piece(size: int) -> None:
    talk = opened(ResetSni(names=NAMES))
    pieces = [HELLO[at : at + size] for at in range(0, len(HELLO), size)]

    assert [talk.says(piece).drop for piece in pieces] == [False] * (len(pieces) - 1) + [True]


def test_pieces_in_the_wrong_order_are_hit_when_the_gap_is_closed() -> None:
    talk = opened(ResetSni(names=NAMES))

    assert talk.says_at(100, HELLO[100:]) == PASS
    assert talk.says(HELLO[:100]).drop


def test_case_does_not_matter_neither_said_nor_written_down() -> None:
    shouting = ResetSni(names=("BAD.Example",))

    assert opened(shouting).says(client_hello("bAd.eXample")).drop
    assert opened(ResetHost(names=NAMES), port=80).says(request("BAD.example.")).drop


def test_a_box_that_puts_no_segments_together_hears_a_name_in_one_alone() -> None:
    narrow = ResetSni(names=NAMES, one_segment=True)

    assert opened(narrow).says(HELLO).drop
    talk = opened(narrow)
    assert talk.says(HELLO[:80]) == PASS
    assert talk.says(HELLO[80:]) == PASS
    assert opened(narrow).says(HELLO + bytes(1500)) == PASS, "the kernel hands over two as one"


def test_a_name_as_spelled_is_hit_in_its_own_capitals_only() -> None:
    lower, capitals = (
        ResetSni(names=(name,), as_spelled=True) for name in ("bad.example", "BAD.example")
    )

    assert opened(lower).says(HELLO).drop
    assert opened(lower).says(client_hello("BAD.example")) == PASS
    assert opened(capitals).says(client_hello("BAD.example")).drop
    assert opened(capitals).says(HELLO) == PASS


@BOTH
def test_a_racing_reset_comes_to_the_client_and_takes_nothing_away(v6: bool) -> None:
    talk = opened(ResetSni(names=NAMES, racing=True), v6=v6)
    decided = talk.says(HELLO)

    assert (decided.drop, decided.doom, decided.to_server) == (False, False, ())
    assert forged(decided)[0] & RST
    assert talk.hears(b"server hello") == PASS


@BOTH
@pytest.mark.parametrize(
    ("condition", "flag", "data"),
    [
        (ResetHost(names=NAMES, racing=True), RST, b""),
        (AnswerHost(names=NAMES, response=b"HTTP/1.1 403 No\r\n\r\n", racing=True), FIN,
         b"HTTP/1.1 403 No\r\n\r\n"),
    ],
    ids=["reset", "answer"],
)  # fmt: skip
def test_whoever_races_a_request_lets_it_go_on(
    condition: AnyCondition, flag: int, data: bytes, v6: bool
) -> None:
    talk = opened(condition, port=80, v6=v6)
    decided = talk.says(request("bad.example"))

    assert (decided.drop, decided.doom, decided.to_server) == (False, False, ())
    assert forged(decided)[0] & flag
    assert forged(decided)[1] == data
    assert opened(condition, port=80).says(request("fine.example")) == PASS


def test_a_share_of_those_that_are_heard_is_hit_the_same_ones_each_time() -> None:
    def hits() -> list[bool]:
        censor = Censor((ResetSni(names=NAMES, share=0.5),))
        return [opened(censor, sport=4000 + n).says(HELLO).drop for n in range(200)]

    assert hits() == hits()
    assert 70 < sum(hits()) < 130


def test_an_answer_may_be_for_one_path_alone() -> None:
    condition = AnswerHost(names=NAMES, response=b"HTTP/1.1 403 No\r\n\r\n", target="/notice")

    assert opened(condition, port=80).says(request("bad.example")) == PASS
    assert opened(condition, port=80).says(request("bad.example", "/notice")).drop


def test_an_answer_may_come_once_and_then_not_for_a_while() -> None:
    response = b"HTTP/1.1 403 No\r\n\r\n"
    censor = Censor((AnswerHost(names=NAMES, response=response, once_in=60.0),))
    found = []
    for number, after in enumerate((0.0, 1.0, 59.0, 61.0)):
        talk = opened(censor, sport=4000 + number, port=80)
        talk.now += after
        found.append(talk.says(request("bad.example")).drop)

    assert found == [True, False, False, True]


@BOTH
def test_a_page_is_cut_off_once_the_client_has_so_much_of_it(v6: bool) -> None:
    talk = opened(CutOff(names=NAMES, after=2500), port=80, v6=v6)
    assert talk.says(request("bad.example")) == PASS
    assert talk.hears(b"x" * 2000) == PASS
    rest = talk.hears(b"x" * 2000)
    talk.ack -= 1500  # the client has no more than it was let have
    ended = talk.says(b"")

    assert rest.drop
    assert not rest.doom
    assert sum(len(read(frame).payload) for frame in rest.to_client) == 500
    assert ended.drop
    assert forged(ended)[0] & RST
    assert read(ended.to_client[0]).seq == talk.ack


def test_a_page_of_another_host_is_not_cut_off() -> None:
    talk = opened(CutOff(names=NAMES, after=2500), port=80)
    talk.says(request("fine.example"))

    assert talk.hears(b"x" * 4000) == PASS


def test_subdomains_are_hit_when_they_shall() -> None:
    wide = ResetSni(names=NAMES, subdomains=True)

    assert opened(wide).says(client_hello("a.b.bad.example")).drop
    assert opened(wide).says(HELLO).drop
    assert opened(wide).says(client_hello("notbad.example")) == PASS


def test_after_the_hit_nothing_of_the_connection_passes_and_nothing_more_is_forged() -> None:
    talk = opened(CloseSni(names=NAMES))
    talk.says(HELLO)

    assert talk.says(HELLO, again=True) == DROP
    assert talk.ends_it() == DROP
    assert talk.hears(b"server hello") == DROP


def test_another_connection_and_a_new_one_on_the_same_ports_are_fresh() -> None:
    censor = Censor((DropSni(names=NAMES),))
    opened(censor).says(HELLO)

    assert opened(censor, sport=40001).says(FINE) == PASS
    again = Talk(censor)
    assert again.opens() == PASS
    assert again.says(FINE) == PASS


def test_a_second_request_on_the_connection_is_hit() -> None:
    talk = opened(ResetHost(names=NAMES), port=80)

    assert talk.says(request("fine.example")) == PASS
    assert talk.hears(b"HTTP/1.1 200 OK\r\n\r\n") == PASS
    assert talk.says(request("bad.example")).drop


def test_a_word_in_path_or_query_is_hit_and_not_in_the_host() -> None:
    censor = Censor((ResetWord(words=("Falun",)),))

    assert opened(censor, port=80).says(request("fine.example", "/?q=FALUN")).drop
    assert opened(censor, port=80).says(request("falun.example", "/")) == PASS


# Residual


def test_after_a_hit_whatever_goes_to_that_address_and_port_is_reset_for_a_while() -> None:
    censor = Censor((Residual(condition=ResetSni(names=NAMES), seconds=20),))
    opened(censor).says(HELLO)

    after = Talk(censor, sport=40001)
    assert forged(after.opens())[0] & RST
    assert not after.gives_up().drop
    assert Talk(censor, sport=40002, port=80).opens() == PASS
    assert Talk(censor, sport=40003, v6=True).opens() == PASS
    later = Talk(censor, sport=40004)
    later.now += 21
    assert later.opens() == PASS


# Addresses


def addressed(kind: type[DropAddress | RefuseAddress | UnreachableAddress]) -> AnyCondition:
    return kind(addresses=(SERVER, SERVER_V6), port=443)


@BOTH
@pytest.mark.parametrize("kind", [DropAddress, RefuseAddress, UnreachableAddress])
def test_a_syn_to_the_address_is_hit_and_other_ports_are_spared(
    kind: type[DropAddress | RefuseAddress | UnreachableAddress], v6: bool
) -> None:
    decided = Talk(addressed(kind), v6=v6).opens()

    assert decided.drop
    assert len(decided.to_client) == (kind is not DropAddress)
    assert all(sums_are_right(frame) for frame in decided.to_client)
    assert Talk(addressed(kind), v6=v6, port=80).opens() == PASS


@pytest.mark.parametrize("network", ["203.0.113.0/24", "203.0.113.7/8", SERVER])
def test_an_address_may_be_a_network(network: str) -> None:
    condition = DropAddress(addresses=(network,))

    assert Talk(condition).opens().drop
    assert Talk(condition, v6=True).opens() == PASS


def test_a_refused_address_lets_connections_be_that_are_there_already() -> None:
    assert Talk(addressed(RefuseAddress)).says(b"going on") == PASS
    assert Talk(addressed(DropAddress)).says(b"going on").drop


def test_what_comes_from_the_address_unasked_passes() -> None:
    assert Talk(addressed(DropAddress)).hears(b"x") == PASS


# DNS


@BOTH
@pytest.mark.parametrize(
    ("kind", "address"), [(1, "192.0.2.66"), (28, "2001:db8::66")], ids=["A", "AAAA"]
)
def test_forged_answers_are_answers_and_the_query_goes_on(
    kind: int, address: str, v6: bool
) -> None:
    condition = InjectDns(names=NAMES, addresses=("192.0.2.66", "2001:db8::66"), count=3)
    decided = Talk(condition, port=53, v6=v6).asks(query("BAD.example", kind))

    assert not decided.drop
    assert len(decided.to_client) == 3
    assert all(sums_are_right(frame) for frame in decided.to_client)
    packet = read(decided.to_client[0])
    message = dns.message.from_wire(packet.payload)
    assert (packet.sport, packet.dport, packet.ttl) == (53, 40000, 57)
    assert message.id == 0x1234
    assert [item.to_text() for item in message.answer[0]] == [address]
    assert dns.message.from_wire(query("BAD.example", kind)).is_response(message)


def test_injection_spares_other_names_types_ports_and_tcp() -> None:
    condition = InjectDns(names=NAMES, addresses=("192.0.2.66",))

    assert Talk(condition, port=53).asks(query("fine.example")) == PASS
    assert Talk(condition, port=53).asks(query("bad.example", 28)) == PASS
    assert Talk(condition, port=53).asks(query("bad.example", 15)) == PASS
    assert Talk(condition, port=5353).asks(query("bad.example")) == PASS
    assert opened(condition, port=53).says(b"\0\x1d" + query("bad.example")) == PASS


def test_a_swallowed_query_is_answered_and_does_not_go_on() -> None:
    condition = InjectDns(names=NAMES, addresses=("192.0.2.66",), count=1, swallow=True)
    decided = Talk(condition, port=53).asks(query("bad.example"))

    assert (decided.drop, len(decided.to_client)) == (True, 1)
    assert Talk(condition, port=53).asks(query("fine.example")) == PASS
    assert Talk(condition, port=53).asks(query("bad.example", 28)) == PASS, "nothing fits"


def test_injection_over_tcp_takes_the_place_of_the_answer() -> None:
    condition = InjectDns(names=NAMES, addresses=("192.0.2.66",), tcp=True)
    message = query("bad.example")
    decided = opened(condition, port=53).says(len(message).to_bytes(2) + message)

    assert decided.drop
    _, data = forged(decided)
    assert dns.message.from_wire(data[2:]).answer[0][0].to_text() == "192.0.2.66"


def test_dropped_queries_vanish_and_others_do_not() -> None:
    condition = DropDns(names=NAMES)
    message = query("bad.example")

    assert Talk(condition, port=53).asks(message) == DROP
    assert opened(condition, port=53).says(len(message).to_bytes(2) + message).doom
    assert Talk(condition, port=53).asks(query("fine.example")) == PASS


def test_blocked_udp_vanishes_tcp_and_other_ports_do_not() -> None:
    assert Talk(BlockUdp(port=443), port=443).asks(b"\xc0...").drop
    assert Talk(BlockUdp(port=443), port=53).asks(query("bad.example")) == PASS
    assert opened(BlockUdp(port=443)).says(HELLO) == PASS
    named = BlockUdp(port=53, names=NAMES)
    assert Talk(named, port=53).asks(query("bad.example")).drop
    assert Talk(named, port=53).asks(query("fine.example")) == PASS


# As a whole

ALL: list[AnyCondition] = [
    *OF_SNI, *OF_HOST, DropAddress(addresses=(SERVER,)), DropDns(names=NAMES), Lose(share=1.0)
]  # fmt: skip


def test_switched_off_it_touches_nothing_and_what_was_doomed_is_forgotten() -> None:
    censor = Censor((DropSni(names=NAMES),))
    talk = opened(censor)
    assert talk.says(HELLO).drop

    censor.switch(False)
    assert talk.says(HELLO, again=True) == PASS
    off = Censor(ALL, on=False)
    assert Talk(off).opens() == PASS
    assert opened(off).says(HELLO) == PASS
    assert not off.awake


@pytest.mark.parametrize("make", [lambda: ALL, lambda: [InjectDns(names=NAMES, addresses=("::",))]])
def test_conditions_survive_the_way_to_the_bridge(make: Callable[[], list[AnyCondition]]) -> None:
    wire = msgspec.json.encode(make())

    assert msgspec.json.decode(wire, type=list[AnyCondition]) == make()


def test_fifty_thousand_connections_are_borne() -> None:
    censor = Censor((ResetSni(names=NAMES), Residual(condition=ResetSni(names=NAMES), seconds=9)))
    for number in range(50_000):
        Talk(censor, sport=1 + number % 60_000).says(b"GET")

    assert len(censor.flows._known) == 20_000
    assert opened(censor, sport=65_000).says(HELLO).drop
