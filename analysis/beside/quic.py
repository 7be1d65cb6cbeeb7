"""What looks by the quic probe mean: a name that fails where others pass, twice or at two servers.

A server may speak QUIC for some names only, and many networks let no UDP through to port 443. So
silence counts beside another name that passed at the same address, before and after it; and only
of a name whose site says it speaks HTTP/3, or that is silenced at an unrelated server as well. A
line with losses silences any name now and then: all handshakes of a look are counted against it.
"""

from collections.abc import Iterator

from analysis.beside.quic_seen import QuicFacts, facts
from analysis.beside.quic_told import grounds, undecided
from analysis.beside.reading import BesideRule, Reading, standing
from heliograph.model import ConfidenceWord, Standing, State

_TIMEOUT, _FAILURE = "quic.timeout", "quic.failure"
_CHANCE = 0.05
"""So improbable must losses be as the reason: three silences where three others were answered, or
two where five were."""


def reached(f: QuicFacts) -> bool:
    """A handshake in its name was completed, and its certificate is good."""
    return any(test.proved for test in f.tests)


def _is_fit(f: QuicFacts) -> bool:
    """Nothing provoked a filter before, and another name passed there first."""
    return not f.disturbed and f.before is not None and f.before.passed


def _is_silenced(f: QuicFacts) -> bool:
    """Each time it was said at its own address, and too often for losses on the line."""
    silenced = bool(f.tests) and all(test.silenced for test in f.tests)
    return silenced and f.tally.chance <= _CHANCE


def silent_beside_control(f: QuicFacts) -> bool:
    """Control and target in turns: each time the one passed and the other was silenced."""
    alternated = f.after is not None and f.after.passed and f.alternated
    promised = f.announced or _silenced_elsewhere(f)
    return _is_fit(f) and alternated and _is_silenced(f) and promised


def silent_elsewhere(f: QuicFacts) -> bool:
    """Silenced at its own address, and at a server that has nothing to do with it."""
    return _is_fit(f) and _is_silenced(f) and _silenced_elsewhere(f)


def _silenced_elsewhere(f: QuicFacts) -> bool:
    swap = f.elsewhere
    silenced = swap.test is not None and swap.test.silenced
    return silenced and swap.controlled and swap.is_unrelated


def close_contradicted(f: QuicFacts) -> bool:
    """Somebody closed it, and the server, asked only once, completed it all the same."""
    closed = all(test.closed is not None for test in f.tests) and len(f.tests) > 1
    contradicted = any(test.detail.contradicted for test in f.tests)
    return _is_fit(f) and closed and contradicted and not _closes_controls(f)


def closed_elsewhere(f: QuicFacts) -> bool:
    """Closed at its own address and, in the same way, where other names are treated otherwise."""
    swap, codes = f.elsewhere, {test.closed for test in f.tests}
    if None in codes or len(codes) != 1 or swap.test is None or swap.test.closed not in codes:
        return False
    stranger = swap.stranger is not None and swap.stranger.closed not in codes
    same_way = swap.controlled and stranger and swap.is_unrelated
    return _is_fit(f) and same_way and not _closes_controls(f)


def _closes_controls(f: QuicFacts) -> bool:
    """Names that are not the target's are closed there in the same way."""
    codes = {test.closed for test in f.tests}
    others = (f.before, f.after, f.elsewhere.control)
    return any(other is not None and other.closed in codes - {None} for other in others)


RULES: tuple[BesideRule[QuicFacts], ...] = (
    BesideRule(
        "quic.reached",
        State.OK,
        0.95,
        "{host} is reached over QUIC, with a valid certificate.",
        reached,
    ),
    BesideRule(
        "quic.close_contradicted",
        State.BLOCKED,
        0.97,
        "Somebody on the way ends QUIC handshakes with {host} in its server's name: each is closed,"
        " and the server completes it nevertheless, while another name passes there.",
        close_contradicted,
        _FAILURE,
        ConfidenceWord.CONFIRMED,
    ),
    BesideRule(
        "quic.silent_beside_control",
        State.BLOCKED,
        0.9,
        "QUIC handshakes with {host} get no answer, or soon none any more, while another name"
        " passes at the same address before and after.",
        silent_beside_control,
        _TIMEOUT,
        ConfidenceWord.LIKELY,
    ),
    BesideRule(
        "quic.silent_elsewhere",
        State.BLOCKED,
        0.88,
        "The name {host} gets no answer over QUIC, neither at its own address nor at a server that"
        " has nothing to do with it, while other names pass at both.",
        silent_elsewhere,
        _TIMEOUT,
        ConfidenceWord.LIKELY,
    ),
    BesideRule(
        "quic.closed_elsewhere",
        State.BLOCKED,
        0.86,
        "QUIC handshakes in the name {host} are closed at its own address and, in the same way, at"
        " a server that has nothing to do with it and treats other names otherwise.",
        closed_elsewhere,
        _FAILURE,
        ConfidenceWord.LIKELY,
    ),
)


def confounders(f: QuicFacts) -> dict[str, Standing]:
    """Other explanations of a handshake that fails."""
    tested, fine = bool(f.tests), reached(f)
    elsewhere = _silenced_elsewhere(f) or closed_elsewhere(f)
    harmless = fine or elsewhere or close_contradicted(f)
    other = f.before is not None and f.before.passed
    udp = f.alive or any(offer.passed for offer in f.elsewhere.offers)
    return {
        "server_down": standing(ruled_out=other or f.alive, tested=tested),
        "server_refuses_name": standing(ruled_out=harmless, tested=tested),
        "network_without_udp": standing(ruled_out=udp, tested=tested),
        "hiccup": standing(
            ruled_out=fine or _is_silenced(f) or _closed_again(f), tested=len(f.tally.own) > 1
        ),
        "filter_nearby": standing(ruled_out=fine, tested=tested),
    }


def _closed_again(f: QuicFacts) -> bool:
    """Somebody closed it each time, and no loss does that."""
    return len(f.tests) > 1 and all(test.detail.close_in is not None for test in f.tests)


def anomalies(f: QuicFacts) -> Iterator[str]:
    """What failed, unless the verdict rests on it or nobody promised anything else."""
    for step in f.unconnected:
        yield f"tcp.{step.failure} at {step.address} port {step.port}"
    blocked = any(rule.holds(f) for rule in RULES if rule.state is State.BLOCKED)
    if blocked or not (f.alive or f.announced):
        return
    for test in f.tests:
        if test.odd:
            yield f"quic.{test.step.failure} at {test.step.address} port {test.step.port}"


QUIC: Reading[QuicFacts] = Reading(
    facts=facts,
    rules=RULES,
    undecided=undecided,
    confounders=confounders,
    anomalies=anomalies,
    grounds=grounds,
)
