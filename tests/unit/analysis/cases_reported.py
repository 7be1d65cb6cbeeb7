"""Forged answers and block pages that others reported, and what only looks like them.

What is known is looked up in the list that is shipped, and never written here.
"""

from collections.abc import Iterator

import msgspec

from analysis.known import BlockPage, Forged, Marks, Scope, known
from heliograph.address import Guard
from heliograph.model import Step
from tests.unit.analysis.builders import (
    BOGON,
    HOST,
    NXDOMAIN,
    REAL,
    REAL2,
    TIMEOUT,
    UNKNOWN_CA,
    WRONG,
    WRONG_NAME,
    certificate,
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
    at_hop,
    elsewhere,
    in_network,
    notice,
    page,
    redirect,
    seen,
    seen_dns,
    seen_plain,
    seen_tls,
    sized,
    swapped,
)
from tests.unit.analysis.cases_dns import AGREED, FOUND, Cases, denied


def _reported(*, bogon: bool = False, product: bool = False, owned: bool = False) -> Iterator[str]:
    """IPv4 addresses that are known to be forged."""
    for entry in known().address:
        if _is_products(entry) is not product or (entry.owner is not None) is not owned:
            continue
        for address in entry.addresses:
            if ":" not in address and (Guard().bogon(address) is not None) is bogon:
                yield address


def _is_products(entry: Forged | BlockPage) -> bool:
    return entry.scope is Scope.PRODUCT


def _places(scope: Scope = Scope.NATIONAL) -> Iterator[str]:
    """Where known pages lead: hosts, and beginnings of paths there."""
    for entry in known().page:
        if entry.scope is scope:
            yield from entry.leads_to


def _marks() -> Iterator[Marks]:
    for entry in known().page:
        if entry.accuses:
            yield from entry.shows


FORGED, FORGED_BOGON = (next(_reported(bogon=bogon)) for bogon in (False, True))
OF_A_PRODUCT = next(_reported(product=True))
_OWNED = next(_reported(owned=True))
_PLACE = next(place for place in _places() if "/" in place)
_BLOCK_HOST = _PLACE.partition("/")[0]
LED = redirect(f"http://{_PLACE}")
LED_BY_PRODUCT = redirect(f"http://{next(_places(Scope.PRODUCT))}")
LED_BY_LOCK = redirect(f"http://{next(_places(Scope.OPTIONAL))}")
_SIGNED = tls(failure=UNKNOWN_CA, chain=(certificate(",".join(known().issuer[0].names[0]), HOST),))
"""What comes in the place of the site's certificate is signed by a product."""
_BARE, _TITLED = (
    next(marks for marks in _marks() if (marks.title is None) is bare) for bare in (True, False)
)
_FRAMED = page(title=None, text=f'<iframe src="http://{_PLACE}">')
_FRAMED_BY_PRODUCT = page(title=None, text=f'<iframe src="http://{next(_places(Scope.PRODUCT))}">')


def _shown(marks: Marks) -> Step:
    return page(title=marks.title, text=" ".join(marks.body))


BLOCKED, _OTHER_BLOCKED = _shown(_BARE), _shown(_TITLED)


def _answers(forged: str, unknown: str) -> tuple[Cases, Cases]:
    """Answers with an address that is known to be forged, or one that is not."""
    led = (system(forged), tls(forged, TIMEOUT))
    fires = {
        "an encrypted resolver finds the name": measured(system(forged), *AGREED),
        "a control elsewhere finds the name": measured(*led, seen_dns(REAL)),
        "another address proved the name to us": measured(
            *led, trusted(REAL, transport="udp"), tls()
        ),
        "an address proved the name to a control": measured(*led, seen_tls()),
        "the two are in different networks": measured(
            in_network(OTHER_ASN, system(forged)), in_network(SITE_ASN, trusted(REAL))
        ),
    }
    spares = {
        "nobody reported it": measured(system(unknown), *AGREED, tls(REAL)),
        "beside it comes an address nobody reported": measured(system(forged, WRONG), *AGREED),
        "the resolver denies the name": measured(*denied(NXDOMAIN), *AGREED),
        "nobody else was asked": measured(*led),
        "others were asked in the clear alone": measured(*led, trusted(REAL, transport="udp")),
        "a control is given it, too": measured(system(forged), *AGREED, seen_dns(forged, REAL)),
        "it proves the name: it is the target's own": measured(
            system(forged), *AGREED, tls(forged)
        ),
        "it lies in the target's network": measured(
            in_network(SITE_ASN, system(forged)), in_network(SITE_ASN, trusted(REAL))
        ),
    }
    return fires, spares


