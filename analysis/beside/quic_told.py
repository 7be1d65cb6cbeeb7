"""Looks by the quic probe in words: why nothing can be said, and what was compared with what."""

from collections.abc import Iterator

from analysis.beside.quic_seen import QuicFacts, Shake, shows_stranger
from heliograph.model import Ground, Side

_REFUSED, _SILENT = "refused", "silent"


def undecided(f: QuicFacts) -> str:
    """What was seen, and what is missing."""
    if not f.tests:
        return f"{f.host} was not tried over QUIC: its resolver gives no address to try."
    if f.alive:
        return _undecided_there(f)
    if not f.connected and f.unconnected:
        return (
            f"The address of {f.host} takes no connection over TCP either, so this is not about"
            " QUIC; the web probe looks into it."
        )
    return _unanswered_anywhere(f) or _unanswered_there(f)


def _unanswered_anywhere(f: QuicFacts) -> str | None:
    """Of a network that lets no UDP through: whether it keeps silent or turns it away."""
    offers = f.elsewhere.offers
    if not offers or any(offer.passed for offer in offers):
        return None
    so = f"so nothing can be said of {f.host} over QUIC."
    here, there = _unanswered((*f.offers, *f.tests)), _unanswered(offers)
    if here == there == _REFUSED:
        return (
            "UDP port 443 is refused by ICMP messages, here and at other servers, as a firewall"
            f" does that turns QUIC away for everybody; {so}"
        )
    if here == there == _SILENT:
        return (
            "Nothing was answered over UDP port 443, neither here nor at other servers, as in many"
            f" offices; {so}"
        )
    return (
        f"Nobody speaks QUIC at UDP port 443: at the address of {f.host} it is {here}, at other"
        f" servers {there}; {so}"
    )


def _unanswered_there(f: QuicFacts) -> str:
    refused = _unanswered((*f.offers, *f.tests)) == _REFUSED
    if f.announced:
        what = "its address refuses QUIC" if refused else "no name is answered over QUIC at its"
        address = " with ICMP messages" if refused else " address"
        return (
            f"{f.host} says that it speaks HTTP/3, but {what}{address}: the server's own firewall"
            " may do that, or somebody on the way."
        )
    if refused:
        return (
            f"The address of {f.host} refuses QUIC with ICMP messages, as a server does that does"
            " not speak it; so nothing can be said of it."
        )
    return f"Nothing shows that {f.host} is served over QUIC at all, so nothing can be said of it."


def _unanswered(shakes: tuple[Shake, ...]) -> str:
    """In which way nobody answered."""
    refused = [shake.refused for shake in shakes]
    if all(refused):
        return _REFUSED
    return "refused or silent" if any(refused) else _SILENT


def _undecided_there(f: QuicFacts) -> str:
    """Why what failed where QUIC is spoken is no interference as far as can be seen."""
    if f.disturbed:
        return (
            f"{f.host} fails over QUIC, but another name was stopped at its address shortly before,"
            " which may stop whatever follows."
        )
    return _of_server(f) or _of_trial(f)


def _of_server(f: QuicFacts) -> str | None:
    test = f.tests[0]
    if shows_stranger(test):
        return f"Over QUIC, the server of {f.host} shows a certificate that is not good for it."
    if test.detail.close_in is not None:
        return (
            f"QUIC handshakes with {f.host} are closed; the server may do so itself for a name it"
            " does not serve over QUIC."
        )
    return None


def _of_trial(f: QuicFacts) -> str:
    if f.before is None or not f.before.passed:
        return (
            f"{f.host} fails over QUIC, and there is no other name that passed at its address to"
            " compare it with."
        )
    if f.after is not None and not f.after.passed:
        return (
            f"{f.host} gets no answer over QUIC, and after it no other name does at its address:"
            " a filter may go on for a while, or the server takes no more from here."
        )
    if not f.announced:
        return (
            f"{f.host} gets no answer over QUIC where another name does, but nothing shows that its"
            " site is served over QUIC at all."
        )
    if all(test.silenced for test in f.tests):
        return f"Over QUIC, {_counted(f)}; a line that loses packets may do that."
    return f"{f.host} failed over QUIC, but not each time in the same way."


def _counted(f: QuicFacts) -> str:
    """How often each was silenced."""
    own, others = f.tally
    return (
        f"{f.tally.own_lost} of {len(own)} handshakes in the name {f.host} got no answer, or soon"
        f" none any more, and of the {len(others)} without it {f.tally.others_lost}"
    )


def grounds(f: QuicFacts) -> Iterator[Ground]:
    """The comparisons of a look, one by one."""
    for offer in f.offers[:1]:
        yield _said(f, Side.FACT, _offered(offer), offer)
    beside = [other for other in (f.before, f.after) if other is not None]
    for test in f.tests:
        for other in beside:
            yield _said(f, _side(test, other), _beside(f.host, test, other), test, other)
        if not beside:
            yield _said(f, Side.FACT, f"{f.host} {_ended(test)} at {_at(test)}", test)
    yield from _elsewhere(f)
    if f.tally.own_lost and len(f.tally.own) > 1:
        yield _said(f, Side.FACT, _counted(f), *f.tally.own, *f.tally.others)


def _elsewhere(f: QuicFacts) -> Iterator[Ground]:
    swap = f.elsewhere
    for offer in swap.offers:
        yield _said(f, Side.FACT, f"at an innocuous server, {_offered(offer)}", offer)
    for there in (swap.control, swap.stranger):
        if swap.test is not None and there is not None:
            text = f"at an innocuous server, {_beside(f.host, swap.test, there)}"
            side = _side(swap.test, there, is_stranger=there is swap.stranger)
            yield _said(f, side, text, swap.test, there)


def _said(f: QuicFacts, side: Side, text: str, *shakes: Shake) -> Ground:
    number = {id(step): place for place, step in enumerate(f.measurement.steps)}
    return Ground(side=side, text=text, steps=tuple(number[id(shake.step)] for shake in shakes))


def _offered(offer: Shake) -> str:
    told = "answered" if offer.passed else "refused" if offer.refused else "not answered"
    return f"a version nobody has, offered at {_at(offer)}, was {told}"


def _side(test: Shake, other: Shake, *, is_stranger: bool = False) -> Side:
    """A close speaks for interference only where a server can't know one name from the other."""
    if test.proved or not other.passed:
        return Side.AGAINST
    if test.silenced or test.detail.contradicted:
        return Side.FOR
    forged = is_stranger and test.closed is not None and test.closed != other.closed
    return Side.FOR if forged else Side.FACT


def _beside(host: str, test: Shake, other: Shake) -> str:
    return f"{host} {_ended(test)}, {other.step.sni} {_ended(other)} at {_at(test)}"


def _ended(shake: Shake) -> str:
    if shake.detail.contradicted:
        return "was closed, and completed all the same"
    if shake.detail.close_code is not None:
        return f"was closed with code {shake.detail.close_code}"
    if shake.detail.cut:
        return "was answered, and a second later no more"
    return "was answered" if shake.passed else f"ended in {shake.step.failure}"


def _at(shake: Shake) -> str:
    return f"{shake.step.address} port {shake.step.port}"
