"""What comparing pages shows: injected ones, one page for all, the same for everybody."""

from heliograph.failure import Failure
from tests.unit.analysis.builders import (
    HOST,
    NXDOMAIN,
    REAL,
    REAL2,
    RESET,
    TIMEOUT,
    UNKNOWN_CA,
    WRONG,
    WRONG_NAME,
    control_led,
    found_again,
    measured,
    plain,
    resolver_control,
    system,
    tcp,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import (
    OTHER_ASN,
    SITE_ASN,
    elsewhere,
    in_network,
    lost,
    notice,
    page,
    pages_at,
    redirect,
    seen,
    seen_dns,
    seen_plain,
    seen_tls,
    swapped,
    two_answers,
)
from tests.unit.analysis.cases_dns import AGREED, FOUND, REACHED, Cases

_LED = (resolver_control(), control_led())
_NOTICE = pages_at(WRONG, notice(), notice())
_ASTRAY = (system(WRONG), *AGREED, tcp(WRONG, TIMEOUT), tls(), *_LED)
_OWN, _STRANGERS = page(title="Control"), page(404, "Not Found", text=None)
_LANDING = redirect("http://block.example/notice")
_NOTICE_HERE = swapped(notice(), _OWN, _STRANGERS)

_ONE_PAGE: Cases = {
    "the address proves nothing by TLS": measured(*_ASTRAY, found_again(WRONG), *_NOTICE),
    "the address has a certificate of its own": measured(
        system(WRONG),
        *AGREED,
        tls(WRONG, WRONG_NAME),
        tls(),
        *_LED,
        found_again(WRONG),
        *_NOTICE,
    ),
    "a site without TLS, which the control sees": plain(
        in_network(OTHER_ASN, system(WRONG)),
        in_network(SITE_ASN, trusted(REAL)),
        notice(address=WRONG),
        *_LED,
        found_again(WRONG),
        *_NOTICE,
        *pages_at(REAL, page(), page(404, "Unknown host")),
        *seen_plain(),
    ),
}
_NOT_ONE_PAGE: Cases = {
    "each name has its own page there": measured(
        *_ASTRAY, found_again(WRONG), *pages_at(WRONG, page(), page(title="Control"))
    ),
    "the other name was not tried there": measured(
        *_ASTRAY, found_again(WRONG), *pages_at(WRONG, notice())
    ),
    "nothing answers there": measured(*_ASTRAY, found_again(WRONG)),
    "the other name got no answer there": measured(
        *_ASTRAY, found_again(WRONG), *pages_at(WRONG, notice(), lost(RESET))
    ),
    "each name is upgraded to its own TLS": measured(
        *_ASTRAY,
        found_again(WRONG),
        *pages_at(WRONG, redirect(f"https://{HOST}/"), redirect("https://control.example/")),
    ),
    "asked again, the resolver leads to the site": measured(*_ASTRAY, found_again(), *_NOTICE),
    "the resolver was not asked again": measured(*_ASTRAY, *_NOTICE),
    "the control proves the name at that address": measured(
        *_ASTRAY, found_again(WRONG), *_NOTICE, seen_dns(REAL), seen_tls(WRONG)
    ),
    "the control is led there as well": measured(
        *_ASTRAY, found_again(WRONG), *_NOTICE, *seen(WRONG)
    ),
    "it lies in the network of the site": measured(
        in_network(SITE_ASN, system(WRONG)),
        in_network(SITE_ASN, trusted(REAL)),
        tls(),
        *_LED,
        found_again(WRONG),
        *_NOTICE,
    ),
    "no innocuous name was led to its own": measured(
        system(WRONG), *AGREED, tls(), resolver_control(), found_again(WRONG), *_NOTICE
    ),
    "nobody proves that the site is elsewhere": measured(
        system(WRONG), *AGREED, *_LED, found_again(WRONG), *_NOTICE
    ),
    "that address proves the name here": measured(
        system(WRONG), *AGREED, tls(WRONG), tls(), *_LED, found_again(WRONG), *_NOTICE
    ),
}

_INJECTED: Cases = {
    "no control was asked": plain(*FOUND, *AGREED, notice(), *_NOTICE_HERE),
    "the control is shown the same": plain(
        *FOUND, *AGREED, notice(), *_NOTICE_HERE, *seen_plain(notice())
    ),
    "the control was lied to": plain(
        *FOUND,
        *AGREED,
        notice(),
        *_NOTICE_HERE,
        seen_dns(replies=two_answers(REAL2, REAL)),
        elsewhere(page()),
    ),
    "the control got no page": plain(*FOUND, *AGREED, notice(), *_NOTICE_HERE, seen_dns(REAL)),
    "the swap was never made": plain(*FOUND, *AGREED, notice(), *seen_plain()),
    "no third name was said there": plain(
        *FOUND, *AGREED, notice(), *swapped(notice(), _OWN), *seen_plain()
    ),
    "a country's own page; a stranger's server has none of it": plain(
        *FOUND,
        *AGREED,
        page(title="Bonjour"),
        *swapped(_STRANGERS, _OWN, _STRANGERS),
        *seen_plain(),
    ),
    "a login wall": plain(
        *FOUND,
        *AGREED,
        redirect(f"http://{HOST}/login"),
        *swapped(_STRANGERS, _OWN, _STRANGERS),
        *seen_plain(),
    ),
    "a country's own site": plain(
        *FOUND,
        *AGREED,
        redirect("http://site.fr.example/"),
        *swapped(_STRANGERS, _OWN, _STRANGERS),
        *seen_plain(redirect("http://site.de.example/")),
    ),
    "a server that shows every stranger the same": plain(
        *FOUND,
        *AGREED,
        page(404, "Not Found", text=None),
        *swapped(_STRANGERS, _OWN, _STRANGERS),
        *seen_plain(),
    ),
    "the stranger's server is in the network of the site": plain(
        in_network(SITE_ASN, system(REAL)),
        in_network(SITE_ASN, trusted(REAL)),
        in_network(SITE_ASN, resolver_control()),
        notice(),
        *_NOTICE_HERE,
        *seen_plain(),
    ),
    "the stranger's server gave no page for the name": plain(
        *FOUND, *AGREED, notice(), *swapped(lost(RESET), _OWN, _STRANGERS), *seen_plain()
    ),
    "over TLS": measured(*REACHED, *seen(step=page(title="Another", port=443))),
}

FIRES: dict[str, Cases] = {
    "dns.wrong_address.one_page": _ONE_PAGE,
    "http.blockpage.one_page": _ONE_PAGE,
    "http.redirect": {
        "to a stranger's page, from two servers": plain(
            *FOUND,
            *AGREED,
            _LANDING,
            *swapped(_LANDING, _OWN, _STRANGERS),
            *seen_plain(),
        ),
    },
    "http.blockpage": {
        f"status {status}, from two servers": plain(
            *FOUND,
            *AGREED,
            notice(status),
            *swapped(notice(status), _OWN, _STRANGERS),
            *seen_plain(),
        )
        for status in (200, 403)
    },
    "reached.refused": {
        f"status {status} here, {there} for the control": measured(
            *FOUND, tls(), page(status, port=443), *seen(step=page(there, port=443))
        )
        for status, there in ((403, 200), (429, 200), (403, 301))
    },
    "reached.same_page": {
        "the same words": plain(*FOUND, *AGREED, page(), *seen_plain()),
        "a redirect the control gets, too": plain(
            *FOUND,
            *AGREED,
            redirect(f"https://{HOST}/"),
            *seen_plain(redirect(f"https://{HOST}/")),
        ),
        "not found, by everybody": plain(
            *FOUND, *AGREED, page(404, "Not Found"), *seen_plain(page(404, "Not Found"))
        ),
        "another address in the network of the site": plain(
            in_network(SITE_ASN, system(REAL2)),
            in_network(SITE_ASN, trusted(REAL)),
            page(address=REAL2),
            *seen_plain(),
        ),
        "nobody else knows the address but the control": plain(*FOUND, page(), *seen_plain()),
    },
    "down.error": {
        f"status {here} here, {there} for the control": measured(
            *FOUND, tls(), page(here, port=443), *seen(step=page(there, port=443))
        )
        for here, there in ((502, 502), (500, 503))
    },
    "down.address": {
        "dropped here, refused there": measured(
            *FOUND,
            *AGREED,
            tcp(failure=TIMEOUT),
            seen_dns(REAL),
            elsewhere(tcp(failure=Failure.CONNECTION_REFUSED)),
        ),
    },
    "down.handshake": {
        f"{word} for both": measured(
            *FOUND, *AGREED, tcp(), tls(failure=word), seen_dns(REAL), seen_tls(failure=word)
        )
        for word in (RESET, UNKNOWN_CA, WRONG_NAME, Failure.SSL_INVALID_CERTIFICATE)
    },
    "down.request": {
        "reset for both": plain(
            *FOUND, *AGREED, lost(RESET), seen_dns(REAL), elsewhere(lost(RESET))
        ),
    },
}

SPARES: dict[str, Cases] = {
    "dns.wrong_address.one_page": _NOT_ONE_PAGE,
    "http.blockpage.one_page": _NOT_ONE_PAGE,
    "http.redirect": _INJECTED,
    "http.blockpage": _INJECTED,
    "reached.refused": {
        "no control was asked": measured(*FOUND, tls(), page(403, port=443)),
        "the control is refused, too": measured(
            *FOUND, tls(), page(403, port=443), *seen(step=page(403, port=443))
        ),
        "an error": measured(*FOUND, tls(), page(503, port=443), *seen()),
        "without TLS": plain(*FOUND, *AGREED, page(403), *seen_plain()),
        "the certificate proves nothing": measured(
            *FOUND, tls(failure=UNKNOWN_CA), page(403, port=443), *seen()
        ),
    },
    "reached.same_page": {
        "the same title over other words, however few": plain(
            *FOUND, *AGREED, page(text="one thing"), *seen_plain(page(text="another matter"))
        ),
        "no control was asked": plain(*FOUND, *AGREED, page()),
        "the control is shown another": plain(*FOUND, *AGREED, notice(), *seen_plain()),
        "the control was lied to": plain(
            *FOUND, *AGREED, page(), seen_dns(replies=two_answers(WRONG, REAL)), elsewhere(page())
        ),
        "an address nobody else knows": plain(
            system(WRONG), *AGREED, page(address=WRONG), *seen_plain()
        ),
        "over TLS": measured(*REACHED, *seen()),
        "an error for everybody": plain(*FOUND, *AGREED, page(502), *seen_plain(page(502))),
    },
    "down.error": {
        "no control was asked": measured(*FOUND, tls(), page(502, port=443)),
        "the control is served": measured(*FOUND, tls(), page(502, port=443), *seen()),
        "without TLS, other words": plain(
            *FOUND, *AGREED, page(503, "Blocked"), *seen_plain(page(503, "Try later"))
        ),
    },
    "down.address": {
        "no control was asked": measured(*FOUND, *AGREED, tcp(failure=TIMEOUT)),
        "the control gets through": measured(*FOUND, *AGREED, tcp(failure=TIMEOUT), *seen()),
        "the control tried another address only": measured(
            *FOUND, *AGREED, tcp(failure=TIMEOUT), seen_dns(REAL2), elsewhere(tcp(REAL2, TIMEOUT))
        ),
        "an address takes connections": measured(
            *FOUND, *AGREED, tcp(), seen_dns(REAL), elsewhere(tcp(failure=TIMEOUT))
        ),
        "the control was cut off": measured(
            *FOUND,
            *AGREED,
            tcp(failure=TIMEOUT),
            elsewhere(tcp(failure=Failure.INTERRUPTED)),
        ),
    },
    "down.handshake": {
        "no control was asked": measured(*FOUND, *AGREED, tls(failure=RESET)),
        "the control is served": measured(*FOUND, *AGREED, tls(failure=RESET), *seen()),
        "it fails for the control in another way": measured(
            *FOUND, *AGREED, tls(failure=RESET), seen_dns(REAL), seen_tls(failure=TIMEOUT)
        ),
        "it fails for the control at another address": measured(
            *FOUND, *AGREED, tls(failure=RESET), seen_dns(REAL2), seen_tls(REAL2, RESET)
        ),
        "the control is served at another address": measured(
            *FOUND, *AGREED, tls(failure=RESET), *seen(REAL2), seen_tls(failure=RESET)
        ),
        "it is a page in the clear": plain(*FOUND, lost(RESET), elsewhere(lost(RESET))),
    },
    "down.request": {
        "no control was asked": plain(*FOUND, *AGREED, lost(RESET)),
        "the control is served": plain(*FOUND, *AGREED, lost(RESET), *seen_plain()),
        "it fails for the control in another way": plain(
            *FOUND, *AGREED, lost(RESET), seen_dns(REAL), elsewhere(lost(TIMEOUT))
        ),
        "a page came": plain(*FOUND, *AGREED, page(), elsewhere(lost(RESET))),
        "cut off by the deadline": plain(
            *FOUND,
            *AGREED,
            lost(Failure.INTERRUPTED),
            seen_dns(REAL),
            elsewhere(lost(Failure.INTERRUPTED)),
        ),
        "the name was not found": plain(system(failure=NXDOMAIN), elsewhere(lost(RESET))),
        "an innocuous server's silence": plain(
            *FOUND, *AGREED, page(), *swapped(lost(RESET), lost(RESET)), elsewhere(lost(RESET))
        ),
    },
}
