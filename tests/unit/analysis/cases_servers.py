"""Look-alikes in which servers do it, or the vantage's own provider, and no filter is at work."""

import msgspec

from heliograph.failure import Failure
from tests.unit.analysis.builders import (
    BOGON,
    CONTROL,
    HOST,
    NXDOMAIN,
    REAL,
    REAL2,
    RESET,
    TIMEOUT,
    UNKNOWN_CA,
    WRONG,
    WRONG_NAME,
    certificate,
    control_here,
    forbidden_here,
    found_again,
    measured,
    plain,
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
    in_network,
    page,
    pages_at,
    redirect,
    secure,
    seen,
    seen_dns,
    seen_plain,
    seen_tcp,
    swapped,
    tried_again,
    tried_again_plain,
)
from tests.unit.analysis.cases_answers import LED
from tests.unit.analysis.cases_dns import AGREED, FOUND, WORDS, Cases

_MOVED = (in_network(OTHER_ASN, system(WRONG), "XB"), in_network(SITE_ASN, trusted(REAL)))
"""An old answer leads to where the site was, in a far country; others know where it is now."""
_UNUSED = page(200, "Welcome to nginx!", text="<p>It works, and needs to be set up</p>")
_ON_A_REPLICA = msgspec.structs.replace(_UNUSED, address=REAL2)
_NOTICE_HOST = "notice.isp.example"
_NAMES = (HOST, CONTROL, "nobody.example")
_QUOTA = (
    *FOUND,
    *AGREED,
    tcp(port=80),
    redirect(f"http://{_NOTICE_HOST}/quota"),
    *seen_plain(),
    *LED,
)
"""In the clear, the provider leads its customer to a notice."""
_EACH_TO_ITSELF = swapped(
    *(page(301, None, text=None, location=f"https://{name}/") for name in _NAMES)
)
_FORBIDDEN = forbidden_here()
_SILENT = tcp(WRONG, TIMEOUT, 80)
_TO_ANOTHER = redirect("http://www.site-xa.example/")


def _at_one_owners(word: str) -> Cases:
    """The name ends so at one server, and another of the same owner took it, or none was tried."""
    bad = tls(failure=WORDS[word])
    looked = (
        in_network(SITE_ASN, system(REAL)),
        in_network(SITE_ASN, trusted(REAL)),
        bad,
        control_here(tls(failure=WRONG_NAME)),
        *tried_again(bad),
        *seen(),
    )
    theirs = in_network(SITE_ASN, swap_lookup())
    return {
        "another server of the same owner took the name": measured(
            *looked, theirs, *swapped(tls(failure=WRONG_NAME), tls())
        ),
        "it ends so at another server of the same owner, who may turn the country away": measured(
            *looked, theirs, *swapped(bad, tls())
        ),
        "no server of anybody else was reached": measured(*looked, swap_lookup(NXDOMAIN)),
    }


FIRES: dict[str, Cases] = {}
SPARES: dict[str, Cases] = {
    **{f"tls.{word}": _at_one_owners(word) for word in WORDS},
    "dns.injection": {
        "one of two servers behind a resolver had not heard of the name; asked again it has": (
            measured(
                system(failure=NXDOMAIN, replies=(told(rcode="NXDOMAIN"), told(REAL))),
                *AGREED,
                *LED,
                found_again(REAL),
                tcp(),
                tls(),
            )
        ),
    },
    "dns.wrong_address": {
        "where the site was, a server shows the certificate it came with": measured(
            *_MOVED,
            tls(WRONG, UNKNOWN_CA, chain=(certificate("CN=Panel", "panel.example"),)),
            tls(),
            *LED,
            found_again(WRONG),
        ),
    },
    "dns.wrong_address.one_page": {
        "where the site was, a server shows the page it came with": measured(
            *_MOVED,
            tcp(WRONG, RESET),
            tls(),
            *LED,
            found_again(WRONG),
            *pages_at(WRONG, _UNUSED, _UNUSED),
        ),
    },
    "dns.bogon": {
        "the provider's notice has another address in its network": plain(
            *_QUOTA,
            *at_hop(2, system(BOGON), trusted(WRONG), found_again(BOGON), host=_NOTICE_HOST),
        ),
    },
    "tcp.timeout": {
        "the provider's notice is not served on this line": plain(
            *_QUOTA,
            *at_hop(
                2,
                system(WRONG),
                trusted(WRONG),
                _SILENT,
                seen_dns(WRONG),
                seen_tcp(WRONG, port=80),
                elsewhere(page(200, "Quota", address=WRONG)),
                *tried_again_plain(_SILENT),
                host=_NOTICE_HOST,
            ),
        ),
    },
    "tcp.unreachable": {
        "a route or a rule of this very host forbids it": measured(
            *FOUND, *AGREED, _FORBIDDEN, *seen(), *tried_again(_FORBIDDEN)
        ),
    },
    "down.address": {
        "a route or a rule of this very host forbids it, and the control is turned away": measured(
            *FOUND,
            _FORBIDDEN,
            seen_dns(REAL),
            elsewhere(tcp(failure=Failure.CONNECTION_REFUSED)),
        ),
    },
    "http.blockpage": {
        "one of two replicas shows another page; strangers lead each name to itself": plain(
            system(REAL2),
            trusted(REAL, REAL2),
            tcp(REAL2, port=80),
            _ON_A_REPLICA,
            *seen_plain(),
            control_here(_ON_A_REPLICA),
            *_EACH_TO_ITSELF,
            secure(page(port=443, address=REAL2)),
            *tried_again_plain(_ON_A_REPLICA),
        ),
    },
    "http.redirect": {
        "the site leads a country to its edition; strangers lead each name to itself": plain(
            *FOUND,
            *AGREED,
            _TO_ANOTHER,
            *seen_plain(redirect(f"https://{HOST}/")),
            control_here(page(404, "Not Found", text=None)),
            *_EACH_TO_ITSELF,
            secure(),
            *tried_again_plain(_TO_ANOTHER),
        ),
    },
}
