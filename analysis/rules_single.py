"""The rules about looks that were made once and can't be asked on: other people's measurements."""

from collections.abc import Callable

from analysis.chain import authentic
from analysis.comparisons import UNCONNECTED
from analysis.evidence import Evidence
from analysis.rule import About, Need, Rule, needing
from analysis.single import (
    SILENCE,
    challenged_once,
    fails_for_control_too,
    false_certificate_once,
    reset_untold,
    shown_another_once,
    stopped_once,
    unconnected_once,
)
from analysis.single_names import (
    NO_DATA,
    denied,
    denied_on_the_way,
    failed_once,
    invented_once,
    misled_once,
    misled_to_nobody_once,
    only_bogons_once,
)
from heliograph.failure import Failure
from heliograph.model import ConfidenceWord, State, StepKind

_DENIED = (
    ("nxdomain", 0.75, "says that {host} does not exist", frozenset({Failure.DNS_NXDOMAIN_ERROR})),
    ("nodata", 0.65, "has no address of {host}", NO_DATA),
)
_SILENT = 0.55
_RESET = frozenset({Failure.CONNECTION_RESET, Failure.CONNECTION_ABORTED})
_STOPPED = {
    "reset": (_RESET, "is reset"),
    "timeout": (SILENCE, "stays without an answer"),
    "eof": (frozenset({Failure.EOF_ERROR}), "is closed"),
}
_HAPPENS = {
    "timeout": "gets no answer",
    "refused": "is refused",
    "unreachable": "is turned back on the way",
}
_SPOKEN = (
    ("tls", StepKind.TLS_HANDSHAKE, "The handshake with {host}"),
    ("http", StepKind.HTTP_EXCHANGE, "The request to {host}"),
)


def _blocked(
    name: str,
    weight: float,
    sentence: str,
    holds: Callable[[Evidence], bool],
    technique: str,
    word: ConfidenceWord = ConfidenceWord.LIKELY,
) -> Rule:
    id_, condition = f"once.{name}", _honestly_led(holds)
    return Rule(
        id_, State.BLOCKED, weight, sentence, condition, technique, word, about=About.OTHERS
    )


def _honestly_led(holds: Callable[[Evidence], bool]) -> Callable[[Evidence], bool]:
    """The condition, where the way here is the site's own.

    A redirect in the clear to a host that fails may be a portal's, or lead to an edition for this
    country that nobody else was led to.
    """
    return lambda e: authentic(e) and holds(e)


def _tried_once(
    technique: str, weight: float, sentence: str, holds: Callable[[Evidence], bool]
) -> Rule:
    """The rule about an end that may be its technique. Of silence, met once, no more is said than
    that it was there: nobody had to do anything for it."""
    if technique.endswith(".timeout"):
        word, weight = ConfidenceWord.SIGNAL, _SILENT
        sentence = f"{sentence} A line that loses packets would look the same."
    else:
        word = ConfidenceWord.LIKELY
    return _blocked(technique, weight, sentence, holds, technique, word)


