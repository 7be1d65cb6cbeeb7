"""Odd looks from networks that block nothing: names, edges, and servers that are gone."""

from typing import Any

from tests.unit.ooni_expected import (
    FINE,
    GONE,
    NOT_BLOCKED,
    OK,
    UNDECIDED,
    Staged,
    may_be_blocked,
)
from tests.unit.ooni_staged import SHORT, behind, both
from tests.unit.ooni_world import (
    EDGE,
    EOF,
    HOME,
    HOST,
    HTTP,
    HTTPS,
    REFUSED,
    RESET,
    SITE,
    SITE2,
    SITE6,
    STRANGER,
    TIMEOUT,
    Page,
    Spot,
    World,
    at,
    moved,
    page,
    site,
)

_FORGED_ELSEWHERE = "31.13.95.33"
"""An address of a site's own that censors give for names of others (analysis.known)."""
_TUNNEL, _CACHE, _FAR = "198.18.0.5", "10.9.8.7", "7.7.7.7"
_NOWHERE = "dns_nxdomain_error"
_SOFTWARE = (("Content-Type", "text/html"), ("Server", "openresty/1.21"))
_SEARCH = page("Search the web")


def _sixth(word: str) -> dict[Spot, str | Page]:
    return at("tcp", word, SITE6)


def _edge(address: str = EDGE, **more: Any) -> World:
    """A site with servers in several networks, of which each resolver names the nearest."""
    return World(
        names={HOST: (SITE, address)},
        pages={HTTP: HOME, HTTPS: HOME},
        system={HOST: (address,)},
        helper_dns={HOST: (SITE,)},
        **more,
    )


