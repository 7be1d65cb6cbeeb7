"""Chains of redirects and addresses where no resolver lives: what they show, and look-alikes."""

from heliograph.failure import Failure
from heliograph.model import Step
from tests.unit.analysis.builders import (
    HOST,
    NXDOMAIN,
    REAL,
    REAL2,
    RESET,
    SERVFAIL,
    TIMEOUT,
    WRONG,
    control_here,
    http,
    imported,
    imported_plain,
    measured,
    plain,
    system,
    tls,
    told,
    trusted,
)
from tests.unit.analysis.builders_control import (
    at_hop,
    elsewhere,
    ended,
    from_nobody,
    page,
    redirect,
    seen,
    seen_dns,
    seen_plain,
    sized,
    swapped,
)
from tests.unit.analysis.cases_dns import AGREED, FOUND, Cases, denied

NEXT = "www.site.example"
_FORGED = (system(WRONG), *AGREED)
_ANSWERED = from_nobody((told(WRONG),))
_ON = redirect(f"https://{HOST}/on", port=443)
_SECURED = (*FOUND, tls(), _ON)
_NOWHERE = redirect("http:///", port=443)
_SECURED_NOWHERE = (*FOUND, tls(), _NOWHERE)


def _turn(hop: int, last: Step, there: Step) -> tuple[Step, ...]:
    return at_hop(hop, tls(), last, *seen(step=there))


def chain(hops: int, last: Step, there: Step) -> tuple[Step, ...]:
    """So many redirects over TLS, then a last hop."""
    ways = [step for hop in range(2, hops) for step in _turn(hop, _ON, _ON)]
    return (*_SECURED, *seen(step=_ON), *ways, *_turn(hops, last, there))


_BAD = tls(failure=RESET)
_RESET_THERE = at_hop(
    2,
    system(REAL2),
    trusted(REAL2),
    tls(REAL2, RESET),
    control_here(tls(REAL2)),
    host=NEXT,
)
_SWAPPED_THERE = at_hop(2, *swapped(_BAD, tls()))
_AT_HOP_2 = (
    *_RESET_THERE,
    _SWAPPED_THERE[0],
    *at_hop(2, _SWAPPED_THERE[1], host=NEXT),
)
_ROUND = (*_SECURED, *(step for hop in range(2, 12) for step in at_hop(hop, tls(), _ON)))
_NO_END = ended(http(None, Failure.UNKNOWN_FAILURE))
"""A control that follows redirects by itself gave up on them."""
_NEW_PAGE = page(address=REAL2, port=443)
_NEW_SITE = at_hop(2, system(REAL2), tls(REAL2), _NEW_PAGE, host="new.example")
_LED_ASIDE = (*FOUND, redirect("https://new.example/"), *_NEW_SITE)

FIRES: dict[str, Cases] = {
    "dns.injection.proved": {
        "it answers for this name alone": measured(*_FORGED, *_ANSWERED),
        "it denies this name alone": measured(
            *denied(NXDOMAIN),
            trusted(REAL),
            *from_nobody((told(rcode="NXDOMAIN"),), failure=NXDOMAIN),
        ),
    },
    "tls.reset": {
        "at the second hop": measured(
            *FOUND, tls(), redirect(f"https://{NEXT}/", port=443), *_AT_HOP_2
        ),
        "at the second hop, after a redirect in the clear": plain(
            *FOUND, redirect(f"https://{NEXT}/"), *_AT_HOP_2
        ),
    },
    "reached.page": {
        "after ten hops": measured(*chain(10, page(port=443), page(port=443))),
        "upgraded to TLS": plain(
            *FOUND, redirect(f"https://{HOST}/"), *at_hop(2, tls(), page(port=443))
        ),
        "upgraded and sent to www": plain(
            *FOUND,
            redirect(f"https://{NEXT}/"),
            *at_hop(2, system(REAL2), tls(REAL2), page(address=REAL2, port=443), host=NEXT),
        ),
        "sent from www to the bare name, in the clear": measured(
            *FOUND,
            tls(),
            redirect(f"http://{NEXT}/", port=443),
            *at_hop(2, system(REAL2), redirect(f"https://{HOST}/", address=REAL2), host=NEXT),
            *at_hop(3, tls(), page(port=443)),
        ),
        "sent to another name, over TLS": measured(
            *FOUND, tls(), redirect("https://new.example/", port=443), *_NEW_SITE
        ),
        "a control is led to the same stranger, whose name is no ASCII": plain(
            *FOUND,
            *AGREED,
            redirect("https://b\u00fccher.example/"),
            *seen_plain(redirect("https://b\u00fccher.example/")),
            *at_hop(
                2,
                system(REAL2),
                tls(REAL2),
                page(address=REAL2, port=443),
                host="xn--bcher-kva.example",
            ),
        ),
        "a control is led to the same stranger": plain(
            *FOUND,
            *AGREED,
            redirect("https://new.example/"),
            *seen_plain(redirect("https://new.example/")),
            *_NEW_SITE,
        ),
        "a control that follows redirects by itself ends with the same page": imported_plain(
            *_LED_ASIDE, ended(_NEW_PAGE)
        ),
        "refused by the page itself, and so is the control": measured(
            *FOUND, tls(), page(403, port=443), *seen(step=page(403, port=443))
        ),
        "refused, while the control finds nothing": measured(
            *FOUND, tls(), page(403, port=443), *seen(step=page(404, port=443))
        ),
    },
    "reached.451": {
        "at the end of a way over TLS": measured(*_SECURED, *at_hop(2, tls(), page(451, port=443))),
    },
    "down.redirects": {
        "eleven hops, and it still goes on": measured(*chain(11, _ON, _ON)),
        "eleven hops; a control that follows redirects by itself gave up": imported(
            *_ROUND, _NO_END
        ),
    },
    "down.redirect_nowhere": {
        "the control is led nowhere, too": measured(*_SECURED_NOWHERE, *seen(step=_NOWHERE)),
        "in the clear, to an address that can't be read, here or there": plain(
            *FOUND, *AGREED, redirect("http://[site"), *seen_plain(redirect("https:///"))
        ),
        "the control followed the redirects by itself, and came to no end": imported(
            *_SECURED_NOWHERE, _NO_END
        ),
    },
    "down.name": {
        f"a control's resolver says {word}, too": measured(
            *denied(word), seen_dns(failure=word), seen_dns(failure=word, kind="AAAA")
        )
        for word in (NXDOMAIN, SERVFAIL)
    },
}

