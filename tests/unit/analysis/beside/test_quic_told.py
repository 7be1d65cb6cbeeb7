"""Looks over QUIC in words: each reason why nothing can be said, and what was compared."""

import pytest

from analysis.beside.quic_seen import facts
from analysis.beside.quic_told import grounds, undecided
from heliograph.failure import Failure
from heliograph.model import PAIR_SWAP, RESIDUAL_POSSIBLE, Measurement, Side
from tests.unit.analysis.beside.quic_looks import (
    AFTER,
    ANSWERED,
    CLOSED,
    CONTRADICTED,
    CUT,
    NO_VERSION,
    NOTHING,
    RESOLVED,
    TEST,
    TURNED_AWAY,
    alive,
    connected,
    control,
    elsewhere,
    headers,
    look,
    refusal,
    shake,
    target,
    told,
)
from tests.unit.analysis.builders import HOST, WRONG_NAME

FAILED = Failure.GENERIC_TIMEOUT_ERROR
REASONS: list[tuple[str, Measurement]] = [
    ("its resolver gives no address", look()),
    ("over TCP either", look(told(), connected(FAILED), alive(NO_VERSION), target())),
    (
        "Nothing was answered over UDP port 443",
        look(*RESOLVED, alive(NO_VERSION), target(), alive(NO_VERSION, PAIR_SWAP), headers()),
    ),
    (
        "says that it speaks HTTP/3, but no name",
        look(*RESOLVED, alive(NO_VERSION), target(), alive(pair=PAIR_SWAP), headers()),
    ),
    (
        "refused by ICMP messages, here and at other servers",
        look(*RESOLVED, refusal(), refusal(HOST), refusal(pair=PAIR_SWAP), headers()),
    ),
    (
        "at the address of site.example it is refused, at other servers silent",
        look(*RESOLVED, refusal(), refusal(HOST), alive(NO_VERSION, PAIR_SWAP), headers()),
    ),
    (
        "at the address of site.example it is refused or silent, at other servers refused",
        look(*RESOLVED, refusal(), target(), refusal(pair=PAIR_SWAP), headers()),
    ),
    (
        "but its address refuses QUIC with ICMP messages",
        look(*RESOLVED, refusal(), refusal(HOST), alive(pair=PAIR_SWAP), headers()),
    ),
    (
        "refuses QUIC with ICMP messages, as a server does",
        look(*RESOLVED, refusal(), refusal(HOST), alive(pair=PAIR_SWAP)),
    ),
    ("is served over QUIC at all", look(*RESOLVED, alive(NO_VERSION), target())),
    ("shortly before", look(alive(), control(), target(), context=(RESIDUAL_POSSIBLE,))),
    (
        "a certificate that is not good for it",
        look(alive(), control(), shake(HOST, TEST, ANSWERED, failure=WRONG_NAME)),
    ),
    ("may do so itself", look(alive(), control(), target(CLOSED))),
    ("no other name that passed", look(alive(), control(detail=NOTHING), target())),
    ("a filter may go on", look(alive(), control(), target(), control(AFTER, NOTHING))),
    ("nothing shows that its site", look(alive(), control(), target(), control(AFTER), target())),
    ("a line that loses", look(alive(), control(), target(), control(AFTER), headers())),
    (
        "2 of 3 handshakes in the name site.example got no answer, or soon none any more, and of"
        " the 6 without it 0",
        look(
            *RESOLVED,
            alive(),
            control(),
            target(),
            control(AFTER),
            target(),
            *elsewhere(test=TURNED_AWAY),
            headers(),
        ),
    ),
    (
        "not each time",
        look(alive(), control(), target(), control(AFTER), target(CLOSED), headers()),
    ),
]


@pytest.mark.parametrize(("words", "made"), REASONS, ids=[words for words, _ in REASONS])
def test_what_is_missing_is_said(words: str, made: Measurement) -> None:
    assert words in undecided(facts(made))


def test_where_nobody_answers_anywhere_every_place_asked_is_among_the_grounds() -> None:
    made = look(*RESOLVED, refusal(), refusal(HOST), refusal(pair=PAIR_SWAP))
    first, own, there = grounds(facts(made))

    assert (first.steps, own.steps, there.steps) == ((3,), (4,), (5,))
    assert own.text == "site.example ended in connection_refused at 203.0.113.10 port 443"
    assert there.text == (
        "at an innocuous server, a version nobody has, offered at 203.0.113.99 port 443, was"
        " refused"
    )


def test_comparisons_are_told_with_the_numbers_of_their_steps() -> None:
    made = look(*RESOLVED, alive(), control(), target(), control(AFTER), target(), *elsewhere())
    told_of = list(grounds(facts(made)))

    assert [ground.side for ground in told_of] == [
        Side.FACT,
        *[Side.FOR] * 4,
        Side.FACT,
        *[Side.FOR] * 2,
        Side.FACT,
    ]
    assert told_of[0].steps == (3,)
    assert told_of[1].steps == (5, 4)
    assert told_of[1].text == (
        "site.example ended in generic_timeout_error, control.example was closed with code 368"
        " at 203.0.113.10 port 443"
    )
    assert told_of[-2].text.startswith("at an innocuous server, site.example ended")
    assert told_of[-1].text.startswith("3 of 3 handshakes in the name site.example got no answer")
    assert told_of[-1].steps == (5, 7, 11, 3, 4, 6, 8, 9, 10)


@pytest.mark.parametrize(
    ("detail", "side", "words"),
    [
        (ANSWERED, Side.AGAINST, "site.example was answered,"),
        (CUT, Side.FOR, "site.example was answered, and a second later no more,"),
        (CLOSED, Side.FACT, "site.example was closed with code 296,"),
        (CONTRADICTED, Side.FOR, "site.example was closed, and completed all the same,"),
    ],
)
def test_how_the_target_fared_decides_what_it_speaks_for(
    detail: object, side: Side, words: str
) -> None:
    made = look(alive(), control(), target(detail))  # type: ignore[arg-type]
    ground = list(grounds(facts(made)))[-1]

    assert ground.side is side
    assert ground.text.startswith(words)


@pytest.mark.parametrize(("stranger", "side"), [(TURNED_AWAY, Side.FOR), (CLOSED, Side.FACT)])
def test_a_close_elsewhere_counts_where_a_name_nobody_has_fares_otherwise(
    stranger: object, side: Side
) -> None:
    steps = elsewhere(test=CLOSED, stranger=stranger)  # type: ignore[arg-type]

    assert list(grounds(facts(look(*steps))))[-1].side is side
