"""For each rule measurements that fire it, and look-alikes that must not."""

from heliograph.failure import Failure
from heliograph.model import SURROUNDINGS
from tests.unit.analysis import (
    cases_answers,
    cases_closer,
    cases_control,
    cases_deceit,
    cases_ends,
    cases_frozen,
    cases_hops,
    cases_injected,
    cases_pages,
    cases_reasons,
    cases_reported,
    cases_servers,
    cases_single,
    cases_single_names,
    cases_single_pages,
    cases_stories,
    cases_throttle,
)
from tests.unit.analysis.builders import (
    BAD_CERTIFICATE,
    BOGON,
    ELSEWHERE,
    NODATA,
    NXDOMAIN,
    REAL,
    REAL2,
    RESET,
    SERVFAIL,
    TIMEOUT,
    UNKNOWN_CA,
    V6,
    WRONG,
    WRONG_NAME,
    control_here,
    http,
    ipv6_control,
    measured,
    plain,
    resolver_control,
    system,
    tcp,
    tls,
    told,
    trusted,
)
from tests.unit.analysis.cases_dns import (
    AGREED,
    DENIALS,
    ELSEWHERE6,
    FOUND,
    NONE_FOR_ANYBODY,
    REACHED,
    WITHHELD,
    WORDS,
    Cases,
    denial,
    denied,
)
from tests.unit.analysis.cases_names import STOPPED_BY_TEXT, minted, page_stopped, stopped

FIRES: dict[str, Cases] = {
    "surroundings.masked": {
        flag: measured(*FOUND, tls(failure=RESET), control_here(tls()), context=(flag,))
        for flag in (
            "offline",
            "captive_portal",
            "tunnel",
            "resolver_broken",
            "tls_intercepted",
            "shutdown",
            "abroad_unreachable",
        )
    },
    "surroundings.fine": {
        "nothing masks": measured(*REACHED, probe=SURROUNDINGS, context=("no_ipv6",)),
    },
    "surroundings.resolver": {
        "it is silent about every name": measured(
            *denied(TIMEOUT), trusted(REAL), resolver_control(TIMEOUT)
        ),
        "it gives nobody the IPv6 address that is the target's only one": NONE_FOR_ANYBODY,
    },
    "reached.451": {"status 451": measured(*FOUND, tls(), http(451))},
    "reached.page": {
        **{f"status {status}": measured(*FOUND, tls(), http(status)) for status in (200, 301, 404)},
        "a CDN gives every resolver another address": measured(
            system(REAL2), trusted(REAL), tls(REAL2), http(address=REAL2), tls()
        ),
        "headers without end": measured(*FOUND, tls(), http(None, Failure.X_HTTP_HEADER_OVERFLOW)),
        "only AAAA is missing, by a resolver's whim": measured(
            system(REAL), system(failure=SERVFAIL, kind="AAAA"), tls(), http()
        ),
        "IPv6 is unreachable from here": measured(
            system(REAL),
            system(V6, kind="AAAA"),
            tcp(V6, Failure.NETWORK_UNREACHABLE),
            tls(),
            http(),
        ),
        "replies differ after a resend, and the site is reached": measured(
            system(replies=(told(REAL), told(REAL2)), sends=2), *AGREED, tls(), http()
        ),
    },
    "reached.name": {"a valid certificate": measured(*FOUND, tcp(), tls(), probe="tls")},
    "reached.address": {
        "an encrypted resolver vouches for it": measured(*FOUND, *AGREED, tcp(), probe="tcp"),
        "it proved the name": measured(*FOUND, tcp(), tls(), probe="tcp"),
    },
    "reached.answer": {
        "an encrypted resolver agrees": measured(*FOUND, *AGREED, probe="dns"),
        "the address proved the name": measured(*FOUND, tls(), probe="dns"),
    },
    "down.name": {
        f"every resolver says {word}": measured(
            *denied(word), trusted(failure=word), resolver_control()
        )
        for word in (NXDOMAIN, NODATA, SERVFAIL)
    },
    "down.private": {
        "a private address for everybody": measured(system(BOGON), trusted(BOGON)),
    },
}

