"""Looks that somebody else made once: connections, handshakes and requests, and look-alikes."""

import msgspec

from heliograph.failure import Failure
from heliograph.model import Step
from tests.unit.analysis.builders import (
    BAD_CERTIFICATE,
    EOF,
    REAL,
    REAL2,
    RESET,
    TIMEOUT,
    UNKNOWN_CA,
    V6,
    WRONG_NAME,
    http,
    imported,
    imported_plain,
    measured,
    plain,
    system,
    tcp,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import (
    SITE_ASN,
    at_hop,
    ended,
    in_network,
    lost,
    redirect,
    seen_dns,
    seen_tcp,
    seen_tls,
    sized,
)
from tests.unit.analysis.cases_control import UNCONNECTED
from tests.unit.analysis.cases_dns import AGREED, ALERT, FOUND, Cases

FAR = "198.51.100.66"
"""An address that no other is near."""
BLOCK = "block.example"
WHOLE = sized(60_000, title="Harbour news of the northern coast", port=443)
"""A page as the control keeps it."""
TURNED_AWAY = (403, 429, 451, 500)
"""Statuses of a control that was not served."""

SERVED = (seen_dns(REAL), ended(WHOLE))
"""A control that wrote down no more than where it was led, and what it was shown."""
_GOT_THROUGH = (seen_dns(REAL), seen_tcp(), ended(WHOLE))
_PROVED = (seen_dns(REAL), seen_tcp(), seen_tls(), ended(sized(900, 503, port=443)))
"""A control that shook hands, and was shown an error."""
_SILENCE = (TIMEOUT, Failure.TIMED_OUT)
_RESETS = (RESET, Failure.CONNECTION_ABORTED)
_STOPPED = {"reset": _RESETS, "timeout": _SILENCE, "eof": (EOF,)}


def turned_away(*before: Step) -> Cases:
    """The control was not served."""
    return {
        f"the control's page has status {status}": imported(*before, ended(sized(900, status)))
        for status in TURNED_AWAY
    }


def after_redirect(*steps: Step) -> tuple[Step, ...]:
    """A redirect in the clear to another host, which nobody else is led to."""
    return (*FOUND, redirect(f"https://{BLOCK}/"), *at_hop(2, *steps, host=BLOCK))


def _unconnected(words: tuple[Failure, ...]) -> tuple[Cases, Cases]:
    fires: Cases = {}
    for word in words:
        bad = tcp(failure=word)
        fires |= {
            f"the control gets through there: {word}": imported(*FOUND, bad, *_GOT_THROUGH),
            f"the control did not try, and was served: {word}": imported(*FOUND, bad, *SERVED),
        }
    word = words[0]
    bad, bad_plain = tcp(failure=word), tcp(failure=word, port=80)
    fires |= {
        "in the clear": imported_plain(
            *FOUND, bad_plain, seen_dns(REAL), seen_tcp(port=80), ended(sized(900))
        ),
        "the control gets through, and was shown an error": imported(
            *FOUND, bad, seen_dns(REAL), seen_tcp(), ended(sized(900, 503))
        ),
        "the control is led into the same network": imported(
            in_network(SITE_ASN, system(REAL2)),
            tcp(REAL2, word),
            in_network(SITE_ASN, seen_dns(REAL)),
            ended(WHOLE),
        ),
        "nobody wrote down the address": imported(
            msgspec.structs.replace(bad, address=None), ended(WHOLE)
        ),
        "an IPv6 address as well": imported(
            system(REAL),
            system(V6, kind="AAAA"),
            bad,
            tcp(V6, word),
            *_GOT_THROUGH,
        ),
    }
    return fires, _not_unconnected(word)


def _not_unconnected(word: Failure) -> Cases:
    bad, far = tcp(failure=word), tcp(FAR, word)
    return {
        "a look of our own, that could have asked on": measured(*FOUND, bad, *_GOT_THROUGH),
        "where a redirect in the clear led": imported_plain(
            *after_redirect(system(FAR), far, seen_dns(FAR), seen_tcp(FAR)), ended(WHOLE)
        ),
        "another address takes the connection": imported(
            system(REAL, REAL2), bad, tcp(REAL2), tls(REAL2), *_GOT_THROUGH
        ),
        "the control gets no connection either": imported(
            *FOUND, bad, seen_dns(REAL), seen_tcp(failure=TIMEOUT), ended(WHOLE)
        ),
        "it fails in no way that a filter has": imported(
            *FOUND, tcp(failure=Failure.PERMISSION_DENIED), *_GOT_THROUGH
        ),
        "there are IPv6 addresses alone": imported(
            system(V6, kind="AAAA"),
            tcp(V6, word),
            seen_dns(V6, kind="AAAA"),
            seen_tcp(V6),
            ended(WHOLE),
        ),
        "the control gets through, and no answer": imported(
            *FOUND, bad, seen_dns(REAL), seen_tcp(), ended(http(None, EOF))
        ),
        "others are led elsewhere": imported(
            system(FAR), far, seen_dns(REAL), seen_tcp(FAR), seen_tcp(), ended(WHOLE)
        ),
        "others are led elsewhere, and the control did not try it": imported(
            system(FAR), far, *SERVED
        ),
        "no control was asked": imported(*FOUND, *AGREED, bad),
        **turned_away(*FOUND, bad, seen_dns(REAL)),
    }


def _shaken(words: tuple[Failure, ...]) -> tuple[Cases, Cases]:
    fires: Cases = {}
    for word in words:
        bad = tls(failure=word)
        fires |= {
            f"it proves the name to the control: {word}": imported(*FOUND, tcp(), bad, *_PROVED),
            f"the control made no handshake, and was served: {word}": imported(
                *FOUND, tcp(), bad, *SERVED
            ),
        }
    bad, far = tls(failure=words[0]), tls(FAR, words[0])
    spares = {
        "a look of our own, that could have asked on": measured(*FOUND, tcp(), bad, *_PROVED),
        "another address proves the name": imported(
            system(REAL, REAL2), bad, tls(REAL2), http(), *_PROVED
        ),
        "it ends for the control, too, which was served by another address": imported(
            *FOUND, tcp(), bad, seen_dns(REAL, REAL2), seen_tls(failure=EOF), ended(WHOLE)
        ),
        "others are led elsewhere": imported(system(FAR), tcp(FAR), far, *SERVED),
        "no control was asked": imported(*FOUND, *AGREED, tcp(), bad),
        "it proves the name to the control, which got no answer": imported(
            *FOUND, tcp(), bad, *_PROVED[:3], ended(http(None, EOF))
        ),
        "it ends in an alert": imported(*FOUND, tcp(), tls(failure=ALERT), *_PROVED),
        **turned_away(*FOUND, tcp(), bad, seen_dns(REAL)),
    }
    return fires, spares


def _asked(words: tuple[Failure, ...]) -> tuple[Cases, Cases]:
    there = ended(sized(60_000, title="Harbour news"))
    fires = {
        f"the control is shown a page: {word}": imported_plain(
            *FOUND, tcp(port=80), lost(word), seen_dns(REAL), there
        )
        for word in words
    }
    bad = lost(words[0])
    spares = {
        "a look of our own, that could have asked on": plain(*FOUND, bad, seen_dns(REAL), there),
        "the control's request fails, too": imported_plain(
            *FOUND, bad, seen_dns(REAL), ended(lost(TIMEOUT))
        ),
        "the name is proved over TLS, and the control is shown an error": imported_plain(
            *FOUND, bad, seen_dns(REAL), seen_tls(), ended(sized(900, 503))
        ),
        "others are led elsewhere": imported_plain(
            system(FAR), lost(words[0], address=FAR), seen_dns(REAL), there
        ),
        "a page had begun": imported_plain(
            *FOUND, lost(words[0], stage="body"), seen_dns(REAL), there
        ),
        "no control was asked": imported_plain(*FOUND, *AGREED, bad),
    }
    return fires, spares


_RESET_UNTOLD = http(None, RESET)
_FALSE = tls(failure=UNKNOWN_CA)

FIRES: dict[str, Cases] = {
    "once.tls.reset.untold": {
        "the control is shown the page": imported(*FOUND, _RESET_UNTOLD, *SERVED),
        "the control gives no address": imported(*FOUND, _RESET_UNTOLD, ended(WHOLE)),
        "nobody wrote down the address": imported(
            msgspec.structs.replace(_RESET_UNTOLD, address=None), ended(WHOLE)
        ),
    },
    "once.tls.mitm": {
        **{
            f"it proves the name to the control: {word}": imported(
                *FOUND, tcp(), tls(failure=word), *_PROVED
            )
            for word in (UNKNOWN_CA, WRONG_NAME)
        },
        "the control made no handshake, and was served": imported(*FOUND, tcp(), _FALSE, *SERVED),
        "nobody else is led there, and it proves the name to the control": imported(
            system(REAL2), tcp(REAL2), tls(REAL2, UNKNOWN_CA), seen_tls(REAL2), *SERVED
        ),
    },
}
SPARES: dict[str, Cases] = {
    "once.tls.reset.untold": {
        "a look of our own, that could have asked on": measured(*FOUND, _RESET_UNTOLD, *SERVED),
        "the handshake was well, and the page reset": imported(
            *FOUND, tls(), _RESET_UNTOLD, *SERVED
        ),
        "in the clear, when a page had begun": imported_plain(
            *FOUND, lost(RESET, stage="body"), *SERVED
        ),
        "others are led elsewhere": imported(system(FAR), http(None, RESET, address=FAR), *SERVED),
        **{
            f"it is no reset, and may be the site's doing: {word}": imported(
                *FOUND, http(None, word), *SERVED
            )
            for word in (TIMEOUT, EOF)
        },
        **turned_away(*FOUND, _RESET_UNTOLD, seen_dns(REAL)),
    },
    "once.tls.mitm": {
        "a look of our own, that could have asked on": measured(*FOUND, tcp(), _FALSE, *_PROVED),
        "a certificate that ran out": imported(
            *FOUND, tcp(), tls(failure=BAD_CERTIFICATE), *_PROVED
        ),
        "the control is shown a false one, too": imported(
            *FOUND, tcp(), _FALSE, seen_dns(REAL), seen_tls(failure=UNKNOWN_CA), ended(WHOLE)
        ),
        "the control says nothing of addresses": imported(
            *FOUND, trusted(REAL), tcp(), _FALSE, ended(WHOLE)
        ),
        "the control is led into the same network, to another address": imported(
            in_network(SITE_ASN, system(REAL2)),
            tcp(REAL2),
            tls(REAL2, UNKNOWN_CA),
            in_network(SITE_ASN, seen_dns(REAL)),
            ended(WHOLE),
        ),
        "the name is proved": imported(*FOUND, tcp(), tls(), http(), *_PROVED),
        **turned_away(*FOUND, tcp(), _FALSE, seen_dns(REAL)),
    },
}
for _name, _found in UNCONNECTED.items():
    _words = tuple(word for word in _found if word is not Failure.NETWORK_UNREACHABLE)
    FIRES[f"once.tcp.{_name}"], SPARES[f"once.tcp.{_name}"] = _unconnected(_words)
for _name, _ends in _STOPPED.items():
    FIRES[f"once.tls.{_name}"], SPARES[f"once.tls.{_name}"] = _shaken(_ends)
    FIRES[f"once.http.{_name}"], SPARES[f"once.http.{_name}"] = _asked(_ends)
