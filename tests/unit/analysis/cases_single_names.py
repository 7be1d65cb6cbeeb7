"""Looks that somebody else made once: what resolvers said, and what only looks like a lie."""

from heliograph.failure import Failure
from heliograph.model import Step
from tests.unit.analysis.builders import (
    BOGON,
    HOST,
    NODATA,
    NXDOMAIN,
    REAL,
    REAL2,
    REFUSED,
    SERVFAIL,
    TIMEOUT,
    UNKNOWN_CA,
    V6,
    WRONG_NAME,
    http,
    imported,
    imported_plain,
    measured,
    system,
    tcp,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import (
    SITE_ASN,
    at_hop,
    ended,
    in_network,
    lost,
    page,
    redirect,
    seen_dns,
    seen_plain,
    seen_tcp,
    seen_tls,
    sized,
)
from tests.unit.analysis.cases_dns import FOUND, REACHED, Cases, denied
from tests.unit.analysis.cases_hops import NEXT
from tests.unit.analysis.cases_single import FAR, SERVED, WHOLE, after_redirect, turned_away

_NONE_HERE = Failure.ANDROID_DNS_CACHE_NO_DATA
_OWN_ASN = 64500
"""The network the looks are made from."""
_DENIED = {"nxdomain": (NXDOMAIN,), "nodata": (NODATA,)}
_FAILED = (REFUSED, SERVFAIL, TIMEOUT)
"""Which say nothing where nobody saw the resolver answer other names."""
_FAR6, _ALIKE = "2001:db8:0:1::66", "203.0.200.66"
_SHUT = Failure.CONNECTION_REFUSED
_LED_ON = (*FOUND, tcp(), tls(), redirect(f"https://{NEXT}/", port=443))
"""The system's resolver answers for one name, which leads to another."""


def _next(*steps: Step) -> tuple[Step, ...]:
    return at_hop(2, *steps, host=NEXT)


def _denial(words: tuple[Failure, ...]) -> tuple[Cases, Cases]:
    fires: Cases = {}
    for word in words:
        fires |= {
            f"an encrypted resolver finds it: {word}": imported(*denied(word), trusted(REAL)),
            f"a control elsewhere finds it: {word}": imported(*denied(word), seen_dns(REAL)),
            f"it has addresses of both families: {word}": imported(
                *denied(word), seen_dns(REAL), seen_dns(V6, kind="AAAA")
            ),
        }
    word = words[0]
    spares = {
        "a look of our own, that could have asked again": measured(*denied(word), seen_dns(REAL)),
        "where a redirect in the clear led": imported_plain(
            *after_redirect(*denied(word), seen_dns(REAL))
        ),
        "it finds the name": imported(*REACHED, seen_dns(REAL)),
        **{
            f"it fails by itself: {other}": imported(*denied(other), seen_dns(REAL))
            for other in _FAILED
        },
        "an encrypted resolver says so, too": imported(
            *denied(word), trusted(failure=word), seen_dns(REAL)
        ),
        "the control's resolver says so, too": imported(*denied(word), seen_dns(failure=word)),
        "nobody else was asked": imported(*denied(word)),
        **turned_away(*denied(word)),
    }
    return fires, spares


_LIED = (system(BOGON), seen_dns(REAL))
_INVENTED = (system(FAR), trusted(FAR, transport="udp"))
_GONE = (trusted(failure=NXDOMAIN), seen_dns(failure=NXDOMAIN))
_LED = (system(FAR), tcp(FAR))
_STRANGERS = tls(FAR, WRONG_NAME)
_CLOSED = (system(FAR), tcp(FAR, _SHUT), seen_tcp(FAR, TIMEOUT))
FIRES: dict[str, Cases] = {
    "once.dns.bogon": {
        "a control elsewhere finds it": imported(*_LIED),
        "an encrypted resolver finds it": imported(system(BOGON), trusted(REAL)),
        "a control went past it": imported(
            *_LED_ON, *_next(system(BOGON)), seen_dns(REAL), ended(WHOLE)
        ),
        "the page is found elsewhere": imported_plain(
            system(BOGON), trusted(REAL), page(), *seen_plain()
        ),
    },
    "once.dns.invented": {
        "two resolvers agree on an address; the others know no name": imported(*_INVENTED, *_GONE),
    },
    "once.dns.wrong_address": {
        **{
            f"a certificate of somebody else, here alone: {word}": imported(
                *_LED, tls(FAR, word), *SERVED
            )
            for word in (WRONG_NAME, UNKNOWN_CA)
        },
        "the control is shown it, too": imported(
            *_LED, tls(FAR, TIMEOUT), *SERVED, seen_tls(FAR, WRONG_NAME)
        ),
        "the name is proved to the control, which was shown an error": imported(
            *_LED, _STRANGERS, seen_dns(REAL), seen_tls(), ended(sized(900, 503))
        ),
        "IPv6 addresses": imported(
            system(_FAR6, kind="AAAA"),
            tcp(_FAR6),
            tls(_FAR6, WRONG_NAME),
            seen_dns(V6, kind="AAAA"),
            ended(WHOLE),
        ),
    },
    "once.dns.wrong_address.nobody": {
        "refused here, and closed to the control": imported(*_CLOSED, tcp(), *SERVED),
        "the name is proved to the control, which was shown an error": imported(
            *_CLOSED, seen_dns(REAL), seen_tls(), ended(sized(900, 503))
        ),
    },
}
SPARES: dict[str, Cases] = {
    "once.dns.bogon": {
        "a look of our own, that could have asked again": measured(*_LIED),
        "where a redirect in the clear led": imported_plain(
            *after_redirect(system(BOGON), seen_dns(REAL))
        ),
        "nobody wrote down what the resolver said": imported(
            tcp(HOST), tls(HOST), http(address=HOST), seen_dns(REAL)
        ),
        "a public address comes with it": imported(
            system(BOGON, REAL2), tcp(REAL2), seen_dns(REAL)
        ),
        "a control is given it, too": imported(system(BOGON), seen_dns(BOGON, REAL)),
        "the site is the provider's own": imported(
            system(BOGON), in_network(_OWN_ASN, seen_dns(REAL))
        ),
        "the name is proved there: a provider's copy": imported(*_LIED, tls(BOGON)),
        "the control's page is shown there": imported_plain(
            system(BOGON), page(address=BOGON), *seen_plain()
        ),
        "nobody else was asked": imported(system(BOGON)),
        **turned_away(system(BOGON)),
    },
    "once.dns.invented": {
        "a look of our own, that could have asked again": measured(*_INVENTED, *_GONE),
        "the name is proved there": imported(*_INVENTED, *_GONE, tls(FAR)),
        "no encrypted resolver was asked": imported(*_INVENTED, _GONE[1]),
        "no control was asked": imported(*_INVENTED, _GONE[0]),
        "the control finds it": imported(*_INVENTED, _GONE[0], seen_dns(REAL)),
        "two resolvers make up an address each": imported(
            system(FAR), trusted(REAL2, transport="udp"), *_GONE
        ),
        "a resolver alone makes it up": imported(system(FAR), *_GONE),
    },
    "once.dns.wrong_address": {
        "a look of our own, that could have asked again": measured(*_LED, _STRANGERS, *SERVED),
        "another address of its proves the name": imported(
            system(FAR, "198.51.100.67"), tcp(FAR), _STRANGERS, tls("198.51.100.67"), *SERVED
        ),
        "others are led there, too": imported(
            *_LED, _STRANGERS, seen_dns(REAL, FAR), seen_tls(FAR, WRONG_NAME), ended(WHOLE)
        ),
        "nobody else was asked": imported(*_LED, _STRANGERS, ended(WHOLE)),
        "the control's page is shown there": imported_plain(
            system(FAR), tcp(FAR, port=80), _STRANGERS, page(address=FAR), *seen_plain()
        ),
        "others are led into the same network": imported(
            in_network(SITE_ASN, system(FAR)),
            tcp(FAR),
            _STRANGERS,
            in_network(SITE_ASN, seen_dns(REAL)),
            ended(WHOLE),
        ),
        "half of the address is the same": imported(
            system(_ALIKE), tcp(_ALIKE), tls(_ALIKE, WRONG_NAME), *SERVED
        ),
        "somebody else's certificate comes from where others lead": imported(
            *_LED, tls(FAR, TIMEOUT), tls(REAL, WRONG_NAME), *SERVED
        ),
        "a certificate that ran out": imported(
            *_LED, tls(FAR, Failure.SSL_INVALID_CERTIFICATE), *SERVED
        ),
        **turned_away(*_LED, _STRANGERS, seen_dns(REAL)),
    },
    "once.dns.wrong_address.nobody": {
        "a look of our own, that could have asked again": measured(*_CLOSED, *SERVED),
        "it takes connections here, and is closed to the control": imported(
            system(FAR),
            tcp(FAR, _SHUT),
            tcp(FAR, port=80),
            seen_tcp(FAR, TIMEOUT),
            *SERVED,
        ),
        "it is silent here, and closed to the control": imported(
            system(FAR), tcp(FAR, TIMEOUT), seen_tcp(FAR, TIMEOUT), *SERVED
        ),
        "it refuses here, and takes the control's connections": imported(
            system(FAR), tcp(FAR, _SHUT), seen_tcp(FAR), *SERVED
        ),
        "at another port it proves the name to the control": imported(
            system(FAR),
            tcp(FAR, _SHUT, port=80),
            seen_tcp(FAR, TIMEOUT, port=80),
            seen_tls(FAR),
            *SERVED,
        ),
        "others are led there, too": imported(*_CLOSED, seen_dns(REAL, FAR), ended(WHOLE)),
        "others are led into the same network": imported(
            in_network(SITE_ASN, system(FAR)),
            *_CLOSED[1:],
            in_network(SITE_ASN, seen_dns(REAL)),
            ended(WHOLE),
        ),
        **turned_away(*_CLOSED, seen_dns(REAL)),
    },
}
for _name, _words in _DENIED.items():
    FIRES[f"once.dns.{_name}"], SPARES[f"once.dns.{_name}"] = _denial(_words)
FIRES["once.dns.nxdomain"] |= {
    "it has IPv6 addresses alone": imported(*denied(NXDOMAIN), seen_dns(V6, kind="AAAA")),
}
SPARES["once.dns.nodata"] |= {
    f"it has IPv6 addresses alone, which a host without IPv6 is not given: {word}": imported(
        *denied(word), seen_dns(failure=NODATA), seen_dns(V6, kind="AAAA")
    )
    for word in (NODATA,)
}


def _on_the_way(word: Failure) -> tuple[Cases, Cases]:
    """A name that a redirect led to, and that nobody else looked up."""
    led = (*_LED_ON, *_next(*denied(word)), seen_dns(REAL))
    spares = {
        "the control came to no end": imported(*led, ended(lost(TIMEOUT))),
        "it is the target itself": imported(*denied(word), ended(WHOLE)),
        "it says something else": imported(
            *_LED_ON, *_next(*denied(SERVFAIL)), seen_dns(REAL), ended(WHOLE)
        ),
        "an encrypted resolver says so, too": imported(
            *led, *_next(trusted(failure=word)), ended(WHOLE)
        ),
    }
    return {"a control came to the end of the way": imported(*led, ended(WHOLE))}, spares


_NO_WORD = (*denied(_NONE_HERE), seen_dns(REAL))
for _name, (_word, *_) in _DENIED.items():
    _id = f"once.dns.{_name}.on_the_way"
    FIRES[_id], SPARES[_id] = _on_the_way(_word)
FIRES["once.dns.failed"] = {
    "another resolver, asked from here, finds it": imported(
        *_NO_WORD, trusted(REAL, transport="udp")
    ),
}
SPARES["once.dns.failed"] = {
    "no other resolver was asked from here": imported(*_NO_WORD),
    "the other one leads elsewhere": imported(*_NO_WORD, trusted(FAR, transport="udp")),
    "its word says how it failed": imported(
        *denied(SERVFAIL), seen_dns(REAL), trusted(REAL, transport="udp")
    ),
}
