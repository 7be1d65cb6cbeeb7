"""Innocent reasons of a resolver and of a server, and what only sounds like one."""

import msgspec

from heliograph.failure import Failure
from heliograph.model import Measurement, Step
from tests.unit.analysis.builders import (
    BOGON,
    HOST,
    NOWHERE,
    NXDOMAIN,
    REAL,
    SERVFAIL,
    UNKNOWN_CA,
    WRONG,
    WRONG_NAME,
    again,
    certificate,
    control_led,
    measured,
    plain,
    resolver_control,
    system,
    tcp,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import (
    LATER,
    OTHER_ASN,
    SITE_ASN,
    asked,
    elsewhere,
    explained,
    in_network,
    notice,
    page,
    pages_at,
    secure,
    seen,
    seen_plain,
    swapped,
    tried_again,
    tried_again_plain,
)
from tests.unit.analysis.cases_dns import AGREED, FOUND, Cases, denied

_OWN_ASN, _OWN_COUNTRY, _FAR = 64500, "XA", "XB"
"""Where the vantage is, and where it is not."""

_FAILED = (*denied(SERVFAIL), resolver_control(), *again(SERVFAIL), trusted(REAL))
_GONE = (*denied(NXDOMAIN), resolver_control(), *again(NXDOMAIN), trusted(REAL))
_LED = (resolver_control(), control_led())
_MISFORTUNES = (1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 14, 22, 23)


def _in_private(own: Step, address: str = BOGON) -> tuple[Step, ...]:
    return system(address), own, tls(), *_LED


_REFUSED = tcp(failure=Failure.CONNECTION_REFUSED)
_AT_ONCE = tuple(
    msgspec.structs.replace(step, started=LATER - 0.5, seconds=0.25)
    for step in tried_again(_REFUSED)
)

_STRANGE = certificate("CN=Site's own authority", HOST)
_ANOTHER = msgspec.structs.replace(_STRANGE, sha256="11")
_NAMELESS = certificate("CN=Somebody", "other.example")
_SHOWN = tls(WRONG, UNKNOWN_CA, chain=(_STRANGE,))
_EXPOSED = (system(WRONG), *AGREED, _SHOWN, tls(), *_LED)
_TELLS_APART = pages_at(WRONG, page(), notice(421))
_SAME_THERE = elsewhere(_SHOWN)


def _moved(asn: int, country: str | None) -> tuple[Step, ...]:
    """An old address, with the certificate of whoever lives there now."""
    led = in_network(asn, system(WRONG), country)
    return led, *AGREED, tls(WRONG, WRONG_NAME), tls(), *_LED


_TITLED = page(text="<p>Reading this was forbidden</p>")
"""Under the site's own title."""


def _titled(*more: Step, over_tls: Step | None) -> Measurement:
    """In the clear comes another text than the control is shown, under the same title."""
    shown = () if over_tls is None else (secure(over_tls),)
    return plain(
        *FOUND, *AGREED, tls(), _TITLED, *seen_plain(), *tried_again_plain(_TITLED), *shown, *more
    )


_ELSEWHERE_TOO = swapped(_TITLED, page(title="Control"), page(404, text=None))

FIRES: dict[str, Cases] = {
    "http.blockpage": {
        "under the site's title; over TLS the site shows what the control sees": _titled(
            *_ELSEWHERE_TOO, over_tls=page(port=443)
        ),
    },
    "dns.servfail": {
        "it says that it censors": measured(*_FAILED, explained(failure=SERVFAIL, reasons=(16,))),
        "a reason that is none of those known": measured(
            *_FAILED, explained(failure=SERVFAIL, reasons=(3,))
        ),
        "without a reason": measured(*_FAILED, explained(failure=SERVFAIL, reasons=())),
    },
    "dns.nxdomain": {
        "the name's own servers are not to blame for a denial": measured(
            *_GONE, explained(failure=NXDOMAIN, reasons=(22,))
        ),
    },
    "dns.bogon": {
        "the site lives in another network": measured(
            *_in_private(in_network(SITE_ASN, trusted(REAL)))
        ),
        "an address nobody uses inside, though the site is the provider's": measured(
            *_in_private(in_network(_OWN_ASN, trusted(REAL)), NOWHERE)
        ),
    },
    "dns.wrong_address": {
        "nobody else is shown that certificate": measured(*_EXPOSED, *_TELLS_APART),
        "the control is shown another one there": measured(
            *_EXPOSED,
            *_TELLS_APART,
            elsewhere(tls(WRONG, UNKNOWN_CA, chain=(_ANOTHER,))),
        ),
        "it is for other names": measured(
            system(WRONG),
            *AGREED,
            tls(WRONG, UNKNOWN_CA, chain=(_NAMELESS,)),
            tls(),
            *_LED,
            *_TELLS_APART,
            elsewhere(tls(WRONG, UNKNOWN_CA, chain=(_NAMELESS,))),
        ),
        "the control is shown the same, and there is one page for every name": measured(
            *_EXPOSED, _SAME_THERE, *pages_at(WRONG, notice(), notice())
        ),
    },
    "dns.wrong_address.other_site": {
        "in the vantage's own network": measured(*_moved(_OWN_ASN, _FAR)),
        "in the vantage's country": measured(*_moved(OTHER_ASN, _OWN_COUNTRY)),
        "nobody knows where": measured(system(WRONG), *_moved(0, None)[1:]),
    },
}

SPARES: dict[str, Cases] = {
    "http.blockpage": {
        "under the site's title; nothing is seen over TLS": _titled(*_ELSEWHERE_TOO, over_tls=None),
        "under the site's title; over TLS the site shows the same as in the clear": _titled(
            *_ELSEWHERE_TOO, over_tls=page(text="<p>Reading this was forbidden</p>", port=443)
        ),
        "under the site's title; a stranger's server shows something else": _titled(
            *swapped(page(title="Control"), page(title="Control"), page(404, text=None)),
            over_tls=page(port=443),
        ),
    },
    "dns.servfail": {
        f"its reason is number {reason}": measured(
            *_FAILED, explained(failure=SERVFAIL, reasons=(reason,))
        )
        for reason in _MISFORTUNES
    }
    | {"unchecked, it answers": measured(*_FAILED, explained(REAL, reasons=()))},
    "dns.nxdomain": {
        "its user asked it to filter": measured(*_GONE, explained(failure=NXDOMAIN, reasons=(17,))),
    },
    "dns.bogon": {
        "its user asked it to filter": measured(
            *_in_private(trusted(REAL)), explained(BOGON, reasons=(17,))
        ),
        "the site is the provider's own": measured(
            *_in_private(in_network(_OWN_ASN, trusted(REAL)))
        ),
    },
    "dns.wrong_address": {
        "the site's own server, with a bad certificate for everybody": measured(
            *_EXPOSED, _SAME_THERE, *_TELLS_APART
        ),
    },
    "dns.wrong_address.other_site": {
        "an old address, somebody else's by now, in another country": measured(
            *_moved(OTHER_ASN, _FAR)
        ),
    },
    "tcp.refused": {
        "all within a few seconds: the server may be starting again": measured(
            *FOUND, *AGREED, _REFUSED, asked(), *seen(), *_AT_ONCE
        ),
    },
}