def _filter_page(led: Step) -> tuple[Cases, Cases]:
    """The way to a page of a filter that accuses nobody, and what only looks like it."""
    compared = (*FOUND, *AGREED, led, *seen_plain())
    fires = {
        "nobody else was shown any": plain(*FOUND, led),
        "a control is shown the page": plain(*compared),
        "a stranger's server shows the same for this name alone": plain(
            *compared, *swapped(led, page(title="Control"), notice(404))
        ),
        "after a redirect in the clear that was nobody's known one": plain(
            *FOUND,
            redirect("http://gate.example/"),
            *at_hop(2, system(REAL), led, host="gate.example"),
        ),
    }
    spares = {
        "it leads to another place": plain(*FOUND, redirect("http://news.example/")),
        "over TLS, where the site itself says so": measured(
            *FOUND, tls(), msgspec.structs.replace(led, port=443)
        ),
        "a control is led to it, too": plain(*FOUND, *AGREED, led, *seen_plain(led)),
        "a control is shown a known page, too": plain(*FOUND, *AGREED, led, *seen_plain(BLOCKED)),
        "the answer is known as a state's": plain(
            system(FORGED), *AGREED, msgspec.structs.replace(led, address=FORGED)
        ),
        "the way to it was by a page that is known as a state's": plain(
            *FOUND, LED, *at_hop(2, system(REAL), led, host=_BLOCK_HOST)
        ),
    }
    return fires, spares


_ALIKE = redirect(f"http://{_BLOCK_HOST}/elsewhere/on/that/host")

