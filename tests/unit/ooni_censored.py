"""Looks as networks that censor have been reported to leave them: by name, one world each."""

from typing import Any

from tests.unit.ooni_expected import UNDECIDED, Staged, blocked, may_be_blocked
from tests.unit.ooni_staged import SHORT, behind
from tests.unit.ooni_world import (
    EOF,
    HOME,
    HOST,
    HTTP,
    HTTPS,
    PROXY,
    REFUSED,
    RESET,
    SITE,
    SITE2,
    SITE6,
    STRANGER,
    TIMEOUT,
    Answer,
    Page,
    World,
    at,
    moved,
    page,
    site,
)

_WRONG, _NOTICE = "dns.wrong_address", "http.blockpage"
_FORGED, _POOL, _OWN = "31.99.8.7", "31.13.95.33", "9.50.1.1"
_FORGED6 = "2a03:ffff::1"
_CHALLENGE = page("Just a moment...", times=1, status=503)
_REFUSED = page("Denied", times=1, status=403)
_BY_ORDER = page("Blocked by order", times=1)
_FRAME = Page(
    '<html><head><title>M1-8</title></head><body><iframe src="http://10.10.34.35:80"></iframe>',
    status=403,
)
_KNOWN_NOTICE = Page(
    "<html><head><title>Indosatooredoo Netsafe</title></head>"
    '<body><a href="http://netsafe.indosatooredoo.com">Netsafe</a></body></html>'
)
_LED_TO_NOTICE = World(
    names={HOST: (SITE,), "notice.test": (STRANGER,)},
    pages={HTTP: HOME, "http://notice.test/": _BY_ORDER},
    here=at("http", moved("http://notice.test/")),
)


def _forged(address: str, kind: str, word: str, **more: Any) -> World:
    """Whoever is asked in the clear leads to an address where nobody finds the site."""
    told: dict[str, Answer] = {HOST: (address,)}
    ends = at(kind, word, address)
    return site(spoofed=told, servers={address: _BY_ORDER}, everywhere=ends, **more)


def _provider(address: str, word: str | None = None, **more: Any) -> World:
    """The system's resolver leads to an address of the provider's own."""
    ends = {} if word is None else at("tcp", word, address)
    return site(
        system={HOST: (address,)},
        servers={address: _BY_ORDER},
        asns={address: 64999},
        everywhere=ends,
        **more,
    )


