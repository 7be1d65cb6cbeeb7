"""Faults, habits of servers and of networks that are no blocking, however they look."""

from heliograph.failure import Failure
from tests.unit.analysis.builders import (
    BAD_CERTIFICATE,
    BOGON,
    ELSEWHERE,
    EOF,
    HOST,
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
    again,
    certificate,
    control_here,
    control_led,
    found_again,
    measured,
    plain,
    resolver_control,
    swap_lookup,
    system,
    tcp,
    tls,
    told,
    trusted,
)
from tests.unit.analysis.builders_control import (
    OTHER_ASN,
    SITE_ASN,
    at_hop,
    elsewhere,
    from_nobody,
    in_network,
    lost,
    page,
    pages_at,
    redirect,
    seen,
    seen_dns,
    seen_plain,
    seen_tcp,
    seen_tls,
    swapped,
    tried_again,
    tried_again_plain,
    two_answers,
)
from tests.unit.analysis.cases_dns import AGREED, ALERT, FOUND, Cases, denied

_LED = (resolver_control(), control_led())
_RESET, _EOF = tls(failure=RESET), tls(failure=EOF)
_NGINX = page(403, "403 Forbidden", text=None)
_OWN = page(title="Control")
_UPGRADE = redirect(f"https://{HOST}/")
_DEAD_V6 = tcp(V6, TIMEOUT)
_LOST = lost(EOF)
_EDGE_DOWN = (system(WRONG), *AGREED, tcp(WRONG, TIMEOUT), tls(), *_LED, found_again(WRONG))
_DEAD_EDGE = page(503, "503 Backend fetch failed", text="guru meditation")
_EMPTY = page(403, None, text=None)
_BONJOUR = page(title="Bonjour", address=REAL2)
_UNRECOGNIZED = tls(failure=ALERT, alert=112)
_SITES_OWN = (certificate("CN=Public authority", HOST),)
_NOT_YET = tls(failure=BAD_CERTIFICATE, chain=_SITES_OWN)

