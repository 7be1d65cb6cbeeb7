"""The rules, as data with stable ids: what must hold, what it then means, and how strongly.

An id is stored with every verdict that rests on it, so it is never renamed or reused. A change of
any condition, weight or sentence raises RULESET_VERSION.
"""

from functools import cache

from analysis.comparisons import (
    UNCONNECTED,
    address_stopped,
    alert_here_alone,
    block_page_injected,
    certificate_here_alone,
    handshake_fails_for_all,
    led_to_stranger,
    page_frozen,
    redirect_injected,
    request_fails_for_all,
    unconnected_for_all,
)
from analysis.conditions import (
    address_connected,
    answer_injected,
    certificate_minted,
    challenged_here,
    error_for_all,
    gone_for_all,
    injection_proved,
    leads_nowhere_for_all,
    leads_to,
    loops_for_all,
    name_proved,
    name_stopped,
    only_bogons,
    page_arrived,
    plaintext_instead,
    private_for_all,
    refused_here,
    resolver_fails_for_all,
    resolver_lies,
    resolver_misleads_all,
    right_answer,
    same_page_arrived,
    surroundings_fine,
    surroundings_masked,
    unavailable_for_legal_reasons,
)
from analysis.evidence import Evidence
from analysis.rule import About, Need, Rule, met, needing
from analysis.rules_known import FILTERS_OF_ONES_OWN, KNOWN_ANSWERS, KNOWN_PAGES
from analysis.rules_single import BLOCKED_ONCE, DOWN_ONCE, RESTRICTED_ONCE
from analysis.rules_throttle import THROTTLED
from analysis.wording import BY_ANOTHER_NAME, BY_ISSUER, BY_NAME, BY_PAGE, BY_PATH
from heliograph.failure import Failure
from heliograph.model import SURROUNDINGS, ConfidenceWord, Measurement, State, StepKind

RULESET_VERSION = 8


_NAME_STOPPED = {
    Failure.CONNECTION_RESET: ("reset", "the connection is reset"),
    Failure.GENERIC_TIMEOUT_ERROR: ("timeout", "no answer comes"),
    Failure.EOF_ERROR: ("eof", "the connection is closed"),
}
_LAYERS = (("tls", StepKind.TLS_HANDSHAKE), ("http", StepKind.HTTP_EXCHANGE))
_RESOLVER_LIES = {
    Failure.DNS_NXDOMAIN_ERROR: ("nxdomain", 0.9, "says that {host} does not exist"),
    Failure.DNS_NO_ANSWER: ("nodata", 0.85, "says that {host} has no address"),
    Failure.DNS_REFUSED_ERROR: ("refused", 0.75, "refuses to answer for {host}"),
    Failure.DNS_SERVFAIL_ERROR: ("servfail", 0.7, "says that it failed for {host}"),
    Failure.GENERIC_TIMEOUT_ERROR: ("timeout", 0.7, "stays silent about {host}"),
}

_SURROUNDINGS = (
    Rule(
        "surroundings.masked",
        State.INCONCLUSIVE,
        1.0,
        "Nothing can be said of {host} from here: {context}.",
        surroundings_masked,
        about=About.SURROUNDINGS,
    ),
    Rule(
        "surroundings.resolver",
        State.INCONCLUSIVE,
        0.9,
        "This network's resolver fails for an innocuous name, too, so its answer about {host}"
        " says nothing.",
        resolver_fails_for_all,
        needs=frozenset({Need.OTHER_NAMES}),
    ),
    Rule(
        "surroundings.resolver_misleads",
        State.INCONCLUSIVE,
        0.9,
        "This network's resolver leads an innocuous name astray, too, so its answer about {host}"
        " says nothing.",
        resolver_misleads_all,
        needs=frozenset({Need.OTHER_NAMES}),
    ),
)

_PROVED = (
    Rule(
        "dns.injection.proved",
        State.BLOCKED,
        0.98,
        "An address where no resolver lives answers for {host} {compared}: somebody on the path"
        " forges answers.",
        injection_proved,
        "dns.injection",
        ConfidenceWord.CONFIRMED,
        BY_ANOTHER_NAME,
    ),
)

_CONTRADICTED = (
    Rule(
        "dns.injection",
        State.BLOCKED,
        0.96,
        "Two answers that contradict each other came for {host}, and the first is not the site's.",
        answer_injected,
        "dns.injection",
        ConfidenceWord.LIKELY,
    ),
)