NAMES: dict[str, Staged] = {
    "forged, somebody else's certificate": Staged(
        _forged(_FORGED, "tls", "ssl_invalid_hostname"), HTTPS, blocked(_WRONG)
    ),
    "forged, from a known pool": Staged(
        _forged(_POOL, "tcp", TIMEOUT), HTTPS, blocked(_WRONG), may_be_blocked(_WRONG)
    ),
    "forged, to a void": Staged(_forged(_FORGED, "tcp", TIMEOUT), HTTPS, may_be_blocked(_WRONG)),
    "a known private address": Staged(
        site(spoofed={HOST: ("10.10.34.35",)}), HTTPS, blocked("dns.bogon")
    ),
    "a known private address with a page": Staged(
        site(spoofed={HOST: ("10.10.34.36",)}, servers={"10.10.34.36": _FRAME}),
        HTTP,
        blocked("dns.bogon"),
    ),
    "no address": Staged(site(system={HOST: ("0.0.0.0",)}), HTTPS, blocked("dns.bogon")),
    "this very host": Staged(site(system={HOST: ("127.0.0.1",)}), HTTP, blocked("dns.bogon")),
    "a notice's known address": Staged(_provider("195.175.254.2"), HTTP, blocked(_WRONG, _NOTICE)),
    "a notice's known address that is shut": Staged(
        _provider("195.175.254.2", REFUSED), HTTPS, blocked(_WRONG)
    ),
    "a notice's known address that is silent": Staged(
        _provider("195.175.254.2", TIMEOUT), HTTPS, blocked(_WRONG)
    ),
    "a provider's notice, https": Staged(_provider(_OWN), HTTPS, blocked(_WRONG)),
    "a provider's notice, http": Staged(_provider(_OWN), HTTP, blocked(_WRONG, _NOTICE)),
    "a provider's server that is shut": Staged(_provider(_OWN, REFUSED), HTTPS, blocked(_WRONG)),
    "a provider's server that is silent to strangers": Staged(
        _provider(_OWN, there=at("tcp", TIMEOUT, _OWN)), HTTPS, blocked(_WRONG)
    ),
    "a provider's server that resets": Staged(
        _provider(_OWN, here=at("http", RESET)), HTTP, blocked(_WRONG), UNDECIDED
    ),
    "a provider's server that wants no robots": Staged(
        _provider(_OWN, here=at("http", _CHALLENGE)), HTTP, blocked(_WRONG), UNDECIDED
    ),
    "a provider's server that resets handshakes": Staged(
        _provider(_OWN, here=at("tls", RESET, _OWN)), HTTPS, blocked(_WRONG)
    ),
    "forged, to a server that others reach": Staged(
        _forged(_FORGED, "tls", "ssl_invalid_hostname", here=at("tcp", TIMEOUT, _FORGED)),
        HTTPS,
        blocked(_WRONG),
    ),
    "forged, and the control turned away": Staged(
        _forged(_FORGED, "tls", "ssl_invalid_hostname", there=at("http", _REFUSED)),
        HTTPS,
        blocked(_WRONG),
    ),
    "forged, of both families": Staged(
        site(
            HOME,
            SITE6,
            spoofed={HOST: (_FORGED6,)},
            servers={_FORGED6: _BY_ORDER},
            everywhere=at("tls", "ssl_invalid_hostname", _FORGED6),
        ),
        HTTPS,
        blocked(_WRONG),
    ),
    "denied, and no control": Staged(
        site(spoofed={HOST: "dns_nxdomain_error"}, helper_failure=RESET),
        HTTPS,
        blocked("dns.nxdomain"),
        UNDECIDED,
    ),
    "denied, of IPv6 addresses alone": Staged(
        site(HOME, SITE6, system={HOST: "dns_nxdomain_error"}),
        HTTPS,
        may_be_blocked("dns.nxdomain"),
        blocked("dns.nxdomain"),
    ),
    "a redirect, then no data": Staged(
        behind(HTTPS, system={HOST: "dns_no_answer"}),
        SHORT,
        blocked("dns.nodata", hop=2),
        UNDECIDED,
    ),
    "denied by all": Staged(
        site(spoofed={HOST: "dns_nxdomain_error"}), HTTPS, blocked("dns.nxdomain")
    ),
    "no data": Staged(site(system={HOST: "dns_no_answer"}), HTTPS, blocked("dns.nodata")),
}
CONNECTIONS: dict[str, Staged] = {
    "named, then reset": Staged(site(here=at("tls", RESET)), HTTPS, blocked("tls.reset")),
    "named, then reset everywhere": Staged(
        site(HOME, SITE, SITE2, here=at("tls", RESET, SITE, SITE2)), HTTPS, blocked("tls.reset")
    ),
    "named, then silence": Staged(site(here=at("tls", TIMEOUT)), HTTPS, blocked("tls.timeout")),
    "named, then the system's patience ends": Staged(
        site(here=at("tls", "timed_out")), HTTPS, blocked("tls.timeout")
    ),
    "named, then given up": Staged(
        site(here=at("tls", "connection_aborted")), HTTPS, blocked("tls.reset")
    ),
    "named, then an end": Staged(site(here=at("tls", EOF)), HTTPS, blocked("tls.eof")),
    "asked, then reset": Staged(site(here=at("http", RESET)), HTTP, blocked("http.reset")),
    "asked, then silence": Staged(site(here=at("http", TIMEOUT)), HTTP, blocked("http.timeout")),
    "asked, then an end": Staged(site(here=at("http", EOF)), HTTP, blocked("http.eof")),
    "asked, then reset, and nothing found there": Staged(
        site(here=at("http", RESET), there=at("http", page("No", times=1, status=404))),
        HTTP,
        blocked("http.reset"),
    ),
    "no way to any server": Staged(
        site(HOME, SITE, SITE2, here=at("tcp", TIMEOUT, SITE, SITE2)), HTTPS, blocked("tcp.timeout")
    ),
    "refused by every server": Staged(
        site(HOME, SITE, SITE2, here=at("tcp", REFUSED, SITE, SITE2)), HTTP, blocked("tcp.refused")
    ),
    "turned back": Staged(
        site(here=at("tcp", "host_unreachable")), HTTPS, blocked("tcp.unreachable")
    ),
    "named, then reset, and the control turned away": Staged(
        site(here=at("tls", RESET), there=at("http", _REFUSED)), HTTPS, blocked("tls.reset")
    ),
    "a false certificate at an IPv6 address": Staged(
        site(HOME, SITE6, here=at("tls", "ssl_unknown_authority", SITE6)),
        HTTPS,
        blocked("tls.mitm"),
    ),
    "a false certificate at a proxy": Staged(
        site(
            spoofed={HOST: (PROXY,)},
            proxies=frozenset({PROXY}),
            here=at("tls", "ssl_unknown_authority", PROXY, SITE),
        ),
        HTTPS,
        blocked("tls.mitm"),
        blocked("tls.mitm", _WRONG),
    ),
    "a false certificate": Staged(
        site(here=at("tls", "ssl_unknown_authority")), HTTPS, blocked("tls.mitm")
    ),
    "frozen after some kilobytes": Staged(
        site(here=at("http", Page("x" * 16_000, failure=TIMEOUT))), HTTPS, UNDECIDED
    ),
}
PAGES: dict[str, Staged] = {
    "a known frame in its place": Staged(
        site(here=at("http", _FRAME)), HTTP, blocked(_NOTICE, "http.redirect")
    ),
    "a known notice": Staged(site(here=at("http", _KNOWN_NOTICE)), HTTP, blocked(_NOTICE)),
    "an unknown notice": Staged(site(here=at("http", _BY_ORDER)), HTTP, blocked(_NOTICE)),
    "led to a known notice": Staged(
        site(here=at("http", moved("http://block.om/"))), HTTP, blocked("http.redirect")
    ),
    "led to an unknown notice": Staged(_LED_TO_NOTICE, HTTP, may_be_blocked("http.redirect")),
}
