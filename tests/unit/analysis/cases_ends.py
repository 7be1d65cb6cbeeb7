"""How a way may end: pages, refusals, errors and names that are gone; closer look-alikes."""

import hashlib

from heliograph.failure import Failure
from heliograph.model import Measurement, Step
from tests.unit.analysis.builders import (
    BOGON,
    HOST,
    NXDOMAIN,
    REAL,
    REAL2,
    REFUSED,
    RESET,
    TIMEOUT,
    WRONG,
    WRONG_NAME,
    http,
    measured,
    plain,
    system,
    tcp,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import (
    at_hop,
    elsewhere,
    lost,
    page,
    redirect,
    seen,
    seen_dns,
    seen_plain,
    seen_tcp,
    seen_tls,
    swapped,
)
from tests.unit.analysis.cases_dns import AGREED, FOUND, REACHED, Cases, denied
from tests.unit.analysis.cases_hops import chain

_BLOCK = "block.example"
_AT_TLS = page(port=443)
_BEGUN = http(200, RESET, port=80, stage="body")
_RESET_FOR_BOTH = (
    *FOUND,
    *AGREED,
    tls(failure=RESET),
    seen_dns(REAL),
    seen_tls(failure=RESET),
)
_LOST_FOR_BOTH = (*FOUND, *AGREED, lost(RESET), seen_dns(REAL), elsewhere(lost(RESET)))
OF_NOTHING = hashlib.sha256(b"").hexdigest()


def _answers(here: int, there: int) -> tuple[Step, ...]:
    """The site's own status here, and the one the control got."""
    return *FOUND, tls(), page(here, port=443), *seen(step=page(there, port=443))


def _clear(here: Step, there: Step) -> Measurement:
    """A page in the clear here, and the one the control is shown."""
    return plain(*FOUND, *AGREED, here, *seen_plain(there))


def _words(count: int, begin: str = "word") -> str:
    """So many different words."""
    return " ".join(f"{begin}{number}" for number in range(count))


def _at_the_cut(last: str) -> str:
    """A page whose last word has its last letter where reading ends."""
    return "word".ljust(16_381) + last


_MOVED = page(302, "Moved", location="")
_SCRIPTED = "<script>{}</script><p>these words stand here</p>"
_SAME: Cases = {
    **{
        f"a redirect with status {status}; the control's with 302": _clear(
            page(status, None, text=None, location=f"https://{HOST}/"),
            redirect(f"https://{HOST}/"),
        )
        for status in (301, 303, 307, 308)
    },
    "the same picture": _clear(
        page(title=None, text=None, sha256="ab"), page(title=None, text=None, sha256="ab")
    ),
    "a long text under the same title": _clear(page(text=_words(20)), page(text=_words(20))),
    "long texts that differ beyond their beginning": _clear(
        page(title=None, text=_at_the_cut("abcd")), page(title=None, text=_at_the_cut("wxyz"))
    ),
    "scripts that differ": _clear(
        page(title=None, text=_SCRIPTED.format(_words(9))),
        page(title=None, text=_SCRIPTED.format(_words(9, "term"))),
    ),
    "a page that names another place, as pages may": _clear(
        page(location="https://a.example/"), page(location="https://b.example/")
    ),
    **{
        f"a page, or a part of it: {here} here, {there} for the control": _clear(
            page(here), page(there)
        )
        for here, there in ((200, 206), (206, 200))
    },
}
_OTHERS: Cases = {
    "the same title over twenty words that all differ": _clear(
        page(text=_words(20)), page(text=_words(20, "term"))
    ),
    "other pictures": _clear(
        page(title=None, text=None, sha256="ab"), page(title=None, text=None, sha256="cd")
    ),
    "nothing at all": _clear(
        page(title=None, text=None, sha256=OF_NOTHING),
        page(title=None, text=None, sha256=OF_NOTHING),
    ),
    "a bad request under the same title, in other words": _clear(
        page(400, "Bad Request", text=_words(3)), page(400, "Bad Request", text=_words(3, "term"))
    ),
    "a redirect, where the control's leads nowhere": _clear(
        page(302, "Moved", location="https://block.example/"), _MOVED
    ),
    **{
        f"the same page with status {here} here, {there} for the control": _clear(
            page(here, "Moved", location=""), page(there, "Moved", location="")
        )
        for one, other in ((200, 302), (200, 404), (200, 300), (302, 404))
        for here, there in ((one, other), (other, one))
    },
}

FIRES: dict[str, Cases] = {
    "reached.page": {
        "the eleventh hop is a page": measured(*chain(11, _AT_TLS, _AT_TLS)),
        "a redirect that leads nowhere ends the look, and time had run out": measured(
            *FOUND,
            tls(),
            page(302, "Moved", location="", port=443),
            probe="web",
            context=("out_of_time",),
        ),
        "a redirect to what is no page": measured(
            *FOUND, tls(), redirect("mailto:somebody@site.example", port=443)
        ),
        "refused, while the control is told that it asked badly": measured(*_answers(403, 400)),
    },
    "reached.same_page": _SAME,
    "down.error": {"status 503 here, 500 for the control": measured(*_answers(503, 500))},
    "down.request": {
        "the request could not even be sent, here or there": plain(
            *FOUND,
            *AGREED,
            lost(RESET, stage="request"),
            *swapped(page(404), page(title="Control"), page(404)),
            seen_dns(REAL),
            elsewhere(lost(RESET, stage="request")),
        ),
    },
}

SPARES: dict[str, Cases] = {
    "reached.page": {
        "in the clear, and the control is shown the same": plain(
            *FOUND, *AGREED, page(), *seen_plain()
        ),
        **{
            f"an error here ({status}), and the control is told that nothing is there": measured(
                *_answers(status, 404)
            )
            for status in (500, 503)
        },
        "refused here, and the control met an error": measured(*_answers(403, 500)),
        "headers without end, where a redirect in the clear led": plain(
            *FOUND,
            redirect(f"https://{_BLOCK}/"),
            *seen_plain(),
            *at_hop(
                2,
                system(WRONG),
                tls(WRONG),
                http(None, Failure.X_HTTP_HEADER_OVERFLOW, address=WRONG),
                host=_BLOCK,
            ),
        ),
    },
    "reached.same_page": {
        **_OTHERS,
        **{
            f"a refusal with the words the control is refused with: {status}": plain(
                *FOUND, *AGREED, page(status), *seen_plain(page(status))
            )
            for status in (401, 403, 429)
        },
    },
    "reached.refused": {
        "the control is told that it asked badly": measured(*_answers(403, 400)),
    },
    "down.error": {
        "the control alone meets an error": measured(*REACHED, *seen(step=page(503, port=443))),
    },
    "down.address": {
        "another address takes the control's connection": measured(
            *FOUND,
            *AGREED,
            tcp(failure=TIMEOUT),
            seen_dns(REAL, REAL2),
            seen_tcp(failure=TIMEOUT),
            seen_tcp(REAL2),
        ),
        "it took connections of this run moments before": measured(
            *FOUND,
            *AGREED,
            tcp(failure=TIMEOUT),
            seen_tcp(failure=TIMEOUT),
            context=("address_busy",),
        ),
    },
    "down.handshake": {
        "a filter stops the name at a stranger's server; the control meets one, too": measured(
            *_RESET_FOR_BOTH, *swapped(tls(failure=RESET), tls(), tls(failure=WRONG_NAME))
        ),
        "it took handshakes of this run moments before": measured(
            *_RESET_FOR_BOTH, context=("address_busy",)
        ),
        "asked in the clear on the port where the control spoke TLS": measured(
            *FOUND,
            *AGREED,
            http(None, RESET),
            seen_dns(REAL),
            seen_tls(failure=RESET),
            url=f"http://{HOST}:443/",
        ),
        "where a redirect in the clear led": plain(
            *FOUND,
            redirect(f"https://{_BLOCK}/"),
            *seen_plain(),
            *at_hop(
                2,
                system(WRONG),
                tls(WRONG, RESET),
                seen_dns(WRONG),
                seen_tls(WRONG, RESET),
                host=_BLOCK,
            ),
        ),
    },
    "down.request": {
        "a filter stops the name at a stranger's server; the control meets one, too": plain(
            *_LOST_FOR_BOTH, *swapped(lost(RESET), page(title="Control"), page(404))
        ),
        "it took requests of this run moments before": measured(
            *_LOST_FOR_BOTH, url=f"http://{HOST}/", context=("address_busy",)
        ),
        "a page had begun here": plain(
            *FOUND, *AGREED, _BEGUN, seen_dns(REAL), elsewhere(lost(RESET))
        ),
        "a page had begun for the control": plain(
            *FOUND, *AGREED, lost(RESET), seen_dns(REAL), elsewhere(_BEGUN)
        ),
        "where a redirect in the clear led": plain(
            *FOUND,
            redirect(f"http://{_BLOCK}/"),
            *seen_plain(),
            *at_hop(
                2,
                system(WRONG),
                lost(RESET, address=WRONG),
                seen_dns(WRONG),
                elsewhere(lost(RESET, address=WRONG)),
                host=_BLOCK,
            ),
        ),
    },
    "down.name": {
        "an encrypted resolver that the control asked finds it": measured(
            *denied(NXDOMAIN), seen_dns(failure=NXDOMAIN), elsewhere(trusted(REAL))
        ),
        "every resolver refuses to answer": measured(*denied(REFUSED), trusted(failure=REFUSED)),
        "every resolver stays silent, the control's among them": measured(
            *denied(TIMEOUT), seen_dns(failure=TIMEOUT), seen_dns(failure=TIMEOUT, kind="AAAA")
        ),
    },
    "down.private": {
        "denied here; an encrypted resolver gives a private address": measured(
            *denied(NXDOMAIN), trusted(BOGON)
        ),
        "an encrypted resolver filters, and gives a private address": measured(
            system(WRONG), trusted(BOGON)
        ),
        "an encrypted resolver does not know the name": measured(
            system(BOGON), trusted(failure=NXDOMAIN)
        ),
        "where a redirect in the clear led": plain(
            *FOUND,
            redirect(f"http://{_BLOCK}/"),
            *seen_plain(),
            *at_hop(2, system(BOGON), trusted(BOGON), host=_BLOCK),
        ),
    },
}
