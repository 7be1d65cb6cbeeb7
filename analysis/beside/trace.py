"""What looks by the trace probe mean: what happens to a name short of the server it is said to.

A packet that is made to end at a router can't be answered by the server. So whatever answers the
target's name there, and not another name, is on the way. Two hops at least must show it, since ways
differ by a hop; what happens at the server's own hop may be the server's doing, and what happens in
its network its owner's.
"""

from collections.abc import Callable, Iterator, Mapping

from analysis.beside.reading import BesideRule, Reading, standing
from analysis.beside.trace_seen import Names, TraceFacts, facts
from analysis.beside.trace_told import acting, grounds, undecided, where
from analysis.beside.trace_whose import befalls, leads_elsewhere, proof
from heliograph.detail import HopTrial
from heliograph.model import ConfidenceWord, Standing, State

_GENERAL = {"hop": "a hop", "place": "", "manner": ""}
_SHORT = ", short of its server"
_OUTSIDE = _SHORT + " and, as far as can be told, of its server's network"


def passed(f: TraceFacts) -> bool:
    """The name gets to the server as another does, and no query for it is answered by a forger."""
    return f.names is not None and f.names.passed and f.forged is None


def _holds(technique: str, *words: ConfidenceWord) -> Callable[[TraceFacts], bool]:
    """It is done to the name, and as surely as that outside the network of its server."""

    def holds(f: TraceFacts) -> bool:
        found = befalls(f)
        return found is not None and found[0] == technique and proof(f) in words

    return holds


def _shown(
    technique: str, is_shown: Callable[[TraceFacts, int], bool]
) -> Callable[[TraceFacts], bool]:
    """The same of an answer as sites give it, where it is shown not to be the site's."""
    proved = _holds(technique, ConfidenceWord.CONFIRMED)

    def holds(f: TraceFacts) -> bool:
        found = befalls(f)
        return found is not None and proved(f) and is_shown(f, found[1])

    return holds


def forged(f: TraceFacts) -> bool:
    """A forger on the way answers, and a browser here is told what it says."""
    return f.forged is not None and bool(f.lies & f.told)


def _place(f: TraceFacts) -> Mapping[str, str]:
    assert f.names is not None
    hop = acting(f.names)
    assert hop is not None
    return where(f, f.names, hop)


def _place_of_query(f: TraceFacts) -> Mapping[str, str]:
    assert f.forged is not None
    return where(f, f.queries, f.forged)


def _rule(
    name: str,
    technique: str,
    what: str,
    holds: Callable[[TraceFacts], bool],
    short: str = _SHORT,
    word: ConfidenceWord = ConfidenceWord.LIKELY,
) -> BesideRule[TraceFacts]:
    return BesideRule(
        f"trace.{name}",
        State.BLOCKED,
        0.96 if word is ConfidenceWord.CONFIRMED else 0.9,
        f"The name {{host}} {what} at {{hop}}{{place}}{short}, while another name passes"
        " there{manner}.",
        holds,
        technique,
        word,
        _place,
        _GENERAL,
    )


def _cut_off(name: str, technique: str, what: str) -> tuple[BesideRule[TraceFacts], ...]:
    """What no site answers those whom it serves: as sure as the place where it happens."""
    confirmed, likely = ConfidenceWord.CONFIRMED, ConfidenceWord.LIKELY
    return (
        _rule(name, technique, what, _holds(technique, confirmed), word=confirmed),
        _rule(f"{name}.likely", technique, what, _holds(technique, likely), _OUTSIDE),
    )


def _swallowing(said: str) -> BesideRule[TraceFacts]:
    technique = f"{said}.timeout"
    return _rule(f"{said}_swallowed", technique, "vanishes", _holds(technique, *ConfidenceWord))


def _all_hops(f: TraceFacts) -> str:
    length = 0 if f.names is None else f.names.length or 0
    return "the one hop" if length == 1 else f"all {length} hops"