_MISLED = (
    Rule(
        "dns.bogon",
        State.BLOCKED,
        0.85,
        "This network's resolver gives {host} an address no public site can have.",
        only_bogons,
        "dns.bogon",
        ConfidenceWord.LIKELY,
    ),
    *(
        Rule(
            f"dns.{name}",
            State.BLOCKED,
            weight,
            f"This network's resolver {says}, but another resolver finds it{{compared}}.",
            resolver_lies(word),
            f"dns.{name}",
            ConfidenceWord.LIKELY,
            BY_PATH,
        )
        for word, (name, weight, says) in _RESOLVER_LIES.items()
    ),
    Rule(
        "dns.wrong_address",
        State.BLOCKED,
        0.85,
        "This network's resolver leads {host} to a server that is not the site's; another"
        " resolver leads to the real one.",
        leads_to(Failure.SSL_UNKNOWN_AUTHORITY),
        "dns.wrong_address",
        ConfidenceWord.LIKELY,
    ),
    Rule(
        "dns.wrong_address.other_site",
        State.BLOCKED,
        0.7,
        "This network's resolver leads {host} to the server of another site; another resolver"
        " leads to the real one.",
        leads_to(Failure.SSL_INVALID_HOSTNAME),
        "dns.wrong_address",
        ConfidenceWord.LIKELY,
    ),
    Rule(
        "dns.wrong_address.one_page",
        State.BLOCKED,
        0.85,
        "This network's resolver leads {host} to a server in another network that shows one page"
        " for every name; another resolver leads to the real one.",
        led_to_stranger,
        "dns.wrong_address",
        ConfidenceWord.LIKELY,
    ),
    Rule(
        "http.blockpage.one_page",
        State.BLOCKED,
        0.8,
        "Where this network's resolver leads {host}, one page is shown for every name.",
        led_to_stranger,
        "http.blockpage",
        ConfidenceWord.LIKELY,
    ),
)

_DNS = (
    *needing({Need.OTHER_NAMES}, _PROVED),
    *_CONTRADICTED,
    *needing({Need.OTHER_NAMES}, _MISLED),
)

_HAPPENS = {
    "timeout": "connections to {host} get no answer",
    "refused": "connections to {host} are refused",
    "unreachable": "connections to {host} are turned back on the way",
}
_ADDRESSES = tuple(
    Rule(
        f"tcp.{name}",
        State.BLOCKED,
        0.85,
        f"Twice {_HAPPENS[name]} from here, while other servers take them; a control elsewhere"
        " gets through to the same address.",
        address_stopped(words),
        f"tcp.{name}",
        ConfidenceWord.LIKELY,
    )
    for name, words in UNCONNECTED.items()
)

_NAMES = (
    *(
        Rule(
            f"{layer}.{name}",
            State.BLOCKED,
            0.9,
            f"When {{host}} is named, {happens}: {{compared}}.",
            name_stopped(kind, word),
            f"{layer}.{name}",
            ConfidenceWord.LIKELY,
            BY_NAME,
        )
        for layer, kind in _LAYERS
        for word, (name, happens) in _NAME_STOPPED.items()
    ),
    Rule(
        "tls.plaintext",
        State.BLOCKED,
        0.95,
        "When {host} is named, something that does not even speak TLS answers in the place of two"
        " servers that do.",
        plaintext_instead,
        "tls.mitm",
        ConfidenceWord.LIKELY,
    ),
    Rule(
        "tls.mitm",
        State.BLOCKED,
        0.95,
        "At its own server and at a stranger's, somebody in between presents a false certificate"
        " for {host}, {compared}.",
        certificate_minted,
        "tls.mitm",
        ConfidenceWord.LIKELY,
        BY_ISSUER,
    ),
    Rule(
        "tls.mitm.control",
        State.BLOCKED,
        0.9,
        "Twice a false certificate for {host}, {compared}, came here from an address that shows a"
        " control elsewhere the true one.",
        certificate_here_alone,
        "tls.mitm",
        ConfidenceWord.LIKELY,
        BY_ISSUER,
    ),
    Rule(
        "tls.alert",
        State.BLOCKED,
        0.8,
        "Twice the handshake for {host} was ended by an alert here; the same address serves a"
        " control elsewhere.",
        alert_here_alone,
        "tls.alert",
        ConfidenceWord.LIKELY,
    ),
)

_PAGES = (
    Rule(
        "http.redirect",
        State.BLOCKED,
        0.9,
        "When {host} is named in the clear, a redirect comes that is not the site's: {compared}.",
        redirect_injected,
        "http.redirect",
        ConfidenceWord.LIKELY,
        BY_PAGE,
    ),
    Rule(
        "http.blockpage",
        State.BLOCKED,
        0.9,
        "When {host} is named in the clear, a page comes that is not the site's: {compared}.",
        block_page_injected,
        "http.blockpage",
        ConfidenceWord.LIKELY,
        BY_PAGE,
    ),
)

_FROZEN = (
    Rule(
        "http.truncated",
        State.BLOCKED,
        0.75,
        "Twice the page of {host} broke off here after the same number of bytes; the same server"
        " sends a control elsewhere more of it.",
        page_frozen,
        "http.truncated",
        ConfidenceWord.LIKELY,
    ),
)

