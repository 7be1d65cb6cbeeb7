"""Frames: what is read from them, and whether a kernel would believe what is forged."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from heliograph.lab.packets import (
    ACK,
    FIN,
    PSH,
    RST,
    SYN,
    TCP,
    UDP,
    beginning,
    data_to_client,
    datagram_to_client,
    end_to_client,
    parse,
    reset_to_client,
    reset_to_server,
    unreachable_to_client,
)
from tests.unit.heliograph.lab.frames import (
    CLIENT,
    CLIENT_MAC,
    CLIENT_V6,
    HEAD,
    ROUTER_MAC,
    SERVER,
    SERVER_V6,
    datagram,
    over_ip,
    read,
    segment,
    sums_are_right,
)

V4, V6 = (CLIENT, SERVER), (CLIENT_V6, SERVER_V6)
BOTH = pytest.mark.parametrize("ends", [V4, V6], ids=["IPv4", "IPv6"])


@BOTH
def test_a_segment_is_read(ends: tuple[str, str]) -> None:
    packet = read(segment(b"words", flags=PSH | ACK, numbers=(7, 9), ends=ends))

    assert (packet.src, packet.dst, packet.protocol) == (*ends, TCP)
    assert (packet.sport, packet.dport, packet.seq, packet.ack) == (40000, 443, 7, 9)
    assert packet.payload == b"words"
    assert packet.after == 12
    assert not packet.opens


@BOTH
def test_a_datagram_is_read(ends: tuple[str, str]) -> None:
    packet = read(datagram(b"words", ends=ends))

    assert (packet.src, packet.dst, packet.protocol) == (*ends, UDP)
    assert (packet.sport, packet.dport, packet.payload) == (40000, 53, b"words")


def test_a_syn_counts_as_one_byte_and_numbers_wrap_around() -> None:
    packet = read(segment(flags=SYN, numbers=(0xFFFFFFFF, 0)))

    assert packet.opens
    assert packet.after == 0
    assert not read(segment(flags=SYN | ACK)).opens


def test_what_ethernet_adds_behind_a_short_packet_is_no_payload() -> None:
    assert read(segment(b"") + bytes(6)).payload == b""


def test_a_header_with_options_is_passed_over() -> None:
    plain = datagram(b"words")
    stretched = bytearray(plain[: HEAD + 20] + b"\x94\x04\0\0" + plain[HEAD + 20 :])
    stretched[HEAD] = 0x46
    stretched[HEAD + 2 : HEAD + 4] = (len(stretched) - HEAD).to_bytes(2)

    assert read(bytes(stretched)).payload == b"words"


def test_a_packet_too_large_for_its_length_field_is_read_to_the_end() -> None:
    large = bytearray(segment(b"x" * 3000))
    large[HEAD + 2 : HEAD + 4] = b"\0\0"

    assert len(read(bytes(large)).payload) == 3000


@pytest.mark.parametrize("offset", [0x2000, 0x0010], ids=["first", "later"])
def test_fragments_are_not_looked_into(offset: int) -> None:
    frame = bytearray(datagram(b"words"))
    frame[HEAD + 6 : HEAD + 8] = offset.to_bytes(2)

    assert parse(bytes(frame)) is None


@pytest.mark.parametrize("protocol", [1, 47, 58])
@BOTH
def test_other_protocols_are_nobodys_business(protocol: int, ends: tuple[str, str]) -> None:
    assert parse(over_ip(protocol, bytes(40), ends)) is None


@pytest.mark.parametrize("frame", [segment(b"words"), segment(b"words", ends=V6), datagram(b"abc")])
def test_a_frame_cut_anywhere_has_no_packet(frame: bytes) -> None:
    assert {parse(frame[:size]) for size in range(len(frame))} == {None}


@given(st.binary(max_size=120))
@example(b"")
def test_garbage_never_raises(garbage: bytes) -> None:
    parse(garbage)
    for kind in (b"\x08\x00", b"\x86\xdd"):
        parse(bytes(12) + kind + garbage)


@given(
    frame=st.sampled_from([segment(b"abc"), segment(b"abc", ends=V6), datagram(b"a", ends=V6)]),
    at=st.integers(0, 60),
    byte=st.integers(0, 255),
)
def test_a_flipped_byte_never_raises_and_what_is_read_lies_in_the_frame(
    frame: bytes, at: int, byte: int
) -> None:
    flipped = bytearray(frame)
    flipped[at % len(frame)] = byte
    packet = parse(bytes(flipped))

    assert packet is None or packet.payload in bytes(flipped)


# What is forged


@BOTH
@given(payload=st.binary(max_size=9), data=st.binary(max_size=3000))
@example(payload=b"odd", data=b"odd")
def test_every_forgery_has_checksums_a_kernel_believes(
    ends: tuple[str, str], payload: bytes, data: bytes
) -> None:
    said, asked = read(segment(payload, ends=ends)), read(datagram(payload, ends=ends))

    forged = [
        reset_to_client(said),
        reset_to_server(said),
        end_to_client(said, 3),
        datagram_to_client(asked, data),
        unreachable_to_client(said),
        unreachable_to_client(asked),
        *data_to_client(said, data),
        *beginning(said, 5),
    ]
    assert [sums_are_right(frame) for frame in forged] == [True] * len(forged)


@given(st.binary(min_size=1, max_size=64), st.integers(0, 63), st.integers(1, 255))
def test_the_verification_itself_sees_a_wrong_byte(data: bytes, at: int, change: int) -> None:
    forged = bytearray(datagram_to_client(read(datagram(b"x")), data))
    place = HEAD + 28 + at % len(data)
    forged[place] ^= change

    assert not sums_are_right(bytes(forged))


@BOTH
def test_a_udp_checksum_is_never_nought(ends: tuple[str, str]) -> None:
    asked = read(datagram(b"x", ends=ends))
    at = HEAD + (20 if ends == V4 else 40) + 6

    sums = {datagram_to_client(asked, number.to_bytes(2))[at : at + 2] for number in range(65536)}
    assert b"\0\0" not in sums
    assert b"\xff\xff" in sums


@BOTH
def test_a_reset_to_the_client_comes_from_the_server_with_the_numbers_it_expects(
    ends: tuple[str, str],
) -> None:
    said = segment(b"hello", numbers=(100, 200), ends=ends)
    frame = reset_to_client(read(said))
    forged = read(frame)

    assert (forged.src, forged.dst) == (ends[1], ends[0])
    assert (forged.sport, forged.dport) == (443, 40000)
    assert (forged.flags, forged.seq, forged.ack) == (RST | ACK, 200, 105)
    assert frame[:12] == CLIENT_MAC + ROUTER_MAC


def test_a_reset_in_answer_to_a_syn_acknowledges_it() -> None:
    forged = read(reset_to_client(read(segment(flags=SYN, numbers=(100, 0)))))

    assert (forged.flags, forged.seq, forged.ack) == (RST | ACK, 0, 101)


@BOTH
def test_a_reset_to_the_server_comes_from_the_client_in_the_segments_place(
    ends: tuple[str, str],
) -> None:
    frame = reset_to_server(read(segment(b"hello", numbers=(100, 200), ends=ends)))
    forged = read(frame)

    assert (forged.src, forged.dst) == ends
    assert (forged.flags & RST, forged.seq) == (RST, 100)
    assert frame[:12] == ROUTER_MAC + CLIENT_MAC


def test_data_comes_in_segments_one_after_the_other_and_then_the_end() -> None:
    said = read(segment(b"hello", numbers=(100, 0xFFFFFF00)))
    data = bytes(range(256)) * 12

    forged = [read(frame) for frame in data_to_client(said, data)]
    end = read(end_to_client(said, len(data)))
    assert b"".join(one.payload for one in forged) == data
    assert [one.seq for one in [*forged[1:], end]] == [one.after for one in forged]
    assert all(len(one.payload) <= 1400 for one in forged)
    assert end.flags & FIN


@BOTH
def test_unreachable_quotes_the_packet_it_is_about(ends: tuple[str, str]) -> None:
    about = segment(flags=SYN, ends=ends)
    frame = unreachable_to_client(read(about))
    size, kind = (20, b"\3\1") if ends == V4 else (40, b"\1\3")

    message = frame[HEAD + size :]
    assert message[:2] == kind
    assert message[8:] == about[HEAD : HEAD + size + 8]
