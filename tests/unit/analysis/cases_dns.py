"""What a lying resolver leaves behind, and what only looks like it."""

import msgspec

from heliograph.failure import Failure
from heliograph.model import NO_IPV6, Measurement, Step
from tests.unit.analysis.builders import (
    BOGON,
    EOF,
    NODATA,
    NXDOMAIN,
    RCODES,
    REAL,
    REFUSED,
    RESET,
    SERVFAIL,
    TIMEOUT,
    UNKNOWN_CA,
    V6,
    WRONG,
    WRONG_NAME,
    again,
    control_led,
    found_again,
    http,
    ipv6_control,
    measured,
    resolver_control,
    swap_lookup,
    system,
    tcp,
    tls,
    told,
    trusted,
)
from tests.unit.analysis.builders_control import seen_dns

Cases = dict[str, Measurement]

FOUND = (system(REAL), system(failure=NODATA, kind="AAAA"))
AGREED = (trusted(REAL), trusted(failure=NODATA, kind="AAAA"))
REACHED = (*FOUND, tcp(), tls(), http())
ALERT = Failure.SSL_FAILED_HANDSHAKE
WORDS = {"reset": RESET, "timeout": TIMEOUT, "eof": EOF}
DENIALS = {
    "nxdomain": NXDOMAIN,
    "nodata": NODATA,
    "refused": REFUSED,
    "servfail": SERVFAIL,
    "timeout": TIMEOUT,
}


ELSEWHERE6 = "2001:db8::99"
_V6_ONLY = (trusted(failure=NODATA), trusted(V6, kind="AAAA"))


def denied(word: Failure) -> tuple[Step, ...]:
    return system(failure=word), system(failure=word, kind="AAAA")


WITHHELD = (*denied(NODATA), *_V6_ONLY, resolver_control(), *again(NODATA))
"""A site with IPv6 only, of which the system's resolver knows no address, twice."""
NONE_FOR_ANYBODY = measured(*WITHHELD, ipv6_control())
HALF_TOLD = (
    system(failure=NODATA),
    system(V6, kind="AAAA"),
    trusted(REAL),
    trusted(V6, kind="AAAA"),
    resolver_control(),
    again(NODATA)[0],
    msgspec.structs.replace(system(V6, kind="AAAA"), pair="again"),
)
"""A site with both families, of whose IPv4 address the system's resolver knows nothing, twice."""


def denial(word: Failure) -> tuple[Cases, Cases]:
    twice = (*denied(word), resolver_control(), *again(word))
    fires = {
        "an encrypted resolver finds the name": measured(*twice, trusted(REAL)),
        "its address proves the name": measured(
            *twice, trusted(REAL, transport="udp"), tcp(), tls()
        ),
        "a control elsewhere finds the name": measured(*twice, trusted(REAL), seen_dns(REAL)),
    }
    if word in {NXDOMAIN, NODATA}:
        replies = (told(rcode=RCODES.get(word, "NOERROR")), told(REAL))
        fires["a forged denial outruns the answer"] = measured(
            system(failure=word, replies=replies), trusted(REAL), resolver_control(), *again(word)
        )
    spares = {**_known_elsewhere_badly(word), **_not_for_the_name_alone(word)}
    if word is NODATA:
        fires["a site with IPv6 only, and an innocuous name gets its IPv6 address"] = measured(
            *WITHHELD, ipv6_control(ELSEWHERE6)
        )
        fires["only the IPv4 address is withheld, and there is no IPv6 route"] = measured(
            *HALF_TOLD, context=(NO_IPV6,)
        )
        spares |= {
            "a site with IPv6 only, and nobody is given IPv6 addresses": NONE_FOR_ANYBODY,
            "a site with IPv6 only, and nobody looked whether others are given any": measured(
                *WITHHELD
            ),
            "a site with IPv6 only, and no IPv6 route": measured(
                *WITHHELD, ipv6_control(ELSEWHERE6), context=(NO_IPV6,)
            ),
            "only the IPv4 address is withheld, and there is an IPv6 route": measured(*HALF_TOLD),
        }
    return fires, spares


