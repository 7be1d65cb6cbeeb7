"""A record that travels with OONI's keys comes back whole, or not at all."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.ids import with_id
from heliograph.model import Measurement, Step, StepKind
from storage.ooni.own import UNREADABLE, OwnRecord, carried, record_of
from storage.packages.public import published
from tests.unit.analysis.cases import EVERY_LOOK
from tests.unit.storage.ooni.random_looks import LOOKS

LOOK = with_id(EVERY_LOOK[0])


def sent(look: Measurement) -> bytes:
    return msgspec.json.encode(carried(look))


def with_changes(**changes: object) -> bytes:
    """The record changed, under the id it had before."""
    record = msgspec.structs.replace(LOOK, id="", **changes)
    return msgspec.json.encode(OwnRecord(id=LOOK.id, record=record))


def named_anew(**changes: object) -> bytes:
    """The record changed, under the id of what it says now."""
    return sent(with_id(msgspec.structs.replace(LOOK, **changes)))


@given(LOOKS)
def test_a_record_comes_back_as_it_was(look: Measurement) -> None:
    assert record_of(sent(look)) == look


def test_it_comes_back_from_the_part_of_a_document_that_was_not_read_yet() -> None:
    assert record_of(msgspec.json.decode(sent(LOOK), type=msgspec.Raw)) == LOOK


def test_a_record_that_was_edited_is_not_ours() -> None:
    assert record_of(with_changes(seconds=0.25)) is None
    assert record_of(with_changes(steps=LOOK.steps[1:])) is None
    assert record_of(with_changes()) == LOOK


class Later(Measurement, frozen=True, kw_only=True):
    """A measurement of a version that knows more."""

    moon: str = ""


def test_a_record_of_a_version_that_knows_more_is_not_ours() -> None:
    parts = {name: getattr(LOOK, name) for name in LOOK.__struct_fields__}
    old, new = (with_id(Later(**parts, moon=moon)) for moon in ("", "full"))

    assert record_of(sent(old)) == LOOK
    assert record_of(sent(new)) is None


def test_a_record_that_names_its_id_twice_is_not_ours() -> None:
    twice = msgspec.json.decode(sent(LOOK))
    twice["record"]["id"] = LOOK.id

    assert record_of(msgspec.json.encode(twice)) is None


@given(st.integers(0, len(sent(LOOK)) - 1))
def test_a_record_that_was_cut_is_not_ours(length: int) -> None:
    assert record_of(sent(LOOK)[:length]) is None


@pytest.mark.parametrize("text", [b"null", b"[]", b"7", b"{}", b"\xff", b"[" * 5000])
def test_what_is_no_record_is_not_ours(text: bytes) -> None:
    assert record_of(text) is None


def test_a_time_without_a_zone_is_not_ours() -> None:
    started = LOOK.started.replace(tzinfo=None)
    record = msgspec.structs.replace(LOOK, id="", started=started)
    named = with_id(record).id

    assert record_of(msgspec.json.encode(OwnRecord(id=named, record=record))) is None


@pytest.mark.parametrize(
    "changes",
    [{"port": 2**16}, {"port": -1}, {"hop": 2**40}, {"bytes_sent": 2**63}, {"source_port": 2**20}],
    ids=str,
)
def test_a_number_that_no_database_holds_is_not_ours(changes: dict[str, int]) -> None:
    step = msgspec.structs.replace(LOOK.steps[0], **changes)

    assert record_of(named_anew(steps=(step,))) is None


def test_a_network_beyond_32_bits_is_not_ours() -> None:
    vantage = msgspec.structs.replace(LOOK.vantage, asn=2**32)

    assert record_of(named_anew(vantage=vantage)) is None


UNFIT = {
    StepKind.DNS_QUERY: '{"query_type":"A","replies":[7]}',
    StepKind.TCP_CONNECT: '{"cause":7}',
    StepKind.TLS_HANDSHAKE: '{"chain":7}',
    StepKind.QUIC_HANDSHAKE: '{"chain":7}',
    StepKind.HTTP_EXCHANGE: '{"url":7}',
    StepKind.DATAGRAM: '{"sent":7}',
    StepKind.HOP_PROBE: '{"trials":7}',
}


@pytest.mark.parametrize("kind", StepKind)
def test_a_detail_in_no_known_shape_is_not_ours(kind: StepKind) -> None:
    """Whoever judges reads details; a forged record would end an import there."""
    for detail in (UNFIT[kind], "", "7", "nonsense"):
        step = msgspec.structs.replace(LOOK.steps[0], kind=kind, detail=detail)
        assert record_of(named_anew(steps=(step,))) is None


def test_a_lookup_that_does_not_say_of_what_is_not_ours() -> None:
    kinds = [
        kind
        for kind in StepKind
        if record_of(named_anew(steps=(Step(kind=kind, detail="{}"),))) is None
    ]

    assert kinds == [StepKind.DNS_QUERY]


def test_a_public_record_has_no_details_and_is_ours() -> None:
    told = published(LOOK)

    assert any(step.kind is StepKind.DNS_QUERY for step in told.steps)
    assert record_of(sent(told)) == told


def test_a_public_record_that_would_be_judged_is_not_ours() -> None:
    """Nobody here writes one; the rules would end an import where they read its details."""
    forged = msgspec.structs.replace(published(LOOK), probe="web_connectivity")

    assert record_of(sent(with_id(forged))) is None


def test_errors_of_a_decoder_are_known() -> None:
    for text, kind in ((b"{", dict), (b"\xff", str), (b'"\xff"', str), (b"[]", dict)):
        with pytest.raises(UNREADABLE):
            msgspec.json.decode(text, type=kind)
