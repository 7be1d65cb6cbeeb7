"""From one measurement to one verdict: pure, and the same for the same facts, byte for byte."""

from collections.abc import Callable

from analysis import shape
from analysis.beside.reading import standing
from analysis.beside.readings import READINGS
from analysis.chain import hops
from analysis.comparisons import page_injected
from analysis.conditions import challenged_here, refused_here, served_elsewhere, stopped_on_path
from analysis.evidence import Evidence
from analysis.lookups import LookupFact
from analysis.pages import same_page
from analysis.residual import cleared
from analysis.rule import Rule
from analysis.rules import RULESET_VERSION, rules_that_may_hold
from analysis.single import JUDGED
from analysis.surroundings import told
from analysis.undecided import why_undecided
from heliograph.failure import NOT_ATTEMPTED, Failure
from heliograph.model import (
    ConfidenceWord,
    Fired,
    Measurement,
    Outcome,
    Standing,
    State,
    Step,
    StepKind,
    Verdict,
)

_WORD_ORDER = tuple(ConfidenceWord)
_INTERFERENCE = frozenset({State.BLOCKED, State.THROTTLED})
_LAYER = {
    StepKind.TCP_CONNECT: "tcp",
    StepKind.TLS_HANDSHAKE: "tls",
    StepKind.HTTP_EXCHANGE: "http",
    StepKind.QUIC_HANDSHAKE: "quic",
}


def judge(measurement: Measurement, rules: tuple[Rule, ...] | None = None) -> Verdict | None:
    """The verdict on a measurement; None when there is no evidence (skipped, broken).

    None as well for a test of somebody else's that no rule is made for. ``rules`` are those of this
    version for such a look, unless others are given.
    """
    if measurement.outcome is not Outcome.MEASURED:
        return None
    if measurement.source is not None and measurement.probe not in JUDGED:
        return None
    reading = READINGS.get(measurement.probe) if measurement.source is None else None
    if reading is not None:
        stopped = None if reading.way is None else judge(reading.way(measurement))
        if stopped is not None and stopped.state in _INTERFERENCE:
            return stopped
        return reading.judge(measurement, RULESET_VERSION)
    chain = hops(measurement)
    holding = _deciding(rules_that_may_hold(chain) if rules is None else rules, chain)
    state = holding[0][0].state if holding else State.INCONCLUSIVE
    evidence = min((e for _, e in holding), key=lambda e: e.hop, default=chain[-1])
    fired = [rule for rule, e in holding if e is evidence]
    blocked = state in _INTERFERENCE
    return Verdict(
        measurement_id=measurement.id,
        ruleset_version=RULESET_VERSION,
        state=state,
        techniques=_techniques(fired) if blocked else (),
        hop=evidence.hop if blocked else None,
        confidence=max(rule.weight for rule in fired) if blocked else None,
        confidence_word=_strongest(fired) if blocked else None,
        explanation=_explanation(evidence, fired),
        anomalies=_anomalies(chain, evidence, fired),
        confounders=_confounders(evidence),
        fired=tuple(Fired(rule=rule.id, weight=rule.weight) for rule in fired),
    )


def _deciding(asked: tuple[Rule, ...], chain: tuple[Evidence, ...]) -> list[tuple[Rule, Evidence]]:
    """The rules that hold, and where: the first, and those after it that say the same state."""
    found: list[tuple[Rule, Evidence]] = []
    for rule in asked:
        if found and rule.state is not found[0][0].state:
            continue
        e = rule.held_at(chain)
        if e is not None:
            found.append((rule, e))
    return found


def _techniques(fired: list[Rule]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule.technique for rule in fired if rule.technique is not None))


def _strongest(fired: list[Rule]) -> ConfidenceWord | None:
    words = [rule.word for rule in fired if rule.word is not None]
    return max(words, key=_WORD_ORDER.index, default=None)


def _explanation(e: Evidence, fired: list[Rule]) -> str:
    if not fired:
        return why_undecided(e)
    context = told(e.measurement.context)
    strongest = max(fired, key=lambda rule: rule.weight)
    return strongest.told(e.host, context, e)


def _anomalies(chain: tuple[Evidence, ...], judged: Evidence, fired: list[Rule]) -> tuple[str, ...]:
    """What is odd and not what the verdict rests on, as ``layer.failure at place``."""
    named = set(_techniques(fired))
    rested_on = judged.stopped if named else None
    found = [
        anomaly
        for e in chain
        for anomaly in (*_dns_anomalies(e), *_path_anomalies(e, rested_on), *shape.anomalies(e))
    ]
    return tuple(dict.fromkeys(a for a in found if a.split(" ")[0] not in named))


def _dns_anomalies(e: Evidence) -> list[str]:
    odd = []
    for fact in e.lookups:
        where, failure = fact.step.resolver, fact.step.failure
        if fact.contradicted:
            odd.append(f"dns.injection from {where}")
        if _has_bogon(fact):
            odd.append(f"dns.bogon from {where}")
        usual = failure in {None, Failure.DNS_NO_ANSWER} or failure is e.system_failure
        if not usual and fact in e.trusted:
            odd.append(f"dns.{failure} from {where}")
        if failure is not None and _asks_default_for_ipv6(fact) and e.is_told_half:
            odd.append(f"dns.{failure} for IPv6 from {where}")
    return odd


