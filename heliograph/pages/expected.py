"""Steps that fail as they must, told so that nobody takes them for a fault; and what parts mean."""

from collections.abc import Iterable

from heliograph.detail import DnsDetail, read
from heliograph.failure import Failure
from heliograph.model import (
    PAIR_NOBODY,
    PAIR_RESOLVER,
    PAIR_STRANGER,
    PAIR_SWAP,
    Measurement,
    Role,
    Step,
    StepKind,
)

LEGEND: tuple[tuple[str, str], ...] = (
    ("hop", "1 is the target, 2 where its first redirect leads, and so on"),
    (
        "control before, control after",
        "the half of a comparison with a name that nobody has a reason to stop, made before or"
        " after the target's half",
    ),
    (
        "residual check",
        "an innocuous name said once more right after the target's was stopped: it is answered"
        " where the filter keeps no memory of what it stopped",
    ),
    (
        "no IPv6 (dns_no_answer)",
        "no resolver knows an IPv6 address of the name: most sites without IPv6 look so",
    ),
    (
        "answered (ssl_invalid_hostname)",
        "a server was told a name that is not its own, and answered with another certificate or by"
        " saying so (alert 112): the name got an answer, which is what was asked",
    ),
)
"""What the words of a waterfall mean, in the order a reader meets them."""


def expected(measurement: Measurement) -> dict[int, str]:
    """The outcomes, by number, of steps that fail with nothing in the way; the word is kept."""
    with_ipv6 = {step.host for step in measurement.steps if _has_ipv6(step)}
    told = {}
    for number, step in enumerate(measurement.steps):
        if step.failure is Failure.DNS_NO_ANSWER and _asks_ipv6(step):
            if step.host not in with_ipv6:  # else somebody withholds it here
                told[number] = f"no IPv6 ({step.failure})"
        elif step.failure is Failure.SSL_INVALID_HOSTNAME and _is_strangers(step):
            told[number] = f"answered ({step.failure})"
    return told


def explained(words: Iterable[str]) -> list[tuple[str, str]]:
    """The entries of the legend about any of these words, in its order."""
    said = set(words)
    return [(name, what) for name, what in LEGEND if said & set(name.split(", "))]


def _is_strangers(step: Step) -> bool:
    """Whether a name was said to a server at which it is not at home."""
    if step.pair == PAIR_SWAP:
        return step.role is Role.TEST
    at_the_target = step.role is Role.CONTROL_AFTER and step.pair is not None
    return step.pair == PAIR_STRANGER or (at_the_target and step.pair not in _AT_HOME)


_AT_HOME = frozenset({PAIR_RESOLVER, PAIR_NOBODY})


def _detail(step: Step) -> DnsDetail | None:
    if step.kind is not StepKind.DNS_QUERY or step.detail == "{}":
        return None
    return read(step, DnsDetail)


def _asks_ipv6(step: Step) -> bool:
    detail = _detail(step)
    return detail is not None and detail.query_type == "AAAA"


def _has_ipv6(step: Step) -> bool:
    detail = _detail(step)
    return detail is not None and any(a.type == "AAAA" for r in detail.replies for a in r.answers)
