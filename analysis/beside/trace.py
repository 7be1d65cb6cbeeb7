"""What looks by the trace probe mean: what happens to a name short of the server it is said to.

A packet that is made to end at a router can't be answered by the server. So whatever answers the
target's name there, and not another name, is on the way. Two hops at least must show it, since ways
differ by a hop; what happens at the server's own hop may be the server's doing.
"""

from collections.abc import Callable, Iterator, Mapping

from analysis.beside.reading import BesideRule, Reading, standing
from analysis.beside.trace_seen import Names, TraceFacts, facts
from analysis.beside.trace_told import acting, grounds, undecided, where
from heliograph.detail import HopTrial
from heliograph.model import ConfidenceWord, Standing, State

_GENERAL = {"hop": "a hop", "place": "", "manner": ""}


def passed(f: TraceFacts) -> bool:
    """The name gets to the server as another does, and no query for it is answered by a forger."""
    return f.names is not None and f.names.passed and f.forged is None


def _is_acted(f: TraceFacts, said: str, ended: str, answer: Callable[[str], bool]) -> bool:
    if f.names is None or f.names.said != said or f.disturbed:
        return False
    acted = f.names.acted()
    if acted is None or acted[0] != ended:
        return False
    return answer(f.names.test[acted[1]].answer)


def _any(_: str) -> bool:
    return True


def _acting(said: str, ended: str, answer: Callable[[str], bool] = _any) -> Callable[..., bool]:
    return lambda f: _is_acted(f, said, ended, answer)


def _swallowing(said: str) -> Callable[[TraceFacts], bool]:
    def holds(f: TraceFacts) -> bool:
        if f.names is None or f.names.said != said or f.disturbed:
            return False
        return f.names.swallowed() is not None

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


def _is_alert(answer: str) -> bool:
    return answer.startswith("alert")


def _is_redirect(answer: str) -> bool:
    return answer.partition(" ")[2].startswith("3")


def _rule(
    name: str,
    technique: str,
    what: str,
    holds: Callable[[TraceFacts], bool],
    *,
    word: ConfidenceWord = ConfidenceWord.CONFIRMED,
    weight: float = 0.96,
) -> BesideRule[TraceFacts]:
    return BesideRule(
        f"trace.{name}",
        State.BLOCKED,
        weight,
        f"The name {{host}} {what} at {{hop}}{{place}}, short of its server, while another name"
        " passes there{manner}.",
        holds,
        technique,
        word,
        _place,
        _GENERAL,
    )


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
    _rule("tls_reset", "tls.reset", "is answered by a reset", _acting("tls", "reset")),
    _rule("http_reset", "http.reset", "is answered by a reset", _acting("http", "reset")),
    _rule("tls_closed", "tls.eof", "has its connection closed", _acting("tls", "closed")),
    _rule("http_closed", "http.eof", "has its connection closed", _acting("http", "closed")),
    _rule(
        "tls_alert", "tls.alert", "is answered by an alert", _acting("tls", "answered", _is_alert)
    ),
    _rule(
        "tls_answered",
        "tls.mitm",
        "is answered by somebody in its server's place",
        _acting("tls", "answered", lambda answer: not _is_alert(answer)),
    ),
    _rule(
        "http_redirected",
        "http.redirect",
        "is led elsewhere by somebody",
        _acting("http", "answered", _is_redirect),
    ),
    _rule(
        "http_answered",
        "http.blockpage",
        "is answered by a page of somebody else's",
        _acting("http", "answered", lambda answer: not _is_redirect(answer)),
    ),
    _rule(
        "tls_swallowed",
        "tls.timeout",
        "vanishes",
        _swallowing("tls"),
        word=ConfidenceWord.LIKELY,
        weight=0.9,
    ),
    _rule(
        "http_swallowed",
        "http.timeout",
        "vanishes",
        _swallowing("http"),
        word=ConfidenceWord.LIKELY,
        weight=0.9,
    ),
    BesideRule(
        "trace.passed",
        State.OK,
        0.9,
        "The name {host} gets through all {length} hops to its server, which answers it.",
        passed,
        words=lambda f: {"length": str(f.names.length if f.names is not None else "")},
        general={"length": "its"},
    ),
)


def confounders(f: TraceFacts) -> dict[str, Standing]:
    """Other explanations of what befalls the name."""
    names = f.names
    fine = passed(f)
    settled = any(rule.holds(f) for rule in RULES)
    tested = names is not None and bool(names.test)
    steady = names is not None and names.controlled
    return {
        "server_refuses_name": standing(ruled_out=settled, tested=tested),
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
    """A forger whose answers no browser here is told."""
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
