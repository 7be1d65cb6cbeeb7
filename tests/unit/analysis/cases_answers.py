"""What a resolver that leads astray leaves behind, and what only looks like it."""

from tests.unit.analysis.builders import (
    BAD_CERTIFICATE,
    BOGON,
    NOWHERE,
    NXDOMAIN,
    REAL,
    REAL2,
    REFUSED,
    RESET,
    SERVFAIL,
    TIMEOUT,
    UNKNOWN_CA,
    V6,
    WRONG,
    WRONG_NAME,
    control_led,
    http,
    measured,
    resolver_control,
    swap_control,
    swap_lookup,
    system,
    tcp,
    tls,
    told,
    trusted,
)
from tests.unit.analysis.cases_dns import AGREED, FOUND, REACHED, Cases

POOL = "203.0.113.67"
"""Another address of the somebody at WRONG."""
_DECEIT = told(WRONG), told(REAL)
LED = resolver_control(), control_led()

FIRES: dict[str, Cases] = {
    "surroundings.resolver_misleads": {
        "every name gets a private address": measured(
            system(BOGON), trusted(REAL), resolver_control(address=BOGON)
        ),
        "every name leads nowhere": measured(
            system(NOWHERE), trusted(REAL), resolver_control(address=NOWHERE)
        ),
        "every name leads to one server": measured(
            system(WRONG),
            *AGREED,
            tls(WRONG, WRONG_NAME),
            tls(),
            resolver_control(address=WRONG),
        ),
        **{
            f"a portal has a pool of addresses: {word}": measured(
                system(WRONG),
                *AGREED,
                tls(WRONG, word),
                tls(),
                resolver_control(address=POOL),
                control_led(POOL, word),
            )
            for word in (UNKNOWN_CA, WRONG_NAME, BAD_CERTIFICATE)
        },
    },
    "dns.injection": {
        "the first leads to a stranger, the second to the site": measured(
            system(replies=_DECEIT), *AGREED, tls(WRONG, WRONG_NAME), tls()
        ),
        "an encrypted resolver knows the second reply": measured(
            system(replies=_DECEIT), *AGREED, tls(WRONG, UNKNOWN_CA), tls(failure=TIMEOUT)
        ),
        "the replies came over paths of different length": measured(
            system(replies=(told(WRONG, ip_ttl=57), told(REAL, ip_ttl=63))),
            *AGREED,
            tls(WRONG, TIMEOUT),
            tls(),
        ),
        "a forged denial outruns the answer": measured(
            system(failure=NXDOMAIN, replies=(told(rcode="NXDOMAIN"), told(REAL))),
            *AGREED,
            tls(),
        ),
        "a forged private address outruns the answer": measured(
            system(replies=(told(BOGON), told(REAL))), *AGREED, tls()
        ),
    },
    "dns.bogon": {
        "an encrypted resolver finds the name": measured(system(BOGON), trusted(REAL), *LED),
        "the other address proves the name": measured(
            system(BOGON), trusted(REAL, transport="udp"), tls(), *LED
        ),
    },
    "dns.wrong_address": {
        "a certificate nobody knows": measured(
            system(WRONG), *AGREED, tls(WRONG, UNKNOWN_CA), tls(), *LED
        ),
        "the swap proved the control": measured(
            system(WRONG),
            *AGREED,
            tls(WRONG, UNKNOWN_CA),
            tls(),
            swap_lookup(),
            swap_control(tls()),
        ),
    },
    "dns.wrong_address.other_site": {
        "a certificate of somebody else": measured(
            system(WRONG), *AGREED, tls(WRONG, WRONG_NAME), tls(), *LED
        ),
        "the control lives at that server, and proves its name": measured(
            system(WRONG),
            *AGREED,
            tls(WRONG, WRONG_NAME),
            tls(),
            resolver_control(address=WRONG),
            control_led(WRONG),
        ),
    },
}

_NOT_SHOWN: Cases = {
    f"{why}: {word}": measured(system(WRONG), *AGREED, tls(WRONG, word), tls(), *control)
    for word in (UNKNOWN_CA, WRONG_NAME)
    for why, control in {
        "no innocuous name was asked for": (),
        "the innocuous name was asked for and not visited": (resolver_control(),),
        "the innocuous name's server was silent": (
            resolver_control(),
            control_led(failure=TIMEOUT),
        ),
        "the innocuous name's server took no connection": (resolver_control(), tcp(POOL, TIMEOUT)),
        "the innocuous name is led to the same server": (
            resolver_control(address=WRONG),
            control_led(WRONG, word),
        ),
        "the innocuous name is led to another address of a portal's pool": (
            resolver_control(address=POOL),
            control_led(POOL, word),
        ),
    }.items()
}
_SOMEWHERE_FINE: Cases = {
    "a CDN: both addresses prove the name": measured(
        system(REAL2), *AGREED, tls(REAL2), tls(), *LED
    ),
    "another resolver gave that address, too": measured(
        system(WRONG), trusted(WRONG), trusted(REAL), tls(WRONG, WRONG_NAME), tls(), *LED
    ),
    "one of two addresses proves the name": measured(
        system(WRONG, REAL2), *AGREED, tls(WRONG, WRONG_NAME), tls(REAL2), tls(), *LED
    ),
    "the site's own certificate proves nothing": measured(
        system(REAL2), *AGREED, tls(REAL2, UNKNOWN_CA), tls(failure=WRONG_NAME), *LED
    ),
}

