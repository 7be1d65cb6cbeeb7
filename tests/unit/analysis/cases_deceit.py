"""Forged answers told from doubled lines, two upstreams and old addresses: closer look-alikes."""

import msgspec

from heliograph.model import Step
from tests.unit.analysis.builders import (
    BOGON,
    NXDOMAIN,
    REAL,
    REAL2,
    TIMEOUT,
    UNKNOWN_CA,
    V6,
    WRONG,
    WRONG_NAME,
    found_again,
    measured,
    resolver_control,
    system,
    tls,
    told,
    trusted,
)
from tests.unit.analysis.builders_control import SITE_ASN, from_nobody, in_network, seen_dns
from tests.unit.analysis.cases_answers import LED, POOL
from tests.unit.analysis.cases_dns import AGREED, Cases, denied

_DECEIT = told(WRONG), told(REAL)
_DECEIVED = (system(replies=_DECEIT), *AGREED, tls(WRONG, TIMEOUT), tls())
"""Two answers came, and the first leads to an address that is silent."""


def _again(step: Step) -> Step:
    return msgspec.structs.replace(step, pair="again")


_DECEIVED_AGAIN = _again(system(replies=_DECEIT))

FIRES: dict[str, Cases] = {
    "dns.injection": {
        "answers of two resolvers, asked over one path, contradict themselves": measured(
            *_DECEIVED, trusted(transport="udp", replies=_DECEIT)
        ),
        "the resolver contradicts itself twice, and never about an innocuous name": measured(
            *_DECEIVED, _DECEIVED_AGAIN, resolver_control()
        ),
        "asked again, the true answer comes as well, over another path": measured(
            system(WRONG),
            *AGREED,
            tls(WRONG, TIMEOUT),
            tls(),
            _again(system(replies=(told(WRONG, ip_ttl=57), told(REAL, ip_ttl=61)))),
        ),
        "two forgers outrun the resolver": measured(
            system(replies=(told(WRONG, ip_ttl=57), told(POOL, ip_ttl=61))),
            *AGREED,
            tls(WRONG, TIMEOUT),
            tls(),
        ),
    },
    "dns.bogon": {
        "a control elsewhere finds the name": measured(
            system(BOGON), trusted(REAL), *LED, seen_dns(REAL)
        ),
    },
}

_INJECTION: Cases = {
    "an A record is forged, and over IPv6 the site is reached": measured(
        *_DECEIVED, system(V6, kind="AAAA"), tls(V6), trusted(transport="udp", replies=_DECEIT)
    ),
    "a line that doubled a packet; asked again, one answer came": measured(
        *_DECEIVED, found_again(WRONG), resolver_control()
    ),
    "a line that doubled a packet when the name was asked for again": measured(
        system(WRONG), *AGREED, tls(WRONG, TIMEOUT), tls(), _DECEIVED_AGAIN, resolver_control()
    ),
    "a line that doubles packets, and no innocuous name was asked for": measured(
        *_DECEIVED, _DECEIVED_AGAIN
    ),
    "a line that doubles packets, the innocuous name's as well": measured(
        *_DECEIVED, _DECEIVED_AGAIN, resolver_control(times=2)
    ),
    "a line that doubled a packet, and a stale address that another resolver gives": measured(
        *_DECEIVED, trusted(REAL2, transport="udp"), tls(REAL2, WRONG_NAME)
    ),
    "two resolvers behind one address know the site each by another; it is down": measured(
        system(replies=(told(REAL2, ip_ttl=57), told(REAL, ip_ttl=61))),
        trusted(REAL, REAL2),
        tls(REAL2, TIMEOUT),
    ),
    "two resolvers behind one address give edges nobody else is given; one is down": measured(
        system(replies=(told(WRONG, ip_ttl=57), told(REAL2, ip_ttl=61))),
        *AGREED,
        tls(WRONG, TIMEOUT),
    ),
}

_OLD: dict[str, Cases] = {
    rule: {
        "of a site's addresses one is private, for the control, too, and one is stale": measured(
            system(BOGON, WRONG), *AGREED, tls(WRONG, word), tls(), *LED, seen_dns(BOGON, REAL)
        ),
        "it lies in the network of an address that a resolver over plain UDP gives": measured(
            in_network(SITE_ASN, system(REAL2)),
            in_network(SITE_ASN, trusted(POOL, transport="udp")),
            *AGREED,
            tls(REAL2, word),
            tls(),
            *LED,
        ),
        "it lies in the network of the address the control is led to": measured(
            in_network(SITE_ASN, system(REAL2)),
            in_network(SITE_ASN, seen_dns(REAL)),
            tls(REAL2, word),
            tls(),
            *LED,
        ),
        "it is another resolver's address, over plain UDP, that is somebody else's": measured(
            system(WRONG),
            *AGREED,
            trusted(REAL2, transport="udp"),
            tls(WRONG, TIMEOUT),
            tls(REAL2, word),
            tls(),
            *LED,
        ),
    }
    for rule, word in (
        ("dns.wrong_address", UNKNOWN_CA),
        ("dns.wrong_address.other_site", WRONG_NAME),
    )
}

SPARES: dict[str, Cases] = {
    "surroundings.resolver_misleads": {
        "the target is denied; only the innocuous name is led to a private address": measured(
            *denied(NXDOMAIN), trusted(REAL), resolver_control(address=BOGON)
        ),
    },
    "dns.injection": _INJECTION,
    "dns.injection.proved": {
        "the system's resolver was never asked": measured(*AGREED, *from_nobody((told(WRONG),))),
    },
    "dns.bogon": {
        "no address is given at all, once": measured(*denied(NXDOMAIN), trusted(REAL), *LED),
    },
    **_OLD,
}