def _has_bogon(fact: LookupFact) -> bool:
    return any(answer.bogon for reply in fact.detail.replies for answer in reply.answers)


def _asks_default_for_ipv6(fact: LookupFact) -> bool:
    return fact.detail.query_type == "AAAA" and fact.detail.standing == "system"


def _path_anomalies(e: Evidence, rested_on: Step | None) -> list[str]:
    """Failures at some address while another one was fine."""
    if not e.authentic and not any(s.failure is None for s in e.connects):
        return []
    failed = [
        s
        for s in (*e.connects, *e.handshakes, *e.exchanges)
        if s is not rested_on and s.failure is not None and s.failure not in NOT_ATTEMPTED
    ]
    return [f"{_LAYER[s.kind]}.{s.failure} at {s.address} port {s.port}" for s in failed]


def _confounders(e: Evidence) -> dict[str, Standing]:
    """Other explanations of a failure, and what was done about each."""
    checked = {name: check(e) for name, check in _CHECKS.items()}
    return {
        name: standing(ruled_out=is_out is True, tested=is_out is not None)
        for name, is_out in checked.items()
    }


def _resolver_works(e: Evidence) -> bool | None:
    if e.reached:
        return True
    if e.withholds_ipv6:
        return e.gives_ipv6
    control = e.resolver_control
    return None if control is None else control.step.failure is None


def _name_exists(e: Evidence) -> bool | None:
    if not e.trusted and not e.remote.lookups:
        return None
    if e.lives or e.authentic:
        return True
    denied = {fact.step.failure for fact in e.trusted} & {Failure.DNS_NXDOMAIN_ERROR}
    return False if e.system_failure in denied else None


def _network_welcome(e: Evidence) -> bool | None:
    """Whether the server is cleared of turning away everybody from this network."""
    if e.frozen is not None:
        return False
    if e.doubts_page:
        return page_injected(e)
    if e.reached:
        return not (refused_here(e) or challenged_here(e))
    if e.stopped is not None and e.answered(e.same_address(e.stopped).control):
        return True
    return False if e.unconnected else None


def _comes_again(e: Evidence) -> bool | None:
    """Whether what failed once, or was told once, came again."""
    if e.answer_in_doubt and e.asked_again:
        if e.system_failure is not None:
            return e.failure_again is e.system_failure
        return not e.addresses_told_again.isdisjoint(e.system_addresses)
    if e.doubts_page and e.final is not None:
        return same_page(e.page, e.shown(e.again(e.final).test))
    if e.frozen is None and stopped_on_path(e):
        return True
    step = e.frozen or e.stopped or next(iter(e.unconnected), None)
    again = None if step is None else e.again(step).test
    return None if step is None or again is None else again.failure is step.failure


def _far_away(e: Evidence) -> bool | None:
    """Whether it is no filter of one's own: in the router, the office, an antivirus program.

    That shows in the hop where it happens, which this version does not look for.
    """
    if e.frozen or e.doubts_page or e.stopped:
        return False
    if e.reached or e.sees_same_page:
        return True
    tried = (*e.connects, *e.handshakes, *e.exchanges)
    odd = any(step.failure is not None for step in tried) or (e.plain and e.page is not None)
    return False if odd or e.answer_in_doubt or e.denied_by_others else None


def _server_is_up(e: Evidence) -> bool | None:
    if e.authentic or e.remote.proved:
        return True
    if any(served_elsewhere(e, step) for step in e.unconnected):
        return True
    failed = (*e.unconnected, *((e.stopped,) if e.stopped else ()))
    if any(e.remote.failure_at(step.kind, step.address) is not None for step in failed):
        return False
    control = None if e.stopped is None else e.same_address(e.stopped).control
    return None if control is None else e.answered(control)


def _answer_elsewhere(e: Evidence) -> bool | None:
    """Whether the resolver's answer can't be an old one, or one meant for this network alone."""
    if e.reached or not e.system_addresses.isdisjoint(e.trusted_public):
        return True
    return False if e.system_addresses and e.trusted_public else None


def _name_harmless(e: Evidence) -> bool | None:
    """Whether the target's own server is cleared of refusing its name by itself."""
    if e.doubts_page:
        return page_injected(e)
    if e.reached or (e.stopped is not None and served_elsewhere(e, e.stopped)):
        return True
    if e.stopped is None or e.swap.test is None or not e.answered(e.swap.control):
        return None
    return e.swap.test.failure is e.stopped.failure


_CHECKS: dict[str, Callable[[Evidence], bool | None]] = {
    "name_gone": _name_exists,
    "resolver_broken": _resolver_works,
    "server_down": _server_is_up,
    "server_refuses_name": _name_harmless,
    "server_refuses_network": _network_welcome,
    "hiccup": _comes_again,
    "filter_nearby": _far_away,
    "stale_or_local_answer": _answer_elsewhere,
    "residual_censorship": cleared,
}
"""Whether each is ruled out; None where nothing tells."""
