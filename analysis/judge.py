"""From one measurement to one verdict: pure, and the same for the same facts, byte for byte."""

from collections.abc import Callable

from analysis.conditions import needs_comparison
from analysis.evidence import Evidence
from analysis.rules import RULES, RULESET_VERSION, Rule
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
_LAYER = {
    StepKind.TCP_CONNECT: "tcp",
    StepKind.TLS_HANDSHAKE: "tls",
    StepKind.HTTP_EXCHANGE: "http",
    StepKind.QUIC_HANDSHAKE: "quic",
}


def judge(measurement: Measurement, rules: tuple[Rule, ...] = RULES) -> Verdict | None:
    """The verdict on a measurement, or None when there is no evidence (skipped, broken)."""
    if measurement.outcome is not Outcome.MEASURED:
        return None
    evidence = Evidence(measurement)
    holding = [rule for rule in rules if rule.holds(evidence)]
    state = holding[0].state if holding else State.INCONCLUSIVE
    fired = [rule for rule in holding if rule.state is state]
    blocked = state in {State.BLOCKED, State.THROTTLED}
    return Verdict(
        measurement_id=measurement.id,
        ruleset_version=RULESET_VERSION,
        state=state,
        techniques=_techniques(fired) if blocked else (),
        hop=1 if blocked else None,
        confidence=max(rule.weight for rule in fired) if blocked else None,
        confidence_word=_strongest(fired) if blocked else None,
        explanation=_explanation(evidence, fired),
        anomalies=_anomalies(evidence, fired),
        confounders=_confounders(evidence),
        fired=tuple(Fired(rule=rule.id, weight=rule.weight) for rule in fired),
    )


def _techniques(fired: list[Rule]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule.technique for rule in fired if rule.technique is not None))


def _strongest(fired: list[Rule]) -> ConfidenceWord | None:
    words = [rule.word for rule in fired if rule.word is not None]
    return max(words, key=_WORD_ORDER.index, default=None)


def _explanation(e: Evidence, fired: list[Rule]) -> str:
    if not fired:
        return _why_undecided(e)
    context = ", ".join(e.measurement.context)
    strongest = max(fired, key=lambda rule: rule.weight)
    return strongest.sentence.format(host=e.host, context=context)


def _why_undecided(e: Evidence) -> str:
    """What was seen, and what kind of comparison is missing."""
    status = needs_comparison(e)
    failed = _first_failure(e)
    if status is not None:
        return (
            f"{e.host} itself answered with status {status}; without a control elsewhere nobody"
            " can say whether everybody gets that."
        )
    if e.lacks_ipv6:
        return f"{e.host} has IPv6 addresses only, and this host has no IPv6 route."
    if failed is not None:
        return (
            f"{e.host}: {_in_words(failed)}; nothing at hand can tell interference from a fault"
            " of the site."
        )
    arrived = next((e.http(s).status for s in e.exchanges), None)
    if arrived is not None and e.target.scheme == "http":
        return (
            f"A page came for {e.host} (status {arrived}), but without TLS nothing proves that it"
            " is the site's, and there was no control to compare it with."
        )
    return f"Nothing seen of {e.host} settles whether it is reached."


def _first_failure(e: Evidence) -> Step | None:
    dns = [fact.step for fact in e.system if e.system_failure is not None]
    path = (*e.connects, *e.handshakes, *e.exchanges)
    failed = (s for s in (*dns, *e.on_default_path(path)) if s.failure is not None)
    return next(failed, None)


def _in_words(step: Step) -> str:
    where = "" if step.kind is StepKind.DNS_QUERY else f" at {step.address} port {step.port}"
    return f"{step.kind.replace('_', ' ')}{where} ended with {step.failure}"


def _anomalies(e: Evidence, fired: list[Rule]) -> tuple[str, ...]:
    """What is odd and not what the verdict rests on, as ``layer.failure at place``."""
    named = set(_techniques(fired))
    rested_on = e.stopped if named else None
    found = [*_dns_anomalies(e), *_path_anomalies(e, rested_on)]
    return tuple(dict.fromkeys(a for a in found if a.split(" ")[0] not in named))


def _dns_anomalies(e: Evidence) -> list[str]:
    odd = []
    for fact in e.lookups:
        where = fact.step.resolver
        if fact.contradicted:
            odd.append(f"dns.injection from {where}")
        if any(a.bogon for r in fact.detail.replies for a in r.answers):
            odd.append(f"dns.bogon from {where}")
        as_usual = {None, Failure.DNS_NO_ANSWER, e.system_failure}
        if fact in e.trusted and fact.step.failure not in as_usual:
            odd.append(f"dns.{fact.step.failure} from {where}")
    return odd


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
    checks: dict[str, Callable[[Evidence], bool | None]] = {
        "name_gone": lambda e: e.lives or bool(e.authentic) or None if e.trusted else None,
        "resolver_broken": _resolver_works,
        "server_down": _server_is_up,
        "server_refuses_name": _name_harmless,
        "stale_or_local_answer": _answer_elsewhere,
    }
    return {name: _standing(check(e)) for name, check in checks.items()}


def _standing(ruled_out: bool | None) -> Standing:
    if ruled_out is None:
        return Standing.NOT_TESTED
    return Standing.RULED_OUT if ruled_out else Standing.POSSIBLE


def _resolver_works(e: Evidence) -> bool | None:
    if e.reached:
        return True
    control = e.resolver_control
    return None if control is None else control.step.failure is None


def _server_is_up(e: Evidence) -> bool | None:
    if e.authentic:
        return True
    if e.stopped is None:
        return None
    control = e.same_address(e.stopped).control
    return None if control is None else e.answered(control)


def _answer_elsewhere(e: Evidence) -> bool | None:
    """Whether the resolver's answer can't be an old one, or one meant for this network alone."""
    if e.reached or not e.system_addresses.isdisjoint(e.trusted_public):
        return True
    return False if e.system_addresses and e.trusted_public else None


def _name_harmless(e: Evidence) -> bool | None:
    """Whether the target's own server is cleared of refusing its name by itself."""
    if e.reached:
        return True
    if e.stopped is None or e.swap.test is None or not e.answered(e.swap.control):
        return None
    return e.swap.test.failure is e.stopped.failure
