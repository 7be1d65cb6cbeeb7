"""Closer look-alikes: each differs from what a rule is about in one thing alone."""

import msgspec

from heliograph.model import Step
from tests.unit.analysis.builders import (
    BOGON,
    HOST,
    REAL,
    REAL2,
    TIMEOUT,
    UNKNOWN_CA,
    WRONG,
    WRONG_NAME,
    certificate,
    control_here,
    found_again,
    ipv6_control,
    measured,
    plain,
    system,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import (
    NOTICE_TEXT,
    OTHER_ASN,
    SITE_ASN,
    elsewhere,
    in_network,
    notice,
    page,
    pages_at,
    secure,
    seen,
    seen_dns,
    seen_plain,
    seen_tcp,
    seen_tls,
    swapped,
    tried_again,
)
from tests.unit.analysis.cases_answers import LED, POOL
from tests.unit.analysis.cases_dns import AGREED, FOUND, REACHED, WORDS, Cases

_OWN_ASN, _FAR = 64500, "XB"
"""The vantage's network, and a country that is not its own."""
_IN_PRIVATE = (system(BOGON), tls(), *LED, in_network(SITE_ASN, trusted(REAL)))
_NOTICE = pages_at(WRONG, notice(), notice())
_FALSE = tls(failure=UNKNOWN_CA, chain=(certificate("CN=Filter", HOST),))
_ANOTHER = msgspec.structs.replace(certificate("CN=Filter", HOST), sha256="11")


def _far_away(*shown: Step, others: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """Led, twice, to a far country, where one page is shown for every name."""
    led = in_network(OTHER_ASN, system(WRONG, *others), _FAR)
    return led, *AGREED, *shown, tls(), *LED, found_again(WRONG), *_NOTICE


_ONE_PAGE: Cases = {
    "in a far country, at an address without TLS": measured(*_far_away(tls(WRONG, TIMEOUT))),
    "in a far country; another of the addresses is a site of its own": measured(
        *_far_away(tls(WRONG, TIMEOUT), tls(POOL, WRONG_NAME), others=(POOL,))
    ),
}
_OF_ITS_OWN: Cases = {
    "in a far country, at an address that is another site's by now": measured(
        *_far_away(tls(WRONG, WRONG_NAME))
    ),
}

FIRES: dict[str, Cases] = {
    "dns.wrong_address": {
        "a false certificate for the name, in a far country": measured(
            in_network(OTHER_ASN, system(WRONG), _FAR),
            *AGREED,
            tls(WRONG, UNKNOWN_CA, chain=(certificate("CN=Filter", HOST),)),
            tls(),
            *LED,
        ),
    },
    "dns.wrong_address.one_page": _ONE_PAGE,
    "http.blockpage.one_page": _ONE_PAGE,
    "down.private": {
        "the control is given a private address, too": measured(system(BOGON), seen_dns(BOGON)),
    },
}
SPARES: dict[str, Cases] = {
    "surroundings.resolver": {
        "it gives nobody IPv6 addresses, and the target's IPv4 address": measured(
            *REACHED, ipv6_control()
        ),
    },
    "dns.bogon": {
        "the site has an address in the provider's network, which is proved to the control": (
            measured(*_IN_PRIVATE, in_network(_OWN_ASN, seen_dns(REAL2)), seen_tls(REAL2))
        ),
        "the site has an address in the provider's network, says a resolver in the clear": (
            measured(*_IN_PRIVATE, in_network(_OWN_ASN, trusted(REAL2, transport="udp")))
        ),
    },
    "dns.wrong_address.one_page": _OF_ITS_OWN,
    "http.blockpage.one_page": _OF_ITS_OWN,
    "tls.mitm.control": {
        "it says that whoever issued the control's issued it, and lacks what would prove it": (
            measured(
                *FOUND,
                *AGREED,
                _FALSE,
                seen_dns(REAL),
                seen_tcp(),
                elsewhere(tls(chain=(_ANOTHER,))),
                *tried_again(_FALSE),
            )
        ),
        "the second try was cut off": measured(
            *FOUND, *AGREED, _FALSE, *seen(), tried_again(_FALSE)[0]
        ),
    },
    "http.blockpage": {
        "a stranger's server shows the page, too, and so does the site over TLS": plain(
            *FOUND,
            *AGREED,
            notice(),
            *seen_plain(),
            secure(page(title="Notice", text=NOTICE_TEXT, port=443)),
            *swapped(notice(), page(title="Control"), page(404, "Not Found", text=None)),
        ),
    },
    **{
        f"tls.{name}": {
            "another name is answered there; the second try was cut off": measured(
                *FOUND,
                *AGREED,
                tls(failure=word),
                control_here(tls()),
                *seen(),
                tried_again(tls(failure=word))[0],
            ),
        }
        for name, word in WORDS.items()
    },
}