SPARES: dict[str, Cases] = {
    "surroundings.resolver_misleads": {
        "the innocuous name is found where it is": measured(
            system(BOGON), trusted(REAL), resolver_control()
        ),
        "both names live on one server that proves the target's": measured(
            *REACHED, resolver_control(address=REAL)
        ),
        "both names live on one server that proves the innocuous one": measured(
            *FOUND, tls(failure=RESET), resolver_control(address=REAL), control_led(REAL)
        ),
        "the innocuous name was not asked for": measured(system(BOGON), trusted(REAL)),
        "the innocuous name is not found": measured(
            system(WRONG), *AGREED, tls(WRONG, RESET), resolver_control(NXDOMAIN)
        ),
        "the innocuous name's own server is silent": measured(
            system(WRONG),
            *AGREED,
            tls(WRONG, RESET),
            resolver_control(),
            control_led(failure=TIMEOUT),
        ),
    },
    "dns.injection": {
        "an edge of a CDN is down, and the query was doubled on its way": measured(
            system(replies=(told(REAL2), told(REAL))), *AGREED, tls(REAL2, TIMEOUT), tls()
        ),
        **{
            f"one of two resolvers behind an address gives up: {rcode}": measured(
                system(failure=word, replies=(told(rcode=rcode), told(REAL))), *AGREED, tls()
            )
            for word, rcode in ((SERVFAIL, "SERVFAIL"), (REFUSED, "REFUSED"))
        },
        "a resend got another turn of a round robin": measured(
            system(replies=_DECEIT, sends=2), *AGREED, tls(WRONG, TIMEOUT), tls()
        ),
        "the same reply came twice": measured(
            system(replies=(told(WRONG), told(WRONG))), *AGREED, tls(WRONG, TIMEOUT), tls()
        ),
        "two replies share an address": measured(
            system(replies=(told(WRONG, REAL2), told(REAL, WRONG))), *AGREED, tls()
        ),
        "the first reply leads to the site, too": measured(
            system(replies=(told(REAL2), told(REAL))), *AGREED, tls(REAL2), tls()
        ),
        "the second reply was not acceptable": measured(
            system(replies=(told(WRONG), told(REAL, problem="wrong query id"))), *AGREED, tls()
        ),
        "nobody sure knows any of the addresses": measured(
            system(replies=_DECEIT),
            trusted(REAL, transport="udp"),
            tls(failure=TIMEOUT),
            tls(WRONG, TIMEOUT),
        ),
        "an encrypted resolver knows neither address": measured(
            system(replies=(told(WRONG), told(REAL2))), *AGREED, tls(WRONG, TIMEOUT)
        ),
        "only a trusted resolver was contradicted": measured(
            system(REAL2), trusted(WRONG), tls(REAL2), probe="tls"
        ),
        "the replies came over the same path, the first to a silent address": measured(
            system(replies=(told(WRONG, ip_ttl=63), told(REAL, ip_ttl=63))),
            *AGREED,
            tls(WRONG, RESET),
            tls(),
        ),
        "only AAAA was answered twice, alike": measured(
            *FOUND, system(replies=(told(V6), told(V6)), kind="AAAA"), *AGREED, tls(), http()
        ),
    },
    "dns.bogon": {
        "nobody visited where the control was led": measured(
            system(BOGON), trusted(REAL), resolver_control()
        ),
        "private for everybody": measured(system(BOGON), trusted(BOGON), *LED),
        "one of two addresses is public": measured(
            system(BOGON, REAL), *AGREED, resolver_control()
        ),
        "only a resolver over plain UDP disagrees, unproven": measured(
            system(BOGON), trusted(REAL, transport="udp"), resolver_control()
        ),
        "every name leads nowhere, and no other was asked for": measured(
            system(NOWHERE), *AGREED, tls()
        ),
        "every name leads nowhere": measured(
            system(NOWHERE), *AGREED, tls(), resolver_control(address=NOWHERE)
        ),
        "the control was not found": measured(
            system(NOWHERE), *AGREED, tls(), resolver_control(SERVFAIL)
        ),
    },
    "dns.wrong_address": {
        **_SOMEWHERE_FINE,
        **_NOT_SHOWN,
        "a stale address with an expired certificate": measured(
            system(WRONG), *AGREED, tls(WRONG, BAD_CERTIFICATE), tls(), *LED
        ),
        "a stale address that is silent": measured(
            system(WRONG), *AGREED, tcp(WRONG, TIMEOUT), tls(), *LED
        ),
        "a stale address that resets": measured(
            system(WRONG), *AGREED, tls(WRONG, RESET), tls(), *LED
        ),
    },
    "dns.wrong_address.other_site": {**_SOMEWHERE_FINE, **_NOT_SHOWN},
}