NAMES: dict[str, Staged] = {
    **both("the resolver is silent once", site(system={HOST: TIMEOUT}), UNDECIDED),
    **both("the resolver fails once", site(system={HOST: "dns_servfail_error"}), UNDECIDED),
    **both("the resolver misbehaves", site(system={HOST: "dns_server_misbehaving"}), UNDECIDED),
    **both("the resolver rests", site(system={HOST: "dns_temporary_failure"}), UNDECIDED),
    **both("the resolver refuses strangers", site(system={HOST: "dns_refused_error"}), UNDECIDED),
    **both("the helper finds nothing", World(helper_dns={HOST: "dns_server_misbehaving"}), GONE),
    **both(
        "denied by a secure resolver, too",
        site(system={HOST: _NOWHERE}, doh={HOST: _NOWHERE}),
        NOT_BLOCKED,
        may_be_blocked("dns.nxdomain"),
    ),
    **both(
        "denied by a secure resolver alone, and down",
        site(doh={HOST: _NOWHERE}, everywhere=at("tcp", TIMEOUT)),
        GONE,
    ),
    **both(
        "a name for this country alone, and down",
        site(helper_dns={HOST: _NOWHERE}, everywhere=at("tcp", TIMEOUT)),
        GONE,
    ),
    **both(
        "denied by a secure resolver and to the helper, and there",
        site(doh={HOST: _NOWHERE}, helper_dns={HOST: _NOWHERE}),
        FINE,
    ),
    **both(
        "a public resolver invents it",
        World(system={HOST: _NOWHERE}, spoofed={HOST: (STRANGER,)}, servers={STRANGER: _SEARCH}),
        GONE,
    ),
    "a redirect, then a name that is gone": Staged(behind(HTTPS, gone=True), SHORT, GONE),
    **both("a name of this network alone", World(system={HOST: (_CACHE,)}), GONE),
    **both(
        "one private address of two, for all",
        World(
            names={HOST: ("127.0.0.1", SITE)},
            pages={HTTP: HOME, HTTPS: HOME},
            system={HOST: ("127.0.0.1",)},
        ),
        NOT_BLOCKED,
    ),
    **both(
        "a cache at a private address, and the helper turned away",
        site(
            system={HOST: (_CACHE,)},
            proxies=frozenset({_CACHE}),
            there=at("http", page("Denied", times=1, status=403)),
        ),
        NOT_BLOCKED,
        may_be_blocked("dns.bogon"),
    ),
    **both(
        "the resolver answers for no name",
        site(system={HOST: "android_dns_cache_no_data"}, deaf=True),
        UNDECIDED,
        may_be_blocked("dns.nodata"),
    ),
    **both("the helper is denied it", site(helper_dns={HOST: "dns_nxdomain_error"}), FINE),
    **both(
        "dead names lead to the provider",
        World(system={HOST: (STRANGER,)}, servers={STRANGER: _SEARCH}),
        GONE,
    ),
    **both(
        "dead names lead to the provider, who answers for all resolvers",
        World(spoofed={HOST: (STRANGER,)}, servers={STRANGER: _SEARCH}, intercepted=True),
        GONE,
    ),
    **both(
        "the addresses of a tunnel",
        site(system={HOST: (_TUNNEL,)}, proxies=frozenset({_TUNNEL})),
        UNDECIDED,
    ),
    **both("the addresses of a tunnel that fails", site(system={HOST: (_TUNNEL,)}), UNDECIDED),
    **both(
        "a cache at a private address",
        site(system={HOST: (_CACHE,)}, proxies=frozenset({_CACHE})),
        NOT_BLOCKED,
    ),
    **both(
        "a site of this network at a private address",
        site(system={HOST: (_CACHE,)}, asns={SITE: 64999}),
        NOT_BLOCKED,
        may_be_blocked("dns.bogon"),
    ),
}
EDGES: dict[str, Staged] = {
    **both("another edge", _edge(), FINE),
    "an edge of the same network with another's certificate": Staged(
        _edge(_FAR, asns={_FAR: 64600}, everywhere=at("tls", "ssl_invalid_hostname", _FAR)),
        HTTPS,
        NOT_BLOCKED,
        may_be_blocked("dns.wrong_address"),
    ),
    "a redirect, then a chain that lacks a link": Staged(
        World(
            names={"short.example": ("5.23.9.9",), HOST: (SITE, SITE2)},
            pages={SHORT: moved(HTTPS), HTTPS: HOME},
            system={HOST: (SITE2,)},
            everywhere=at("tls", "ssl_unknown_authority", SITE2),
        ),
        SHORT,
        NOT_BLOCKED,
    ),
    **both("an edge that is silent to strangers", _edge(there=at("tcp", TIMEOUT, EDGE)), FINE),
    **both("an edge that refuses strangers", _edge(there=at("tcp", REFUSED, EDGE)), FINE),
    **both("an edge that is broken", _edge(everywhere=at("tcp", TIMEOUT, EDGE)), GONE),
    **both(
        "an edge whose chain lacks a link",
        _edge(SITE2, everywhere=at("tls", "ssl_unknown_authority", SITE2)),
        NOT_BLOCKED,
    ),
    **both(
        "an edge whose address censors give for others",
        _edge(
            _FORGED_ELSEWHERE,
            everywhere=at("tcp", TIMEOUT, _FORGED_ELSEWHERE),
            asns={SITE: 32934, _FORGED_ELSEWHERE: 32934},
        ),
        GONE,
    ),
    "an edge that resets all": Staged(
        _edge(SITE2, everywhere=at("tls", RESET, SITE2)),
        HTTPS,
        NOT_BLOCKED,
        may_be_blocked("tls.reset"),
    ),
    **both(
        "one wrong address of two",
        World(
            names={HOST: (SITE, EDGE)},
            pages={HTTP: HOME, HTTPS: HOME},
            system={HOST: (EDGE, STRANGER)},
            helper_dns={HOST: (SITE,)},
            servers={STRANGER: _SEARCH},
            there=at("http", page("Denied", times=1, status=403)),
        ),
        NOT_BLOCKED,
    ),
    "an edge without the site's certificate": Staged(
        site(system={HOST: (EDGE,)}, servers={EDGE: HOME}), HTTP, FINE
    ),
    "an edge for http alone, with other words": Staged(
        site(
            page("Harbour", times=900, headers=_SOFTWARE),
            system={HOST: (EDGE,)},
            servers={EDGE: page("Startseite", times=90, headers=_SOFTWARE)},
            everywhere={("tcp", EDGE, "443"): REFUSED},
        ),
        HTTP,
        NOT_BLOCKED,
    ),
    "a redirect, then an edge that is broken": Staged(
        behind(
            HTTPS, system={HOST: (EDGE,)}, servers={EDGE: HOME}, everywhere=at("tcp", TIMEOUT, EDGE)
        ),
        SHORT,
        NOT_BLOCKED,
    ),
    "a false certificate off the way, and a broken edge": Staged(
        _edge(everywhere=at("tcp", TIMEOUT, EDGE), here=at("tls", "ssl_unknown_authority")),
        HTTPS,
        NOT_BLOCKED,
    ),
    **both("one dead server of two", site(HOME, SITE, SITE2, everywhere=at("tcp", TIMEOUT)), OK),
    **both("one dead server of two, here alone", site(HOME, SITE, SITE2, here=at("tcp", EOF)), OK),
}
IPV6: dict[str, Staged] = {
    **both("IPv6 without a route", site(HOME, SITE, SITE6, here=_sixth("network_unreachable")), OK),
    **both("IPv6 that is lost", site(HOME, SITE, SITE6, here=_sixth(TIMEOUT)), OK),
    **both(
        "IPv6 alone, no route", site(HOME, SITE6, here=_sixth("network_unreachable")), UNDECIDED
    ),
    **both(
        "IPv6 alone, turned back", site(HOME, SITE6, here=_sixth("host_unreachable")), UNDECIDED
    ),
    **both("IPv6 alone, lost", site(HOME, SITE6, here=_sixth(TIMEOUT)), UNDECIDED),
    **both(
        "IPv6 alone, which the resolver gives nobody",
        site(HOME, SITE6, system={HOST: "dns_no_answer"}),
        NOT_BLOCKED,
    ),
}
