"""The sentence of a look that no rule decides: what was seen, and what is missing."""

from collections.abc import Iterator

from analysis.chain import authentic
from analysis.conditions import needs_comparison
from analysis.evidence import Evidence, is_unsent
from analysis.reasons import reason_in_words
from analysis.residual import may_be_spoiled
from heliograph.model import Step, StepKind


def why_undecided(e: Evidence) -> str:
    """The first of the reasons there may be."""
    nothing = f"Nothing seen of {e.host} settles whether it is reached."
    return next((text for text in _reasons(e) if text is not None), nothing)


def _reasons(e: Evidence) -> Iterator[str | None]:
    yield _status(e)
    yield _way(e)
    yield _no_route(e)
    yield _resolver(e)
    yield _at_home(e)
    yield _failure(e)
    yield _page(e)


def _status(e: Evidence) -> str | None:
    status = needs_comparison(e)
    if status is None:
        return None
    missing = "the control's answer settles nothing" if e.remote.answered else _no_control(e)
    return f"{e.host} itself answered with status {status}; {missing}."


def _way(e: Evidence) -> str | None:
    if e.page is None or authentic(e):
        return None
    return (
        f"The way to {e.host} went over a redirect in the clear that nothing proves to be the"
        " site's own."
    )


def _no_route(e: Evidence) -> str | None:
    if not e.lacks_ipv6:
        return None
    return f"{e.host} has IPv6 addresses only, and this host has no IPv6 route."


def _resolver(e: Evidence) -> str | None:
    reason = reason_in_words(e)
    if reason is None:
        return None
    return f"This network's resolver leads to no address of {e.host}; its own reason: {reason}."


def _at_home(e: Evidence) -> str | None:
    failed = _first_failure(e)
    if failed is None or not is_unsent(failed):
        return None
    where = f"{failed.address} port {failed.port}"
    return (
        f"This host's own routes or rules refused to connect to {where} ({failed.failure}): no"
        f" packet left it, so nothing was learnt of {e.host}."
    )


def _failure(e: Evidence) -> str | None:
    failed = _first_failure(e)
    if failed is None:
        return None
    why = "nothing at hand can tell interference from a fault of the site"
    if may_be_spoiled(e):
        why = "a filter that another name hit there shortly before may have stopped it as well"
    return f"{e.host}: {_in_words(failed)}; {why}."


def _page(e: Evidence) -> str | None:
    arrived = next((e.http(s).status for s in e.exchanges), None)
    if arrived is None or not e.plain:
        return None
    told = "a control elsewhere was shown another one" if e.sees_other_page else _no_control(e)
    return (
        f"A page came for {e.host} (status {arrived}), but without TLS nothing proves that it"
        f" is the site's: {told}."
    )


def _no_control(e: Evidence) -> str:
    """Why there was nothing to compare with."""
    if e.remote.answered:
        return "what a control elsewhere saw settles nothing"
    missing = "no control answered, and" if e.remote.tried else "without a control elsewhere"
    return f"{missing} nobody can say whether everybody gets that"


def _first_failure(e: Evidence) -> Step | None:
    dns = [fact.step for fact in e.system if e.system_failure is not None]
    path = (*e.connects, *e.handshakes, *e.exchanges)
    failed = (s for s in (*dns, *e.on_default_path(path)) if s.failure is not None)
    return next(failed, None)


def _in_words(step: Step) -> str:
    where = "" if step.kind is StepKind.DNS_QUERY else f" at {step.address} port {step.port}"
    return f"{step.kind.replace('_', ' ')}{where} ended with {step.failure}"
