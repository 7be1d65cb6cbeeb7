"""Looks that somebody else made once: pages, tests for robots and sites that are down."""

from heliograph.failure import Failure
from heliograph.model import Step
from tests.unit.analysis.builders import (
    EOF,
    REAL,
    RESET,
    TIMEOUT,
    WRONG_NAME,
    http,
    imported,
    imported_plain,
    measured,
    plain,
    system,
    tcp,
    tls,
)
from tests.unit.analysis.builders_control import (
    ended,
    lost,
    page,
    seen_dns,
    sized,
)
from tests.unit.analysis.cases_dns import AGREED, FOUND, REACHED, Cases
from tests.unit.analysis.cases_single import FAR, TURNED_AWAY, after_redirect

_TITLE = "Harbour news of the northern coast"
_HEADERS = ("x-harbour",)
_WHOLE = sized(60_000, title=_TITLE, headers=_HEADERS)
_SHORT = 900


def _notice(
    length: int = _SHORT,
    status: int = 200,
    title: str | None = "Prohibited",
    *,
    server: str | None = None,
    headers: tuple[str, ...] = ("x-gateway",),
    port: int = 80,
) -> Step:
    return sized(length, status, title, headers=headers, server=server, port=port)


def _shown(here: Step, there: Step = _WHOLE) -> tuple[Step, ...]:
    """A page here, and the one the control comes to."""
    return *FOUND, here, seen_dns(REAL), ended(there)


_ROBOT = sized(_SHORT, 503, title="Just a moment...", headers=("cf-ray",))
_TESTED = _shown(_ROBOT)
_GONE_FOR_BOTH = (*FOUND, tcp(failure=TIMEOUT), ended(http(None, TIMEOUT)))


def _ends(here: tuple[Step, ...], there: Failure) -> tuple[Step, ...]:
    return *FOUND, *here, ended(http(None, there))