_RESOLVERS: Cases = {
    "a host without a resolver says so by ICMP, once only, and an edge is down": measured(
        system(REAL2),
        *AGREED,
        tls(REAL2, TIMEOUT),
        *from_nobody((), failure=Failure.CONNECTION_REFUSED),
    ),
    "a provider answers for every resolver, truly, and a query got lost": measured(
        *denied(SERVFAIL), *AGREED, *from_nobody((told(REAL),))
    ),
    "a line that doubles packets, round robin, and an edge is down": measured(
        system(replies=two_answers(REAL2, REAL)),
        system(kind="AAAA", replies=two_answers("2001:db8::2", V6)),
        *AGREED,
        trusted(V6, kind="AAAA"),
        tls(REAL2, TIMEOUT),
        tls(),
    ),
    **{
        f"half the world's resolvers say {word}, the control's among them": measured(
            *denied(word), resolver_control(), *again(word), trusted(REAL), seen_dns(failure=word)
        )
        for word in (SERVFAIL, NXDOMAIN)
    },
    "a site gives out a private address now and then, to the control, too": measured(
        system(BOGON), trusted(REAL), *_LED, seen_dns(BOGON)
    ),
    **{
        f"the control's resolver leads to the same bad server ({word})": measured(
            system(WRONG),
            *AGREED,
            tls(WRONG, word),
            tls(),
            *_LED,
            seen_dns(WRONG),
            seen_tls(WRONG, word),
        )
        for word in (UNKNOWN_CA, WRONG_NAME)
    },
    "an edge of the site's own network has not got its certificate": measured(
        in_network(SITE_ASN, system(REAL2)),
        in_network(SITE_ASN, trusted(REAL)),
        tls(REAL2, WRONG_NAME),
        tls(),
        *_LED,
    ),
    "the page in the clear is the control's; nobody cares for the server's certificate": plain(
        system(REAL2),
        *AGREED,
        page(address=REAL2),
        tls(REAL2, WRONG_NAME),
        tls(),
        *_LED,
        *seen_plain(),
    ),
}
_ADDRESSES: Cases = {
    "IPv6 is dead here, for every server": measured(
        system(V6, kind="AAAA"),
        trusted(V6, kind="AAAA"),
        _DEAD_V6,
        *seen(V6),
        *tried_again(_DEAD_V6),
    ),
    "IPv6 is dead here, and the site's IPv4 address is closed to everybody": measured(
        system(REAL),
        system(V6, kind="AAAA"),
        *AGREED,
        tcp(failure=Failure.CONNECTION_REFUSED),
        _DEAD_V6,
        seen_tcp(failure=Failure.CONNECTION_REFUSED),
        *seen(V6),
        *tried_again(_DEAD_V6),
    ),
    "silence, and what answered for the innocuous name did not prove it": measured(
        *FOUND,
        *AGREED,
        tcp(failure=TIMEOUT),
        *seen(),
        *tried_again(tcp(failure=TIMEOUT), tls(ELSEWHERE, WRONG_NAME)),
    ),
}
_HANDSHAKES: Cases = {
    "a clock that is behind: the very certificate the control is shown": measured(
        *FOUND,
        *AGREED,
        _NOT_YET,
        *tried_again(_NOT_YET),
        seen_dns(REAL),
        elsewhere(tls(chain=_SITES_OWN)),
    ),
    **{
        f"an anycast edge here has another certificate ({word})": measured(
            *FOUND, *AGREED, tls(failure=word), *tried_again(tls(failure=word)), *seen()
        )
        for word in (WRONG_NAME, UNKNOWN_CA, BAD_CERTIFICATE)
    },
    "an anycast edge here lacks the name, and so does any stranger's server": measured(
        *FOUND,
        *AGREED,
        _UNRECOGNIZED,
        control_here(_UNRECOGNIZED),
        *tried_again(_UNRECOGNIZED),
        *seen(),
        *swapped(_UNRECOGNIZED, tls()),
    ),
    "an anycast edge here lacks the name; the control name is at home there": measured(
        *FOUND,
        *AGREED,
        _UNRECOGNIZED,
        control_here(tls()),
        *tried_again(_UNRECOGNIZED),
        *seen(),
    ),
    "an anycast edge is broken for the name, which passes to a stranger's server": measured(
        *FOUND,
        *AGREED,
        _RESET,
        control_here(tls()),
        *tried_again(_RESET),
        *seen(),
        *swapped(tls(failure=WRONG_NAME), tls()),
    ),
    "the server is broken for this name, for the control, too": measured(
        *FOUND,
        *AGREED,
        _EOF,
        control_here(tls()),
        *swapped(_EOF, tls()),
        seen_dns(REAL),
        seen_tcp(),
        seen_tls(failure=EOF),
    ),
    "the control name lives in the target's network, which drops this customer here": measured(
        in_network(SITE_ASN, system(REAL)),
        in_network(SITE_ASN, trusted(REAL)),
        _RESET,
        control_here(tls()),
        in_network(SITE_ASN, swap_lookup()),
        *swapped(_RESET, tls()),
    ),
    "the server drops visitors from here, whatever they say; a stranger's is strict": measured(
        *FOUND,
        *AGREED,
        _RESET,
        control_here(_RESET),
        *tried_again(_RESET),
        *seen(),
        *swapped(_RESET, tls()),
    ),
}
_PAGES: Cases = {
    "a server broken for its name, and the control was served at another address": plain(
        system(REAL),
        trusted(REAL, REAL2),
        _LOST,
        control_here(page(404)),
        *tried_again_plain(_LOST),
        seen_dns(REAL, REAL2),
        seen_tcp(REAL, port=80),
        seen_tcp(REAL2, port=80),
        elsewhere(page(address=REAL2)),
    ),
    "a slow page behind a quick server; a stranger's server answers for the name": plain(
        *FOUND,
        *AGREED,
        lost(TIMEOUT),
        control_here(page(404)),
        *tried_again_plain(lost(TIMEOUT)),
        *seen_plain(),
        *swapped(page(404), _OWN, page(404)),
    ),
    "a server that hangs up on every name not its own": plain(
        *FOUND, *AGREED, _LOST, control_here(page(404)), *swapped(_LOST, _OWN, _LOST)
    ),
    "a dead edge of a CDN in the provider's network: one error for all": measured(
        *_EDGE_DOWN, *pages_at(WRONG, _DEAD_EDGE, _DEAD_EDGE)
    ),
    "an edge of a CDN that refuses without a word": measured(
        *_EDGE_DOWN, *pages_at(WRONG, _EMPTY, _EMPTY)
    ),
    "a site without TLS on servers of its own, in other words for each country": plain(
        in_network(OTHER_ASN, system(REAL2)),
        in_network(SITE_ASN, trusted(REAL)),
        _BONJOUR,
        tcp(REAL2, Failure.CONNECTION_REFUSED),
        *_LED,
        found_again(REAL2),
        *pages_at(REAL2, _BONJOUR, _BONJOUR),
        *seen_plain(),
    ),
    "a firewall's bare refusal looks like a stranger's server's": plain(
        *FOUND, *AGREED, _NGINX, *swapped(_NGINX, _OWN, _OWN), *seen_plain()
    ),
    "everybody upgrades to TLS; the control is refused; the page over TLS is down": plain(
        *FOUND,
        *AGREED,
        _UPGRADE,
        *swapped(_UPGRADE, _OWN, redirect("https://www.control.example/")),
        *seen_plain(page(403, "Attention Required!")),
        *at_hop(2, tcp(), tls(), page(503, port=443)),
    ),
    "a proxy that fetches by name, or a CDN that serves both: the site's own page": plain(
        *FOUND,
        *AGREED,
        page(title="Bonjour"),
        control_here(_OWN),
        *swapped(page(title="Bonjour"), _OWN, page(title="Control's www")),
        *seen_plain(),
    ),
    "the control name is led to an address of the site the control knows": plain(
        *FOUND,
        *AGREED,
        page(title="Bonjour"),
        *swapped(page(title="Bonjour"), _OWN, page(title="Control's www")),
        *seen_plain(address=ELSEWHERE),
    ),
}

INNOCENT: Cases = {**_RESOLVERS, **_ADDRESSES, **_HANDSHAKES, **_PAGES}