RULES: tuple[BesideRule[TraceFacts], ...] = (
    BesideRule(
        "trace.dns_forged",
        State.BLOCKED,
        0.97,
        "Queries for {host} are answered by a forger at {hop}{place}, on the way to an address"
        " where no resolver lives, and a browser here is told the same{manner}.",
        forged,
        "dns.injection",
        ConfidenceWord.CONFIRMED,
        _place_of_query,
        _GENERAL,
    ),
    *_cut_off("tls_reset", "tls.reset", "is answered by a reset"),
    *_cut_off("http_reset", "http.reset", "is answered by a reset"),
    *_cut_off("tls_closed", "tls.eof", "has its connection closed"),
    *_cut_off("http_closed", "http.eof", "has its connection closed"),
    *_cut_off("tls_alert", "tls.alert", "is answered by an alert"),
    _rule(
        "tls_answered",
        "tls.mitm",
        "is answered by somebody in its server's place",
        _shown("tls.mitm", lambda f, _: f.misnamed),
        word=ConfidenceWord.CONFIRMED,
    ),
    _rule(
        "http_redirected",
        "http.redirect",
        "is led elsewhere by somebody",
        _shown("http.redirect", leads_elsewhere),
    ),
    _rule(
        "http_answered",
        "http.blockpage",
        "is answered by a page of somebody else's",
        _holds("http.blockpage", ConfidenceWord.CONFIRMED),
    ),
    _swallowing("tls"),
    _swallowing("http"),
    BesideRule(
        "trace.passed",
        State.OK,
        0.9,
        "The name {host} gets through {length} to its server, which answers it.",
        passed,
        words=lambda f: {"length": _all_hops(f)},
        general={"length": "all hops"},
    ),
)


def confounders(f: TraceFacts) -> dict[str, Standing]:
    """Other explanations of what befalls the name."""
    names = f.names
    fine = passed(f)
    certain = fine or forged(f) or proof(f) is ConfidenceWord.CONFIRMED
    settled = any(rule.holds(f) for rule in RULES)
    tested = names is not None and bool(names.test)
    steady = names is not None and names.controlled
    return {
        "server_refuses_name": standing(ruled_out=settled and certain, tested=tested),
        "server_down": standing(ruled_out=_length(names) is not None, tested=tested),
        "ways_differ": standing(ruled_out=settled, tested=tested),
        "hiccup": standing(ruled_out=fine or steady, tested=tested),
        "filter_nearby": standing(ruled_out=fine or _is_far(f), tested=tested),
    }


def _length(names: Names | None) -> int | None:
    return None if names is None else names.length


def _is_far(f: TraceFacts) -> bool:
    """All that happens, happens behind a router that is not the vantage's own.

    A filter in a router reads as the link behind it. Of routers inside nothing else is kept, so an
    office's second router can't be told from the provider's first: either may be the filter.
    """
    before: list[HopTrial | None] = []
    if f.names is not None and (hop := acting(f.names)) is not None:
        before.append(f.hops.get(hop - 1))
    if forged(f):
        assert f.queries is not None
        assert f.forged is not None
        before.append(f.queries.before.get(f.forged - 1))
    return bool(before) and all(map(_is_beyond, before))


def _is_beyond(router: HopTrial | None) -> bool:
    return router is not None and not router.inside and router.asn is not None


def anomalies(f: TraceFacts) -> Iterator[str]:
    """A forger whose answers no browser here is told, and what the site itself may do."""
    found = befalls(f)
    accused = [rule.technique for rule in RULES if rule.holds(f)]
    if found is not None and found[0] not in accused:
        yield f"{found[0]} at hop {found[1]}"
    if f.forged is not None and not forged(f):
        yield f"dns.injection at hop {f.forged}"


TRACE: Reading[TraceFacts] = Reading(
    facts=facts,
    rules=RULES,
    undecided=undecided,
    confounders=confounders,
    anomalies=anomalies,
    grounds=grounds,
)