FIRES: dict[str, Cases] = {
    "known.http.redirect": {
        "a control is shown the page": plain(*FOUND, *AGREED, LED, *seen_plain()),
    },
    "known.http.redirect.alone": {"without a control": plain(*FOUND, LED)},
    "known.http.blockpage.alone": {
        "without a control": plain(*FOUND, BLOCKED),
        "under a title of its own": plain(*FOUND, _OTHER_BLOCKED),
        "no more than a frame around a known page": plain(*FOUND, _FRAMED),
    },
    "known.http.blockpage": {
        "a control is shown the page": plain(*FOUND, *AGREED, BLOCKED, *seen_plain()),
        "a control is led on": plain(*FOUND, *AGREED, BLOCKED, *seen_plain(_ALIKE)),
    },
}
SPARES: dict[str, Cases] = {
    "known.http.redirect.alone": {
        "it leads to another place": plain(*FOUND, redirect("http://news.example/")),
    },
    "known.http.blockpage.alone": {
        "a control is shown the very same": plain(*FOUND, *AGREED, BLOCKED, *seen_plain(BLOCKED)),
    },
    "known.http.redirect": {
        "it leads to another place": plain(*FOUND, redirect("http://news.example/")),
        "over TLS, where the site itself says so": measured(
            *FOUND, tls(), redirect(f"http://{_PLACE}", port=443)
        ),
        "it is the notice of a filter that anybody may install": plain(*FOUND, LED_BY_PRODUCT),
        "it is the notice of a filter that its customer can have taken off": plain(
            *FOUND, *AGREED, LED_BY_LOCK, *seen_plain()
        ),
        "a control is led to one, too": plain(*FOUND, *AGREED, LED, *seen_plain(LED)),
        "a control is shown one, too": plain(*FOUND, *AGREED, LED, *seen_plain(BLOCKED)),
        "a control is led to the same host": plain(*FOUND, *AGREED, LED, *seen_plain(_ALIKE)),
    },
    "known.http.blockpage": {
        "nobody reported it": plain(*FOUND, notice()),
        "over TLS, where the site itself shows it": measured(
            *FOUND, tls(), page(title=None, text=" ".join(_BARE.body), port=443)
        ),
        "a frame of a filter that anybody may install": plain(*FOUND, _FRAMED_BY_PRODUCT),
        "a control is shown it, too": plain(*FOUND, *AGREED, BLOCKED, *seen_plain(BLOCKED)),
        "a control is shown another one": plain(
            *FOUND, *AGREED, BLOCKED, *seen_plain(_OTHER_BLOCKED)
        ),
        "a control, of whose page no more is known than title and length, too": plain(
            *FOUND, *AGREED, _OTHER_BLOCKED, *seen_plain(sized(900, title=_TITLED.title))
        ),
    },
}
FIRES["known.optional"], SPARES["known.optional"] = _filter_page(LED_BY_LOCK)
FIRES["known.product"], SPARES["known.product"] = _filter_page(LED_BY_PRODUCT)
_BY_CHOICE = (system(OF_A_PRODUCT), *AGREED)
_TRUE_ELSEWHERE = (resolver_control(), control_led(), found_again(OF_A_PRODUCT))
FIRES["known.product"] |= {
    "its frame is shown": plain(*FOUND, _FRAMED_BY_PRODUCT),
    "the answer is its notice's address": measured(*_BY_CHOICE),
    "the answer is its notice's address, and the site is found elsewhere": measured(
        *_BY_CHOICE, tls(OF_A_PRODUCT, UNKNOWN_CA), tls(), *_TRUE_ELSEWHERE, *seen()
    ),
    "beside its notice's address comes another": measured(system(OF_A_PRODUCT, WRONG), *AGREED),
    "it signs the certificate": measured(*FOUND, *AGREED, tcp(), _SIGNED),
    "it signs the certificate, and does so at a stranger's server": measured(
        *FOUND, *AGREED, tcp(), _SIGNED, *swapped(_SIGNED, tls(), tls(failure=WRONG_NAME)), *seen()
    ),
    "it signs what comes where the resolver leads": measured(
        system(WRONG),
        *AGREED,
        msgspec.structs.replace(_SIGNED, address=WRONG),
        tls(),
        *_TRUE_ELSEWHERE,
        *seen(),
    ),
}
SPARES["known.product"] |= {
    "it proves the name at that address: it is the target's own": measured(
        *_BY_CHOICE, tls(OF_A_PRODUCT)
    ),
    "an encrypted resolver gives that address, too": measured(
        system(OF_A_PRODUCT), trusted(OF_A_PRODUCT, REAL)
    ),
    "a control is given that address, too": measured(
        system(OF_A_PRODUCT), *AGREED, seen_dns(OF_A_PRODUCT)
    ),
    "the false certificate is nobody's that is known": measured(
        *FOUND, *AGREED, tls(failure=UNKNOWN_CA, chain=(certificate("CN=Filter", HOST),))
    ),
    "a control is shown such a certificate, too": measured(
        *FOUND, *AGREED, tcp(), _SIGNED, *seen()[:2], elsewhere(_SIGNED)
    ),
    "it comes from an address off the default path": measured(
        *FOUND, *AGREED, msgspec.structs.replace(_SIGNED, address=WRONG)
    ),
    "it signs what one address shows, and another proves the name": measured(
        system(REAL, REAL2), *AGREED, tls(), msgspec.structs.replace(_SIGNED, address=REAL2)
    ),
    "the certificate is valid": measured(
        *FOUND, tls(chain=(certificate(",".join(known().issuer[0].names[0]), HOST),))
    ),
}

for _rule, _addresses in (
    ("known.dns.wrong_address", (FORGED, WRONG)),
    ("known.dns.bogon", (FORGED_BOGON, BOGON)),
):
    FIRES[_rule], SPARES[_rule] = _answers(*_addresses)
_APART = in_network(OTHER_ASN, system(_OWNED))
FIRES["known.dns.wrong_address"] |= {
    "it is somebody's, and the target is in another network": measured(
        _APART, in_network(SITE_ASN, trusted(REAL))
    ),
}
SPARES["known.dns.wrong_address"] |= {
    "an encrypted resolver gives it, too": measured(system(FORGED), trusted(FORGED, REAL)),
    "it is given by a filter that anybody may choose": measured(system(OF_A_PRODUCT), *AGREED),
    "it is somebody's, and nobody knows in which network the target is": measured(_APART, *AGREED),
    "a control is given a part of it, which no public host can have": measured(
        system(FORGED, FORGED_BOGON), *AGREED, seen_dns(FORGED_BOGON, REAL2)
    ),
}
