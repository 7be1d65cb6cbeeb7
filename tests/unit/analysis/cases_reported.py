"""Forged answers and block pages that others reported, and what only looks like them.

What is known is looked up in the list that is shipped, and never written here.
"""

from collections.abc import Iterator

from analysis.known import BlockPage, Forged, Marks, Scope, known
from heliograph.address import Guard
from heliograph.model import Step
from tests.unit.analysis.builders import (
    BOGON,
    NXDOMAIN,
    REAL,
    REAL2,
    TIMEOUT,
    WRONG,
    measured,
    plain,
    system,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import (
    OTHER_ASN,
    SITE_ASN,
    in_network,
    notice,
    page,
    redirect,
    seen_dns,
    seen_plain,
    seen_tls,
    sized,
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


def _places(*, product: bool = False) -> Iterator[str]:
    """Where known pages lead: hosts, and beginnings of paths there."""
    for entry in known().page:
        if _is_products(entry) is product:
            yield from entry.leads_to


def _marks() -> Iterator[Marks]:
    for entry in known().page:
        if not _is_products(entry):
            yield from entry.shows


FORGED, FORGED_BOGON = (next(_reported(bogon=bogon)) for bogon in (False, True))
OF_A_PRODUCT = next(_reported(product=True))
_OWNED = next(_reported(owned=True))
_PLACE = next(place for place in _places() if "/" in place)
_BLOCK_HOST = _PLACE.partition("/")[0]
LED = redirect(f"http://{_PLACE}")
LED_BY_PRODUCT = redirect(f"http://{next(_places(product=True))}")
_BARE, _TITLED = (
    next(marks for marks in _marks() if (marks.title is None) is bare) for bare in (True, False)
)
_FRAMED = page(title=None, text=f'<iframe src="http://{_PLACE}">')
_FRAMED_BY_PRODUCT = page(title=None, text=f'<iframe src="http://{next(_places(product=True))}">')


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
