"""What a simulated network can do to a probe, and what nobody does to it, one world each."""

from dataclasses import replace
from typing import Any

from tests.unit.ooni_expected import (
    DOWN,
    GONE,
    NOT_BLOCKED,
    OK,
    RESTRICTED,
    UNDECIDED,
    Staged,
    Told,
    blocked,
    may_be_blocked,
)
from tests.unit.ooni_world import (
    BOGON,
    EOF,
    HOME,
    HOST,
    HTTP,
    HTTPS,
    NOTICE,
    PROXY,
    REFUSED,
    RESET,
    SITE,
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

SHORT = "https://short.example/1"
_LARGE = Page("\x00\x01" * (1 << 18), headers=(("Content-Type", "application/octet-stream"),))
_CHALLENGE = page("Just a moment...", "Checking your browser", 1, status=503)
_MISLED: dict[str, Answer] = {HOST: (STRANGER,)}
_PROXIED: dict[str, Answer] = {HOST: (PROXY,)}
_PROXIES = frozenset({PROXY})
_FORGER = World(
    spoofed=_MISLED, servers={STRANGER: NOTICE}, everywhere={("tcp", STRANGER, "443"): REFUSED}
)
_SHUT = site(
    spoofed=_MISLED,
    servers={STRANGER: NOTICE},
    here={("tcp", STRANGER, "80"): REFUSED},
    everywhere={("tcp", STRANGER, "443"): REFUSED},
)
_NOWHERE = replace(moved("http://"), failure="http_invalid_redirect_location_host")
_STALLED = at("http", Page("\x00" * 4000, failure=TIMEOUT))


def both(name: str, world: World, told: Told, before: Told | None = None) -> dict[str, Staged]:
    """The same world looked at over both schemes."""
    return {
        f"{name}, {url.partition(':')[0]}": Staged(world, url, told, before)
        for url in (HTTP, HTTPS)
    }


def behind(there: str, *, gone: bool = False, **more: Any) -> World:
    """A service for short links, whose redirect leads to a site, or to one that is no more."""
    names: dict[str, Answer] = {"short.example": ("5.23.9.9",), HOST: (SITE,)}
    if gone:
        names.pop(HOST)
    pages: dict[str, Page | str] = {SHORT: moved(there, 308), HTTP: HOME, HTTPS: HOME}
    return World(names=names, pages=pages, asns={"5.23.9.9": 64801}, **more)


def _around(scheme: str) -> Staged:
    """Redirects without an end."""
    start = f"{scheme}://{HOST}/"
    pages = {f"{start}{n}": moved(f"/{n + 1}") for n in range(30)}
    return Staged(World(names={HOST: (SITE,)}, pages=pages), f"{start}0", GONE)


def _stopped_behind(there: str, kind: str, before: Told) -> dict[str, Staged]:
    """Redirects that are followed to a site that is not reached."""
    words = {"reset": RESET, "eof": EOF, "timeout": TIMEOUT}
    made = {
        f"a redirect to {there}, then {name}": Staged(
            behind(there, here=at(kind, word)), SHORT, blocked(f"{kind}.{name}", hop=2), before
        )
        for name, word in words.items()
    }
    made[f"a redirect to {there}, then refused"] = Staged(
        behind(there, here=at("tcp", REFUSED)), SHORT, blocked("tcp.refused", hop=2), UNDECIDED
    )
    return made


FINE_SITES: dict[str, Staged] = {
    **both("a site that works", site(), OK),
    "an international name": Staged(site(host="xn--mgbh0fb.example"), "http://مثال.example/", OK),
    "an international name in capitals": Staged(
        site(host="xn--bung-zra.example"), "http://Übung.example/", OK
    ),
    "a redirect to another host for all": Staged(
        World(
            names={HOST: (SITE,), "quay.test": ("5.23.9.9",)},
            pages={HTTP: moved("https://quay.test/", 308), "https://quay.test/": HOME},
        ),
        HTTP,
        OK,
    ),
    **both(
        "a file too large to be kept", site(_LARGE, there=at("http", page("", times=1 << 20))), OK
    ),
    **both(
        "led to a proxy that passes everything on", site(spoofed=_PROXIED, proxies=_PROXIES), OK
    ),
    **both("a test for robots here alone", site(here=at("http", _CHALLENGE)), RESTRICTED),
    "no helper answers, http": Staged(site(helper_failure=RESET), HTTP, UNDECIDED),
    "no helper answers, https": Staged(site(helper_failure=RESET), HTTPS, OK),
    **both(
        "a redirect to nowhere here alone", site(here=at("http", moved("http://"))), NOT_BLOCKED
    ),
    **both("a page that stalls", site(here=_STALLED), UNDECIDED),
}
DEAD_SITES: dict[str, Staged] = {
    **both("a redirect to nowhere", site(_NOWHERE, there=at("http", "unknown_error")), DOWN, GONE),
    "a certificate that is over": Staged(
        site(everywhere=at("tls", "ssl_invalid_certificate")), HTTPS, DOWN, GONE
    ),
    "a certificate for another name": Staged(
        site(everywhere=at("tls", "ssl_invalid_hostname")), HTTPS, DOWN, GONE
    ),
    "a certificate nobody issued": Staged(
        site(everywhere=at("tls", "ssl_unknown_authority")), HTTPS, DOWN, GONE
    ),
    **both("at home at this very host for all", World(names={HOST: ("127.0.0.1",)}), DOWN),
    "redirects without an end, http": _around("http"),
    "redirects without an end, https": _around("https"),
    "a name that is gone": Staged(World(), HTTP, DOWN),
    "a name without addresses": Staged(World(names={HOST: ()}), HTTPS, DOWN),
    "closed for all": Staged(site(everywhere=at("tcp", REFUSED)), HTTPS, DOWN),
}
STAGED: dict[str, Staged] = {
    "misled to a server with a certificate nobody issued": Staged(
        site(
            spoofed=_MISLED,
            servers={STRANGER: NOTICE},
            everywhere=at("tls", "ssl_unknown_authority", STRANGER),
        ),
        HTTPS,
        blocked("dns.wrong_address"),
    ),
    "no data for Android": Staged(
        site(system={HOST: "android_dns_cache_no_data"}),
        HTTPS,
        blocked("dns.nodata"),
        may_be_blocked("dns.nodata"),
    ),
    "denied": Staged(site(system={HOST: "dns_nxdomain_error"}), HTTPS, blocked("dns.nxdomain")),
    "a private address": Staged(site(system={HOST: (BOGON,)}), HTTPS, blocked("dns.bogon")),
    **both("led to this very host", site(spoofed={HOST: ("127.0.0.1",)}), blocked("dns.bogon")),
    **both("a forger answers for a name that is gone", _FORGER, blocked("dns.wrong_address"), GONE),
    "reset in the clear": Staged(site(here=at("http", RESET)), HTTP, blocked("http.reset")),
    "a notice": Staged(site(here=at("http", NOTICE)), HTTP, blocked("http.blockpage")),
    "a notice from a proxy the name is led to": Staged(
        site(spoofed=_PROXIED, proxies=_PROXIES, here=at("http", NOTICE)),
        HTTP,
        blocked("http.blockpage"),
        blocked("http.blockpage", "dns.wrong_address"),
    ),
    **_stopped_behind(HTTP, "http", may_be_blocked("http.reset", "http.eof", hop=2)),
    **_stopped_behind(HTTPS, "tls", may_be_blocked("tls.reset", hop=2)),
    "a redirect, then denied": Staged(
        behind(HTTPS, spoofed={HOST: "dns_nxdomain_error"}),
        SHORT,
        blocked("dns.nxdomain", hop=2),
        UNDECIDED,
    ),
    "no connection": Staged(site(here=at("tcp", TIMEOUT)), HTTPS, blocked("tcp.timeout")),
    "misled to a server that takes no connection": Staged(
        _SHUT, HTTP, blocked("dns.wrong_address"), UNDECIDED
    ),
    "reset at the handshake": Staged(site(here=at("tls", RESET)), HTTPS, blocked("tls.reset")),
    "reset at a proxy the name is led to": Staged(
        site(spoofed=_PROXIED, proxies=_PROXIES, here=at("tls", RESET, PROXY, SITE)),
        HTTPS,
        blocked("tls.reset"),
    ),
}