def _known_elsewhere_badly(word: Failure) -> Cases:
    """Nobody who can't be lied to finds the name."""
    twice = (*denied(word), resolver_control(), *again(word))
    spares = {
        "every resolver says so": measured(*twice, trusted(failure=word)),
        "only a resolver over plain UDP disagrees, unproven": measured(
            *twice, trusted(REAL, transport="udp")
        ),
        "the address the other resolver gave presents a certificate of somebody else": measured(
            *twice, trusted(REAL, transport="udp"), tls(failure=WRONG_NAME)
        ),
        "no other resolver was asked": measured(*twice),
    }
    if word is not TIMEOUT:  # silence of an encrypted resolver says nothing of the name
        spares["encrypted resolvers disagree"] = measured(
            *twice, trusted(REAL), trusted(failure=word, transport="tls")
        )
        spares["a site with IPv6 only, and a resolver that strips it"] = measured(
            *twice, trusted(failure=word), trusted(V6, kind="AAAA")
        )
    return spares


_CUT = Failure.INTERRUPTED


def _not_for_the_name_alone(word: Failure) -> Cases:
    """The resolver fails for others, too, or once only."""
    return {**_not_again(word), **_others_fail(word), **_not_asked_whole(word)}


def _not_again(word: Failure) -> Cases:
    once = (*denied(word), trusted(REAL), resolver_control())
    other = next(w for w in (SERVFAIL, NXDOMAIN) if w is not word)
    return {
        "a hiccup: asked again, it finds the name": measured(*once, found_again(), tcp(), tls()),
        "a hiccup: asked again, it gives a strange address": measured(*once, found_again(WRONG)),
        "it was not asked again": measured(*once),
        "it was cut off when asked again": measured(*once, *again(_CUT)),
        "asked again, it fails in another way": measured(*once, *again(other)),
        "one of two queries got lost when asked again": measured(
            *once, again(TIMEOUT)[0], again(NODATA)[1]
        ),
    }


def _others_fail(word: Failure) -> Cases:
    once = (*denied(word), trusted(REAL), resolver_control())
    return {
        "the resolver fails for the control name, too": measured(
            *denied(word), trusted(REAL), resolver_control(word), *again(word)
        ),
        "the control name is led to a private address": measured(
            *denied(word), trusted(REAL), resolver_control(address=BOGON), *again(word)
        ),
        "the control name is led to a stranger": measured(
            *denied(word),
            trusted(REAL),
            resolver_control(address=WRONG),
            control_led(WRONG, UNKNOWN_CA),
            *again(word),
        ),
        "the resolver fails for another innocuous name": measured(
            *once, *again(word), swap_lookup(word)
        ),
        "the control name was not asked for": measured(*denied(word), trusted(REAL), *again(word)),
    }


def _not_asked_whole(word: Failure) -> Cases:
    spares = {
        "only AAAA is missing": measured(
            system(REAL),
            system(failure=word, kind="AAAA"),
            trusted(REAL),
            resolver_control(),
            *again(word),
        ),
        "cut off by the deadline": measured(
            system(failure=_CUT),
            system(failure=_CUT, kind="AAAA"),
            trusted(REAL),
            resolver_control(),
            *again(word),
        ),
        "one of two queries got lost": measured(
            system(failure=TIMEOUT),
            system(failure=NODATA, kind="AAAA"),
            trusted(REAL),
            resolver_control(),
            *again(word),
        ),
    }
    if word in RCODES and word is not NXDOMAIN:  # a denial that is outrun is dns.injection
        replies = (told(rcode=RCODES[word]), told(REAL))
        spares["one of two upstreams gives up, every time"] = measured(
            system(failure=word, replies=replies),
            system(failure=word, kind="AAAA"),
            trusted(REAL),
            resolver_control(),
            *again(word),
        )
    return spares