SPARES: dict[str, Cases] = {
    "surroundings.masked": {
        "a flag that masks nothing": measured(*REACHED, context=("ipv6_missing",)),
        "no flag": measured(*REACHED),
    },
    "surroundings.fine": {
        "a flag that masks": measured(*REACHED, probe=SURROUNDINGS, context=("tunnel",)),
        "a look at a target": measured(*REACHED),
    },
    "surroundings.resolver": {
        "the resolver knows the control name": measured(
            *denied(NXDOMAIN), trusted(failure=NXDOMAIN), resolver_control()
        ),
        "the target was found": measured(*REACHED, resolver_control(TIMEOUT)),
        "it gives innocuous names their IPv6 addresses": measured(
            *WITHHELD, ipv6_control(ELSEWHERE6)
        ),
        "the control was cut off": measured(
            *denied(NXDOMAIN), trusted(failure=NXDOMAIN), resolver_control(Failure.INTERRUPTED)
        ),
    },
    "reached.451": {
        "another status": measured(*REACHED),
        "the certificate proves nothing": measured(*FOUND, tls(failure=WRONG_NAME), http(451)),
        "without TLS": plain(*FOUND, http(451, port=80)),
    },
    "reached.page": {
        **{
            f"status {status}: perhaps for this vantage alone": measured(
                *FOUND, tls(), http(status)
            )
            for status in (403, 429, 500, 503)
        },
        "the page broke off": measured(*FOUND, tls(), http(200, RESET, stage="body")),
        "the certificate proves nothing": measured(*FOUND, tls(failure=UNKNOWN_CA), http()),
        "the page came from an address off the default path": measured(
            system(WRONG), *AGREED, tls(), http()
        ),
        "without TLS": plain(*FOUND, http(port=80)),
        "cut off by the deadline": measured(*FOUND, tls(), http(None, Failure.INTERRUPTED)),
    },
    "reached.name": {
        "another probe": measured(*FOUND, tls()),
        "an expired certificate": measured(*FOUND, tls(failure=BAD_CERTIFICATE), probe="tls"),
    },
    "reached.address": {
        "nobody vouches for the address": measured(*FOUND, tcp(), probe="tcp"),
        "another address is vouched for": measured(
            system(WRONG), trusted(REAL), tcp(WRONG), probe="tcp"
        ),
        "it takes no connection": measured(*FOUND, *AGREED, tcp(failure=TIMEOUT), probe="tcp"),
    },
    "reached.answer": {
        "nobody agrees": measured(*FOUND, trusted(REAL2), probe="dns"),
        "only a resolver over plain UDP agrees": measured(
            *FOUND, trusted(REAL, transport="udp"), probe="dns"
        ),
    },
    "down.name": {
        "an encrypted resolver finds it": measured(*denied(NXDOMAIN), trusted(REAL)),
        "encrypted resolvers differ": measured(
            *denied(NXDOMAIN), trusted(failure=NXDOMAIN), trusted(REAL, transport="tls")
        ),
        "only a resolver over plain UDP agrees": measured(
            *denied(NXDOMAIN), trusted(failure=NXDOMAIN, transport="udp")
        ),
        "a site with IPv6 only, and a resolver that strips it": measured(
            *denied(NODATA), trusted(failure=NODATA), trusted(V6, kind="AAAA"), resolver_control()
        ),
        "a resolver over plain UDP finds it": measured(
            *denied(NXDOMAIN), trusted(failure=NXDOMAIN), trusted(REAL, transport="udp")
        ),
        "a resolver over plain UDP gives it a private address": measured(
            *denied(NXDOMAIN), trusted(failure=NXDOMAIN), trusted(BOGON, transport="udp")
        ),
        "every resolver is silent": measured(*denied(TIMEOUT), trusted(failure=TIMEOUT)),
        "the target is an address": measured(tcp(), url=f"https://{ELSEWHERE}/"),
    },
    "down.private": {
        "another resolver gives a public address": measured(system(BOGON), trusted(REAL)),
        "only a resolver over plain UDP agrees": measured(
            system(BOGON), trusted(BOGON, transport="udp")
        ),
    },
}

for _name, _word in DENIALS.items():
    FIRES[f"dns.{_name}"], SPARES[f"dns.{_name}"] = denial(_word)
for _name, _word in WORDS.items():
    FIRES[f"tls.{_name}"], SPARES[f"tls.{_name}"] = stopped(_word)
    FIRES[f"http.{_name}"], SPARES[f"http.{_name}"] = page_stopped(_word)
FIRES["tls.plaintext"], SPARES["tls.plaintext"] = STOPPED_BY_TEXT
FIRES["tls.mitm"], SPARES["tls.mitm"] = minted()
for _more in (
    cases_answers,
    cases_deceit,
    cases_control,
    cases_pages,
    cases_injected,
    cases_hops,
    cases_ends,
    cases_frozen,
    cases_reasons,
    cases_closer,
    cases_servers,
    cases_reported,
    cases_single,
    cases_single_names,
    cases_single_pages,
    cases_throttle,
):
    for _all, _those in ((FIRES, _more.FIRES), (SPARES, _more.SPARES)):
        for _rule, _cases in _those.items():
            _all[_rule] = {**_all.get(_rule, {}), **_cases}

_ALL = [
    look for table in (FIRES, SPARES) for cases in table.values() for look in cases.values()
] + [story.look for story in cases_stories.EVERY]
EVERY_LOOK = list(dict.fromkeys(_ALL))
"""Each once: a look often serves several rules."""
