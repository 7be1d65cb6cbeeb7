"""QUIC stopped by name later, for a while, or by a forged close; other names and TCP are let be."""

import pytest

from heliograph.lab.censor import AnyCondition, Censor, Decision
from heliograph.lab.decision import PASS
from heliograph.lab.quic import close_code
from heliograph.lab.quic_censor import CloseQuic, CutQuic, DropQuic
from heliograph.lab.quic_close import opening
from tests.unit.heliograph.lab.frames import (
    CLIENT,
    SERVER,
    client_hello,
    datagram,
    opened,
    read,
    sums_are_right,
)
from tests.unit.heliograph.lab.test_quic_close import OURS, message

NAMES = ("bad.example",)
BAD, FINE = (opening(OURS, message(f"{name}.example")) for name in ("bad", "fine"))
CUT, DROP, CLOSE = (
    CutQuic(names=NAMES, after=0.5),
    DropQuic(names=NAMES, seconds=60.0),
    CloseQuic(names=NAMES),
)


class Path:
    """Datagrams of one client to a server's port 443, and back."""

    def __init__(self, condition: AnyCondition) -> None:
        self._censor = Censor((condition,))

    def says(self, payload: bytes, at: float = 0.0, port: int = 50000) -> Decision:
        packet = read(datagram(payload, ports=(port, 443)))
        return self._censor.decide(packet, from_client=True, now=at)

    def hears(self, payload: bytes, at: float = 0.0) -> Decision:
        packet = read(datagram(payload, ports=(443, 50000), ends=(SERVER, CLIENT)))
        return self._censor.decide(packet, from_client=False, now=at)


@pytest.mark.parametrize("condition", [CUT, DROP, CLOSE], ids=["cut", "drop", "close"])
def test_other_names_and_tcp_are_let_be(condition: AnyCondition) -> None:
    path = Path(condition)

    assert path.says(FINE) == PASS
    assert path.says(b"more", at=9.0) == PASS
    assert path.hears(b"answer") == PASS
    assert opened(condition).says(client_hello("bad.example")) == PASS


def test_a_name_may_be_cut_off_late() -> None:
    path = Path(CUT)

    assert path.says(BAD) == PASS
    assert path.says(b"soon", at=0.4) == PASS
    assert path.says(b"late", at=0.6).drop
    assert path.hears(b"answer", at=0.6) == PASS
    assert path.says(b"other ports", at=0.6, port=50001) == PASS


def test_a_name_may_spoil_its_server_for_a_while() -> None:
    path = Path(DROP)

    assert path.says(BAD).drop
    assert path.says(FINE, at=30.0, port=50001).drop
    assert path.says(FINE, at=61.0, port=50002) == PASS


def test_a_close_is_forged_in_the_place_of_the_packet() -> None:
    decision = Path(CLOSE).says(BAD)
    (frame,) = decision.to_client

    assert decision.drop
    assert decision.doom
    assert sums_are_right(frame)
    assert close_code(read(frame).payload, OURS) == 0x128


def test_a_close_from_beside_the_path_lets_the_packet_go_on() -> None:
    path = Path(CloseQuic(names=NAMES, racing=True))
    decision = path.says(BAD)

    assert decision.to_client
    assert not decision.drop
    assert path.says(b"more", at=0.1) == PASS