SPARES: dict[str, Cases] = {
    "dns.injection.proved": {
        "it answers for every name": measured(
            *_FORGED, *from_nobody((told(WRONG),), (told(WRONG),))
        ),
        "it is silent": measured(*_FORGED, *from_nobody(())),
        "no other name was asked for there": measured(*_FORGED, _ANSWERED[0]),
        "the question was cut off": measured(
            *_FORGED, *from_nobody((), failure=Failure.INTERRUPTED)
        ),
        "the default path reaches the site all the same": measured(
            *FOUND, *AGREED, tls(), *_ANSWERED
        ),
        "the resolver's answer is the site's": measured(
            *FOUND, *AGREED, tls(failure=TIMEOUT), *_ANSWERED
        ),
        "nobody knows the site's addresses": measured(
            system(WRONG), trusted(REAL, transport="udp"), *_ANSWERED
        ),
        "it was never asked": measured(*_FORGED),
    },
    "tls.reset": {
        "at the second hop, and the trials belong to the first": measured(
            *FOUND,
            tls(),
            redirect(f"https://{HOST}/on", port=443),
            *at_hop(2, _BAD),
            control_here(tls()),
            *swapped(_BAD, tls()),
        ),
    },
    "reached.page": {
        "over a redirect in the clear to a stranger": plain(
            *FOUND,
            redirect("https://block.example/"),
            *at_hop(
                2, system(WRONG), tls(WRONG), page(address=WRONG, port=443), host="block.example"
            ),
        ),
        "over a redirect in the clear that the control is not shown": plain(
            *FOUND,
            *AGREED,
            redirect("https://block.example/"),
            *seen_plain(),
            *at_hop(
                2, system(WRONG), tls(WRONG), page(address=WRONG, port=443), host="block.example"
            ),
        ),
        "over a stranger whose name only ends alike": plain(
            *FOUND,
            redirect(f"https://bad{HOST}/"),
            *at_hop(2, system(WRONG), tls(WRONG), page(address=WRONG, port=443), host=f"bad{HOST}"),
        ),
        "a control that follows redirects by itself ends with another page": imported_plain(
            *_LED_ASIDE, ended(sized(900, title="Another"))
        ),
        "over a redirect in the clear; a control looked there alone": imported_plain(
            *_LED_ASIDE, *at_hop(2, elsewhere(_NEW_PAGE), host="new.example")
        ),
        "the last hop was cut off": measured(
            *_SECURED, *at_hop(2, tls(failure=Failure.INTERRUPTED))
        ),
        "eleven hops, and it still goes on": measured(*chain(11, _ON, page(port=443))),
    },
    "reached.451": {
        "in the clear, at a redirect's end": plain(
            *FOUND, redirect(f"http://{HOST}/on"), *at_hop(2, page(451))
        ),
    },
    "down.redirects": {
        "the control arrives": measured(*chain(11, _ON, page(port=443))),
        "no control was asked": measured(*_ROUND),
        "a control that follows redirects by itself arrives": imported(*_ROUND, ended(sized(900))),
        "the eleventh hop is a page": measured(*chain(11, page(port=443), page(port=443))),
        "ten hops": measured(*chain(10, _ON, _ON)),
    },
    "down.redirect_nowhere": {
        "no control was asked": measured(*_SECURED_NOWHERE),
        "the control is shown a page": measured(*_SECURED_NOWHERE, *seen()),
        "the control is led somewhere": measured(*_SECURED_NOWHERE, *seen(step=_ON)),
        "the control's request failed, and it follows no redirects": measured(
            *_SECURED_NOWHERE, *seen()[:3], elsewhere(http(None, RESET))
        ),
        "the control is shown a page at the end of its way": imported(
            *_SECURED_NOWHERE, ended(sized(900))
        ),
        "the control alone is led nowhere": measured(*FOUND, tls(), _ON, *seen(step=_NOWHERE)),
        "where a redirect in the clear led": plain(
            *FOUND,
            redirect("https://block.example/"),
            *seen_plain(),
            *at_hop(
                2,
                system(WRONG),
                tls(WRONG),
                redirect("http:///", address=WRONG, port=443),
                *seen(WRONG, redirect("http:///", address=WRONG, port=443)),
                host="block.example",
            ),
        ),
    },
    "down.name": {
        "the control finds it": measured(*denied(NXDOMAIN), seen_dns(REAL)),
        "the control is told another thing": measured(
            *denied(NXDOMAIN), seen_dns(failure=SERVFAIL), seen_dns(failure=SERVFAIL, kind="AAAA")
        ),
        "the control was cut off": measured(
            *denied(NXDOMAIN), elsewhere(system(failure=Failure.INTERRUPTED))
        ),
    },
}