_BOGONS = (
    _blocked(
        "dns.bogon",
        0.8,
        "The resolver used here gave {host} an address no public site can have; others are given"
        " real ones.",
        only_bogons_once,
        "dns.bogon",
    ),
)
_DENIED_ONCE = (
    *(
        _blocked(
            f"dns.{name}",
            weight,
            f"The resolver used here {says}, asked once; a control elsewhere finds it.",
            denied(words),
            f"dns.{name}",
        )
        for name, weight, says, words in _DENIED
    ),
    *(
        _blocked(
            f"dns.{name}.on_the_way",
            0.5,
            f"The resolver used here {says}, where a redirect leads, asked once; a control"
            " elsewhere came to the end of its own way, whatever names that led over.",
            denied_on_the_way(words),
            f"dns.{name}",
            ConfidenceWord.SIGNAL,
        )
        for name, _, says, words in _DENIED
    ),
    _blocked(
        "dns.failed",
        0.5,
        "The resolver used here failed for {host}, asked once, and Android does not say how;"
        " another one, asked from here, finds it where a control elsewhere does.",
        failed_once,
        "dns.nodata",
        ConfidenceWord.SIGNAL,
    ),
)
_MISLED = (
    _blocked(
        "dns.wrong_address",
        0.7,
        "The resolver used here leads {host} into another network than a control is led to, where"
        " nobody finds the site.",
        misled_once,
        "dns.wrong_address",
    ),
    _blocked(
        "dns.wrong_address.nobody",
        0.55,
        "The resolver used here leads {host} into another network than a control is led to, to an"
        " address that takes no connection; a place of the site's own that is down would look the"
        " same.",
        misled_to_nobody_once,
        "dns.wrong_address",
        ConfidenceWord.SIGNAL,
    ),
    _blocked(
        "dns.invented",
        0.55,
        "Two resolvers asked in the clear give an address of {host}; one that can't be lied to on"
        " the way, and a control elsewhere, say that there is no such name. A provider that gives"
        " an address to every name that does not exist would look the same.",
        invented_once,
        "dns.wrong_address",
        ConfidenceWord.SIGNAL,
    ),
)
_UNCONNECTED = tuple(
    _tried_once(
        f"tcp.{name}",
        0.65,
        f"A connection to {{host}}, tried once, {_HAPPENS[name]}; the same address takes that"
        " of a control elsewhere.",
        unconnected_once(words - {Failure.NETWORK_UNREACHABLE}),
    )
    for name, words in UNCONNECTED.items()
)
_STOPPED_ONCE = tuple(
    _tried_once(
        f"{layer}.{name}",
        0.7,
        f"{what}, tried once, {happens}; a control elsewhere is served.",
        stopped_once(kind, words),
    )
    for layer, kind, what in _SPOKEN
    for name, (words, happens) in _STOPPED.items()
)
_UNTOLD = (
    _blocked(
        "tls.reset.untold",
        0.55,
        "A request to {host} over TLS, tried once, is reset, at the handshake or after it; a"
        " control elsewhere is served.",
        reset_untold,
        "tls.reset",
        ConfidenceWord.SIGNAL,
    ),
)
_UNPROVED = (
    _blocked(
        "tls.mitm",
        0.55,
        "Tried once, {host} did not prove its name here, at an address that serves a control"
        " elsewhere; an old list of authorities at this end would look the same.",
        false_certificate_once,
        "tls.mitm",
        ConfidenceWord.SIGNAL,
    ),
)
_SHOWN = (
    _blocked(
        "http.blockpage",
        0.6,
        "In the clear, a small page came for {host} that has nothing of the one a control"
        " elsewhere is shown.",
        shown_another_once,
        "http.blockpage",
        ConfidenceWord.SIGNAL,
    ),
)

BLOCKED_ONCE: tuple[Rule, ...] = (
    *_BOGONS,
    *needing({Need.DENIED}, _DENIED_ONCE),
    *_MISLED,
    *needing({Need.UNCONNECTED}, _UNCONNECTED),
    *needing({Need.STOPPED}, _STOPPED_ONCE),
    *_UNTOLD,
    *needing({Need.STOPPED}, _UNPROVED),
    *_SHOWN,
)

RESTRICTED_ONCE: tuple[Rule, ...] = (
    Rule(
        "once.challenge",
        State.RESTRICTED,
        0.65,
        "In the clear, {host} (or whoever delivers its pages) wants visitors from here to prove"
        " that they are no robot; a control elsewhere is shown the page.",
        _honestly_led(challenged_once),
        about=About.OTHERS,
        needs=frozenset({Need.PAGE}),
    ),
)

DOWN_ONCE: tuple[Rule, ...] = (
    Rule(
        "once.down",
        State.DOWN,
        0.7,
        "{host} fails for a control elsewhere in the same way as here.",
        _honestly_led(fails_for_control_too),
        about=About.OTHERS,
    ),
)