FIRES: dict[str, Cases] = {
    "once.http.blockpage": {
        "a notice, with nothing of the page or its server": imported_plain(*_shown(_notice())),
        "both name their software": imported_plain(
            *_shown(
                _notice(server="gateway"),
                sized(60_000, title=_TITLE, headers=("Vary", "x-harbour"), server="nginx"),
            )
        ),
        "the control's server sends one header more than every other server": imported_plain(
            *_shown(_notice(headers=("Content-Type", "x-gateway")))
        ),
    },
    "once.challenge": {
        **{
            f"the control is shown a page: status {status}": imported_plain(
                *_shown(_ROBOT, sized(60_000, status, title=_TITLE))
            )
            for status in (200, 204)
        },
    },
    "once.down": {
        "no connection": imported(*_GONE_FOR_BOTH),
        "no connection, in other words": imported(
            *_ends((tcp(failure=TIMEOUT),), Failure.TIMED_OUT)
        ),
        "it refuses connections": imported(
            *_ends((tcp(failure=Failure.CONNECTION_REFUSED),), Failure.CONNECTION_REFUSED)
        ),
        "a certificate of somebody else": imported(
            *_ends((tcp(), tls(failure=WRONG_NAME)), WRONG_NAME)
        ),
        "the page is proved to be the site's, and has no answer": imported(
            *_ends((tcp(), tls(), http(None, RESET)), RESET)
        ),
        "no answer to the request": imported_plain(
            *FOUND, tcp(port=80), lost(EOF), ended(lost(EOF))
        ),
    },
}
SPARES: dict[str, Cases] = {
    "once.http.blockpage": {
        "a look of our own, that could have asked on": plain(*_shown(_notice())),
        "where a redirect in the clear led": imported_plain(
            *after_redirect(system(FAR), sized(_SHORT, title="Prohibited", address=FAR)),
            ended(_WHOLE),
        ),
        "over TLS, where the site itself shows it": imported(
            *_shown(_notice(port=443)), tls(), tcp()
        ),
        "no control was asked": imported_plain(*FOUND, *AGREED, _notice()),
        "the site says that there is no such page": imported_plain(*_shown(_notice(status=404))),
        **{
            f"the control was turned away: {status}": imported_plain(
                *_shown(_notice(), sized(60_000, status, title=_TITLE, headers=_HEADERS))
            )
            for status in TURNED_AWAY
        },
        "a test for robots": imported_plain(*_shown(_notice(title="Just a moment..."))),
        "it is too long for a notice": imported_plain(*_shown(_notice(20_000))),
        "it is longer than the page": imported_plain(
            *_shown(_notice(16_000), sized(7_000, title=_TITLE, headers=_HEADERS))
        ),
        "it has no title": imported_plain(*_shown(_notice(title=None))),
        "nobody has set up the server": imported_plain(*_shown(_notice(title="Welcome to nginx!"))),
        "nothing of the control's page is known": imported_plain(
            *_shown(_notice(), sized(0, title=_TITLE, headers=_HEADERS))
        ),
        "a part of the title is the same": imported_plain(
            *_shown(_notice(title="Harbour news: no entry"))
        ),
        "it sets a cookie, as no stranger does": imported_plain(
            *_shown(_notice(headers=("x-gateway", "Set-Cookie")))
        ),
        "it is the control's page": imported_plain(*_shown(_notice(title=_TITLE))),
        "the server names the same software": imported_plain(
            *_shown(
                _notice(server="harbourd"),
                sized(60_000, title=_TITLE, headers=_HEADERS, server="harbourd"),
            )
        ),
        "the server sends the same headers": imported_plain(
            *_shown(
                _notice(headers=("Vary", "Age")),
                sized(60_000, title=_TITLE, headers=("Vary", "Age", "x-harbour")),
            )
        ),
    },
    "once.challenge": {
        "a look of our own": plain(*_TESTED),
        "over TLS, where the site itself wants it": imported(
            *FOUND, tls(), sized(_SHORT, 503, title="Just a moment...", port=443), ended(_WHOLE)
        ),
        "it is no test": imported_plain(*_shown(_notice())),
        "the control has to prove it, too": imported_plain(*_shown(_ROBOT, _ROBOT)),
        "the control has to prove it, with a page that is well": imported_plain(
            *_shown(_ROBOT, sized(_SHORT, title="Just a moment..."))
        ),
        "no control was asked": imported_plain(*FOUND, *AGREED, _ROBOT),
        "others are led elsewhere": imported_plain(
            system(FAR),
            sized(_SHORT, 503, title="Just a moment...", address=FAR),
            seen_dns(REAL),
            ended(_WHOLE),
        ),
    },
    "once.down": {
        "a look of our own": measured(*_GONE_FOR_BOTH),
        "no control was asked": imported(*FOUND, tcp(failure=TIMEOUT)),
        "the control is shown a page": imported(*FOUND, tcp(failure=TIMEOUT), ended(_WHOLE)),
        "the control is shown a page; the handshake was well here": imported(
            *FOUND, tcp(), tls(), http(None, RESET), ended(_WHOLE)
        ),
        "the page came here": imported(*REACHED, ended(http(None, TIMEOUT))),
        "in the clear, the page came here": imported_plain(
            *FOUND, tcp(failure=TIMEOUT), page(), ended(lost(TIMEOUT))
        ),
        "the page came for both": imported(*REACHED, ended(_WHOLE)),
        "it ends in a way nobody has a word for, which may be two": imported(
            *_ends((tcp(failure=Failure.UNKNOWN_FAILURE),), Failure.UNKNOWN_FAILURE)
        ),
        "it ends in another way": imported(*_ends((tcp(failure=TIMEOUT),), RESET)),
        "nothing is known of how it ended here": imported(*FOUND, ended(http(None, TIMEOUT))),
        "a certificate here, silence there": imported(
            *_ends((tcp(), tls(failure=WRONG_NAME)), TIMEOUT)
        ),
    },
}
