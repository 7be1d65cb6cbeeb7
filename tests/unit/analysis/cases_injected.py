"""Pages that are not the site's, told from the site's own whims: closer look-alikes."""

from heliograph.model import Measurement, Step
from tests.unit.analysis.builders import (
    HOST,
    REAL,
    REAL2,
    RESET,
    TIMEOUT,
    WRONG,
    control_here,
    control_led,
    found_again,
    measured,
    plain,
    resolver_control,
    system,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import (
    OTHER_ASN,
    SITE_ASN,
    in_network,
    lost,
    notice,
    page,
    pages_at,
    redirect,
    secure,
    seen_dns,
    seen_plain,
    swapped,
    tried_again_plain,
)
from tests.unit.analysis.cases_dns import AGREED, FOUND, Cases

_LED = (resolver_control(), control_led())
_OWN, _STRANGERS = page(title="Control"), page(404, "Not Found", text=None)
_NOTICE = pages_at(WRONG, notice(), notice())
_ASTRAY = (system(WRONG), *AGREED, tls(WRONG, TIMEOUT), tls(), *_LED, found_again(WRONG))
"""Led, twice, where nothing proves the name; the site is elsewhere."""
_LANDING = redirect("http://block.example/notice")
_UPGRADE = redirect(f"https://{HOST}/")
_FRAME = page(title=None, text="<iframe src='http://10.10.34.34/'></iframe>", sha256="ab")
_SCRIPT = page(title=None, text="<script>start()</script>", sha256="cd")
_TEXT = page(title=None)


def _clear(here: Step, there: Step, *more: Step) -> Measurement:
    """A page in the clear here, and the one the control is shown."""
    return plain(*FOUND, *AGREED, here, *seen_plain(there), *more)


def _twice(here: Step, there: Step, over_tls: Step, *more: Step) -> Measurement:
    """The page came twice, and over TLS the same server shows another."""
    return _clear(here, there, secure(over_tls), *tried_again_plain(here), *more)


def _site_without_tls(*at_the_site: Step) -> tuple[Step, ...]:
    """Led to one page for all; whether the site is elsewhere, its own server must tell."""
    return (
        in_network(OTHER_ASN, system(WRONG)),
        in_network(SITE_ASN, trusted(REAL)),
        notice(address=WRONG),
        *_LED,
        found_again(WRONG),
        *_NOTICE,
        *at_the_site,
    )


_OVER_TLS = page(port=443)
_SITES = pages_at(REAL, page(), page(404, "Unknown host"))

_ONE_PAGE: Cases = {
    f"a page for all with status {status}": measured(
        *_ASTRAY, *pages_at(WRONG, notice(status), notice(status))
    )
    for status in (403, 451)
}
_NOT_ONE_PAGE: Cases = {
    "a bad request, says the server to every name": measured(
        *_ASTRAY, *pages_at(WRONG, notice(400), notice(400))
    ),
    "a server that hangs up on every name": measured(
        *_ASTRAY, *pages_at(WRONG, lost(RESET), lost(RESET))
    ),
    "the name's own request was cut off": measured(*_ASTRAY, _NOTICE[1]),
    "the resolver leads to another address each time": measured(
        system(REAL2), *AGREED, tls(REAL2, TIMEOUT), tls(), *_LED, found_again(WRONG), *_NOTICE
    ),
    "it lies in the network of an address that a resolver over plain UDP gives": measured(
        in_network(SITE_ASN, system(WRONG)),
        in_network(SITE_ASN, trusted(REAL2, transport="udp")),
        *AGREED,
        tls(),
        *_LED,
        found_again(WRONG),
        *_NOTICE,
    ),
    "it lies in the network of the address the control is led to": measured(
        in_network(SITE_ASN, system(WRONG)),
        in_network(SITE_ASN, seen_dns(REAL)),
        tls(),
        *_LED,
        found_again(WRONG),
        *_NOTICE,
    ),
    "another address of the default path proves the name": measured(
        system(WRONG, REAL2), *AGREED, tls(REAL2), tls(), *_LED, found_again(WRONG), *_NOTICE
    ),
    "another address of the default path is one that others know, and it is down": measured(
        system(WRONG, REAL),
        trusted(REAL, REAL2),
        tls(failure=TIMEOUT),
        tls(REAL2),
        *_LED,
        found_again(WRONG),
        *_NOTICE,
    ),
    "a parked name: the control is shown that page, at another address": plain(
        system(WRONG),
        *AGREED,
        notice(address=WRONG),
        tls(),
        *_LED,
        found_again(WRONG),
        *_NOTICE,
        *seen_plain(notice()),
    ),
    "a site without TLS, and no control says what it shows": plain(*_site_without_tls(*_SITES)),
    "a site without TLS, whose server shows one page for all": plain(
        *_site_without_tls(*pages_at(REAL, page(), page())), *seen_plain()
    ),
    "a site without TLS, at whose server the other name was not tried": plain(
        *_site_without_tls(_SITES[0]), *seen_plain()
    ),
    "a site without TLS, at whose server the name's request was cut off": plain(
        *_site_without_tls(_SITES[1]), *seen_plain()
    ),
}

_TOLD_APART: Cases = {
    "the site shows over TLS what the control is shown": _twice(notice(), page(), _OVER_TLS),
    "the site shows it over TLS; a stranger's server falls silent at the name": _twice(
        notice(), page(), _OVER_TLS, *swapped(lost(RESET), _OWN, _STRANGERS)
    ),
    "the site shows it over TLS; a stranger's server was not told a third name": _twice(
        notice(), page(), _OVER_TLS, *swapped(notice(), _OWN)
    ),
    "the site shows it over TLS; a stranger's server shows a notice for the name, too": _twice(
        notice(), page(), _OVER_TLS, *swapped(notice(403), _OWN, _STRANGERS)
    ),
    "from two servers; at the site's, another name has another page": _clear(
        notice(), page(), control_here(page(404)), *swapped(notice(), _OWN, _STRANGERS)
    ),
    "from two servers; the innocuous page is shown to every name anywhere": _clear(
        notice(), page(), control_here(_OWN), *swapped(notice(), _OWN, _OWN)
    ),
    "a frame, where the site has words": _clear(_FRAME, _TEXT, *swapped(_FRAME, _OWN, _STRANGERS)),
    "words, where the site is all script": _clear(
        _TEXT, _SCRIPT, *swapped(_TEXT, _OWN, _STRANGERS)
    ),
}
_LED_ON: Cases = {
    "the site leads everybody to itself over TLS": _twice(_LANDING, _UPGRADE, _OVER_TLS),
}

_INNOCENT: Cases = {
    "it came twice, and nobody looked over TLS": _clear(
        notice(), page(), *tried_again_plain(notice())
    ),
    "one of several pages that the site shows in turn: it came once": _clear(
        notice(), page(), secure(), *tried_again_plain(page())
    ),
    "nobody asked for it a second time": _clear(notice(), page(), secure()),
    "the second request broke off": _clear(
        notice(), page(), secure(), *tried_again_plain(lost(RESET))
    ),
    "a stranger's server treats the name as any other": _twice(
        notice(), page(), _OVER_TLS, *swapped(_STRANGERS, _OWN, _STRANGERS)
    ),
    "the site refuses us over TLS, and the control in the clear, with one page": _twice(
        page(title="Bonjour"), page(403, "Forbidden"), page(403, "Forbidden", port=443)
    ),
    "a bad request for the control, and for us over TLS": _twice(
        page(title="Bonjour"), page(400, "Bad"), page(400, "Bad", port=443)
    ),
    "the site's page over TLS is like ours and like the control's": _twice(
        page(title=None, text="these words stand alike under here"),
        page(title=None, text="once upon time these words"),
        page(title=None, text="once upon time these words stand alike under", port=443),
    ),
    "the site leads us to its country's site, over TLS as well": _twice(
        redirect("http://site.fr.example/"),
        _UPGRADE,
        redirect("http://site.fr.example/", port=443),
    ),
    "the site leads everybody to itself over TLS, and over TLS it is down": _twice(
        _LANDING, _UPGRADE, page(503, "Unavailable", port=443)
    ),
    "the site leads the control to TLS, and shows us a page, as it does over TLS": _twice(
        page(title="Bonjour"), _UPGRADE, page(title="Salut", port=443)
    ),
    "the site leads the control to another host, and us to a third": _twice(
        redirect("http://site.fr.example/"), redirect("https://site.de.example/"), _OVER_TLS
    ),
    "the innocuous name was not answered at its own server": _clear(
        notice(), page(), *swapped(notice(), lost(RESET), _STRANGERS)
    ),
    "the page is shown for every strange name at a stranger's server": _clear(
        notice(), page(), *swapped(notice(), _OWN, notice())
    ),
    "a stranger's server fell silent at a third name": _clear(
        notice(), page(), *swapped(notice(), _OWN, lost(RESET))
    ),
    **{
        f"an error of a gateway on the way, from two servers: {status}": _clear(
            notice(status), page(), *swapped(notice(status), _OWN, _STRANGERS)
        )
        for status in (500, 503)
    },
}

FIRES: dict[str, Cases] = {
    "dns.wrong_address.one_page": _ONE_PAGE,
    "http.blockpage.one_page": _ONE_PAGE,
    "http.blockpage": _TOLD_APART,
    "http.redirect": _LED_ON,
}
SPARES: dict[str, Cases] = {
    "dns.wrong_address.one_page": _NOT_ONE_PAGE,
    "http.blockpage.one_page": _NOT_ONE_PAGE,
    "http.redirect": _INNOCENT,
    "http.blockpage": _INNOCENT,
}