_REACHED = (
    Rule(
        "reached.451",
        State.RESTRICTED,
        0.95,
        "The site itself answers that it may not show this for legal reasons (status 451).",
        unavailable_for_legal_reasons,
        needs=frozenset({Need.PAGE}),
    ),
    Rule(
        "reached.refused",
        State.RESTRICTED,
        0.85,
        "The site itself turns visitors from here away (or whoever delivers its pages does); a"
        " control elsewhere is served.",
        refused_here,
        needs=frozenset({Need.PAGE}),
    ),
    Rule(
        "reached.challenge",
        State.RESTRICTED,
        0.8,
        "The site itself (or whoever delivers its pages) wants visitors from here to prove that"
        " they are no robot; a control elsewhere is shown the page.",
        challenged_here,
        needs=frozenset({Need.PAGE}),
    ),
    Rule(
        "reached.page",
        State.OK,
        0.95,
        "{host} answered, and its certificate proves that it was the site itself.",
        page_arrived,
    ),
    Rule(
        "reached.same_page",
        State.OK,
        0.85,
        "{host} answered in the clear with the page that a control elsewhere is shown, too.",
        same_page_arrived,
        needs=frozenset({Need.PAGE}),
    ),
    Rule(
        "reached.name",
        State.OK,
        0.95,
        "{host} proved its name by a valid certificate.",
        name_proved,
    ),
    Rule(
        "reached.address",
        State.OK,
        0.9,
        "{host} takes connections at an address known to be its own.",
        address_connected,
    ),
    Rule(
        "reached.answer",
        State.OK,
        0.9,
        "This network's resolver gives {host} an address known to be its own.",
        right_answer,
    ),
    Rule(
        "surroundings.fine",
        State.OK,
        0.9,
        "Nothing in the network around this host stands in the way of measurements.",
        surroundings_fine,
        about=About.SURROUNDINGS,
    ),
)

_DOWN = (
    Rule(
        "down.error",
        State.DOWN,
        0.9,
        "{host} answers everybody with an error of its own.",
        error_for_all,
        needs=frozenset({Need.PAGE}),
    ),
    Rule(
        "down.redirects",
        State.DOWN,
        0.9,
        "{host} leads everybody from redirect to redirect without an end.",
        loops_for_all,
        needs=frozenset({Need.PAGE}),
    ),
    Rule(
        "down.redirect_nowhere",
        State.DOWN,
        0.85,
        "{host} leads everybody to no place at all.",
        leads_nowhere_for_all,
        needs=frozenset({Need.PAGE}),
    ),
    Rule(
        "down.name",
        State.DOWN,
        0.9,
        "{host} can't be found by other resolvers either.",
        gone_for_all,
    ),
    Rule(
        "down.private",
        State.DOWN,
        0.9,
        "{host} has a private address for everybody: it is not a public site.",
        private_for_all,
    ),
    Rule(
        "down.address",
        State.DOWN,
        0.85,
        "No address of {host} takes connections, here or from a control elsewhere.",
        unconnected_for_all,
        needs=frozenset({Need.UNCONNECTED}),
    ),
    Rule(
        "down.handshake",
        State.DOWN,
        0.85,
        "The TLS handshake with {host} fails for a control elsewhere as it does here.",
        handshake_fails_for_all,
        needs=frozenset({Need.STOPPED}),
    ),
    Rule(
        "down.request",
        State.DOWN,
        0.8,
        "The request to {host} fails for a control elsewhere as it does here.",
        request_fails_for_all,
    ),
)

RULES: tuple[Rule, ...] = (
    *_SURROUNDINGS,
    *FILTERS_OF_ONES_OWN,
    *_DNS,
    *KNOWN_ANSWERS,
    *needing({Need.TRIALS, Need.UNCONNECTED}, _ADDRESSES),
    *needing({Need.TRIALS, Need.STOPPED}, _NAMES),
    *needing({Need.TRIALS, Need.PAGE}, _PAGES),
    *needing({Need.TRIALS}, _FROZEN),
    *KNOWN_PAGES,
    *BLOCKED_ONCE,
    *RESTRICTED_ONCE,
    *needing({Need.TRIALS, Need.PAGE}, THROTTLED),
    *_REACHED,
    *_DOWN,
    *DOWN_ONCE,
)
"""In the order of docs/design.md, section 2: the state of the first rule that holds wins."""

_OF: dict[About, tuple[Rule, ...]] = {
    About.SURROUNDINGS: tuple(rule for rule in RULES if rule.about is About.SURROUNDINGS),
    About.TARGETS: tuple(rule for rule in RULES if rule.about is not About.OTHERS),
    About.OTHERS: RULES,
}


def rules_for(measurement: Measurement) -> tuple[Rule, ...]:
    """Those that are asked of such a look."""
    return _OF[_kind(measurement)]


def rules_that_may_hold(chain: tuple[Evidence, ...]) -> tuple[Rule, ...]:
    """Those of them that rest on nothing the look lacks: the others hold at no hop of it."""
    return _resting_on(_kind(chain[0].measurement), met(chain))


def _kind(measurement: Measurement) -> About:
    if measurement.probe == SURROUNDINGS:
        return About.SURROUNDINGS
    return About.TARGETS if measurement.source is None else About.OTHERS


@cache
def _resting_on(kind: About, met_: frozenset[Need]) -> tuple[Rule, ...]:
    return tuple(rule for rule in _OF[kind] if rule.needs <= met_)
