"""What comparing with a control elsewhere shows of addresses and handshakes, and look-alikes."""

from heliograph.failure import Failure
from heliograph.model import Step
from tests.unit.analysis.builders import (
    BAD_CERTIFICATE,
    ELSEWHERE,
    EOF,
    HOST,
    REAL,
    REAL2,
    RESET,
    TIMEOUT,
    UNKNOWN_CA,
    V6,
    WRONG_NAME,
    certificate,
    control_here,
    measured,
    plain,
    system,
    tcp,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import (
    asked,
    elsewhere,
    lost,
    page,
    seen,
    seen_dns,
    seen_plain,
    seen_tcp,
    seen_tls,
    swapped,
    tried_again,
    tried_again_plain,
    two_answers,
)
from tests.unit.analysis.cases_dns import AGREED, ALERT, FOUND, REACHED, WORDS, Cases

UNCONNECTED = {
    "timeout": (TIMEOUT, Failure.TIMED_OUT),
    "refused": (Failure.CONNECTION_REFUSED, RESET),
    "unreachable": (Failure.HOST_UNREACHABLE, Failure.NETWORK_UNREACHABLE),
}
_CUT = Failure.INTERRUPTED
_FORBIDDEN = tcp(failure=Failure.PERMISSION_DENIED)


def unconnected(words: tuple[Failure, ...]) -> tuple[Cases, Cases]:
    """Connections fail here and not for the control."""
    fires: Cases = {}
    for word in words:
        bad, plain_bad = tcp(failure=word), tcp(failure=word, port=80)
        fires[f"twice, while the control gets through: {word}"] = measured(
            *FOUND, *AGREED, bad, asked(), *seen(), *tried_again(bad)
        )
        fires[f"twice, and the control proved the name without a page: {word}"] = measured(
            *FOUND, *AGREED, bad, seen_dns(REAL), seen_tcp(), seen_tls(), *tried_again(bad)
        )
        fires[f"in the clear: {word}"] = plain(
            *FOUND, *AGREED, plain_bad, *seen_plain(), *tried_again_plain(plain_bad)
        )
    return fires, _served_or_not(words[0])


def _served_or_not(word: Failure) -> Cases:
    return {**_not_served(word), **_not_again(word), **_not_in_the_clear(word)}


def _not_served(word: Failure) -> Cases:
    bad = tcp(failure=word)
    twice = tried_again(bad)
    return {
        "no control was asked": measured(*FOUND, *AGREED, bad, *twice),
        "the control could not be reached": measured(*FOUND, *AGREED, bad, asked(TIMEOUT), *twice),
        "the control gets through to another address only": measured(
            *FOUND, *AGREED, bad, *seen(REAL2), seen_tcp(failure=TIMEOUT), *twice
        ),
        "for the control it is somebody else's address": measured(
            *FOUND, *AGREED, bad, seen_dns(REAL), seen_tls(failure=WRONG_NAME), *twice
        ),
        **{
            f"twice, under the flag {flag}": measured(
                *FOUND, *AGREED, bad, *seen(), *twice, context=(flag,)
            )
            for flag in ("residual_possible", "address_busy")
        },
        "another address of the default path takes the connection": measured(
            system(REAL, REAL2), *AGREED, bad, tcp(REAL2), tls(REAL2), *seen(), *twice
        ),
        "the address is not on the default path": measured(
            system(REAL2), *AGREED, tcp(REAL2), tls(REAL2), bad, *seen(), *twice
        ),
    }


def _not_again(word: Failure) -> Cases:
    bad = tcp(failure=word)
    before, _ = tried_again(bad)
    other = next(w for w in (TIMEOUT, Failure.CONNECTION_REFUSED) if w is not word)
    return {
        "this host's own firewall forbids the connection": measured(
            *FOUND, *AGREED, _FORBIDDEN, *seen(), *tried_again(_FORBIDDEN)
        ),
        "nobody tried again": measured(*FOUND, *AGREED, bad, *seen()),
        "the second try got through": measured(
            *FOUND, *AGREED, bad, *seen(), *tried_again(tcp())[:1], tried_again(tcp())[1]
        ),
        "the second try failed in another way": measured(
            *FOUND, *AGREED, bad, *seen(), before, tried_again(tcp(failure=other))[1]
        ),
        "the second try was cut off": measured(
            *FOUND, *AGREED, bad, *seen(), before, tried_again(tcp(failure=_CUT))[1]
        ),
        "no innocuous server was reached in between": measured(
            *FOUND, *AGREED, bad, *seen(), *tried_again(bad, tls(ELSEWHERE, TIMEOUT))
        ),
        "this host has no IPv6": measured(
            system(V6, kind="AAAA"),
            trusted(V6, kind="AAAA"),
            tcp(V6, Failure.NETWORK_UNREACHABLE),
            *seen(V6),
            *tried_again(tcp(V6, Failure.NETWORK_UNREACHABLE)),
        ),
    }


def _not_in_the_clear(word: Failure) -> Cases:
    bad = tcp(failure=word, port=80)
    return {
        "in the clear: the control's answers contradict each other": plain(
            *FOUND,
            *AGREED,
            bad,
            seen_dns(replies=two_answers(REAL2, REAL)),
            seen_tcp(port=80),
            elsewhere(page()),
            *tried_again_plain(bad),
        ),
        "in the clear: the control's request broke off": plain(
            *FOUND,
            *AGREED,
            bad,
            seen_dns(REAL),
            seen_tcp(port=80),
            elsewhere(lost(EOF)),
            *tried_again_plain(bad),
        ),
        "in the clear: the control's resolver leads elsewhere, and it looked here, too": plain(
            *FOUND,
            bad,
            seen_dns(REAL2),
            seen_tcp(port=80),
            elsewhere(page()),
            *tried_again_plain(bad),
        ),
        "in the clear: the control was shown no page": plain(
            *FOUND,
            *AGREED,
            bad,
            seen_dns(REAL),
            seen_tcp(port=80),
            *tried_again_plain(bad),
        ),
    }


def named_here_alone(word: Failure) -> tuple[Cases, Cases]:
    """The name stops a handshake, and a control elsewhere is the second comparison."""
    bad = tls(failure=word)
    twice = tried_again(bad)
    here = control_here(tls())
    other = next(w for w in (TIMEOUT, RESET) if w is not word)
    there = swapped(bad, tls(), tls(failure=WRONG_NAME))
    fires = {
        "a stranger's server falls silent, too, and the control is served": measured(
            *FOUND, *AGREED, tcp(), bad, asked(), *seen(), *twice, *there
        ),
    }
    spares = {
        "another name is answered there, and the control is served": measured(
            *FOUND, *AGREED, tcp(), bad, here, asked(), *seen(), *twice
        ),
        "another name is answered there, and the control got no page over TLS": measured(
            *FOUND, *AGREED, bad, here, seen_dns(REAL), seen_tcp(), seen_tls(), *twice
        ),
        "the control's word alone": measured(*FOUND, *AGREED, bad, *seen(), *twice),
        "the control's word, and every name ends so here": measured(
            *FOUND, *AGREED, bad, control_here(bad), *seen(), *twice
        ),
        "a stranger's server fails at every strange name, this way or that": measured(
            *FOUND, *AGREED, bad, *seen(), *twice, *swapped(bad, tls(), tls(failure=other))
        ),
        "an edge is broken for its name, and at the stranger's server the line hung": measured(
            *FOUND, *AGREED, bad, here, *seen(), *twice, *swapped(tls(failure=other), tls())
        ),
        "another name is answered, and it failed once only": measured(
            *FOUND, *AGREED, bad, here, *seen()
        ),
        "tried again, the name was proved": measured(
            *FOUND, *AGREED, bad, here, *seen(), twice[0], tried_again(tls())[1]
        ),
        "tried again while nothing else answered": measured(
            *FOUND, *AGREED, bad, here, *seen(), *tried_again(bad, tls(ELSEWHERE, TIMEOUT))
        ),
        "the control is served at another address": measured(
            *FOUND, *AGREED, bad, here, *seen(REAL2), *twice
        ),
        "the control was refused, too": measured(
            *FOUND, *AGREED, bad, here, seen_dns(REAL), seen_tcp(), seen_tls(failure=word), *twice
        ),
        "the control was not reached": measured(*FOUND, *AGREED, bad, here, asked(TIMEOUT), *twice),
    }
    return fires, spares


def page_here_alone(word: Failure) -> Cases:
    """The name stops a request in the clear, and no stranger's server was asked: nothing tells a
    filter from a server with reasons of its own."""
    bad = lost(word)
    twice = tried_again_plain(bad)
    here = control_here(page(404, "Not Found"))
    return {
        "another name is answered there, and the control is served": plain(
            *FOUND, *AGREED, tcp(port=80), bad, here, *seen_plain(), *twice
        ),
        "another name is answered there, and a control alone is led there, too": plain(
            *FOUND, tcp(port=80), bad, here, *seen_plain(), *twice
        ),
        "another name is answered there, and the control is led elsewhere but served here": plain(
            *FOUND,
            *AGREED,
            bad,
            here,
            seen_dns(REAL2),
            seen_tcp(port=80),
            elsewhere(page()),
            *twice,
        ),
        "the control's word alone": plain(*FOUND, *AGREED, bad, *seen_plain(), *twice),
        "the control got no page": plain(
            *FOUND, *AGREED, bad, here, seen_dns(REAL), seen_tcp(port=80), *twice
        ),
        "the control does not connect there": plain(
            *FOUND, *AGREED, bad, here, *seen_plain(address=REAL2), *twice
        ),
        "the control was lied to": plain(
            *FOUND,
            *AGREED,
            bad,
            here,
            seen_dns(replies=two_answers(REAL2, REAL)),
            seen_tcp(port=80),
            elsewhere(page()),
            *twice,
        ),
        "only the vantage was ever led to that address": plain(
            *FOUND,
            bad,
            here,
            seen_dns(REAL2),
            seen_tcp(REAL2, port=80),
            seen_tcp(port=80),
            elsewhere(page(address=REAL2)),
            *twice,
        ),
    }


_FALSE = tls(failure=UNKNOWN_CA, chain=(certificate("CN=Filter", HOST),))
_NEW_AUTHORITYS = (certificate("CN=New authority", HOST),)
_UNHEARD_OF = tls(failure=UNKNOWN_CA, chain=_NEW_AUTHORITYS)
_RUN_OUT = tls(failure=BAD_CERTIFICATE, chain=_NEW_AUTHORITYS)
_ALERT = tls(failure=ALERT, alert=40)
_UNNUMBERED = tls(failure=ALERT)
_TAKEN = tls(failure=WRONG_NAME)
_THERE = swapped(_ALERT, tls(), _TAKEN)
_ALERTED = (*FOUND, *AGREED, _ALERT, *seen(), *tried_again(_ALERT))
"""An alert, twice, from an address that serves the control."""


def _hung_up(word: Failure) -> Step:
    """We had seen enough of the certificate, and the server said that it was told so."""
    return tls(failure=word, alert=40)


FIRES: dict[str, Cases] = {
    "tls.mitm.control": {
        "a certificate for the name by nobody known, here alone": measured(
            *FOUND, *AGREED, tcp(), _FALSE, *seen(), *tried_again(_FALSE)
        ),
    },
    "tls.alert": {
        "another name is answered there": measured(
            *FOUND,
            *AGREED,
            _ALERT,
            control_here(tls()),
            *seen(),
            *tried_again(_ALERT),
            *_THERE,
        ),
        "a third name is alerted by another number": measured(
            *_ALERTED, *swapped(_ALERT, tls(), tls(failure=ALERT, alert=80))
        ),
        "a stranger's server alerts for this name": measured(
            *FOUND,
            *AGREED,
            _ALERT,
            *seen(),
            *tried_again(_ALERT),
            *swapped(_ALERT, tls(), tls(failure=WRONG_NAME)),
        ),
    },
}
SPARES: dict[str, Cases] = {
    "tls.mitm.control": {
        "the site's own certificate is worth nothing for anybody": measured(
            *FOUND,
            *AGREED,
            _FALSE,
            seen_dns(REAL),
            seen_tls(failure=UNKNOWN_CA),
            *tried_again(_FALSE),
        ),
        "the very certificate the control is shown, by an authority unheard of here": measured(
            *FOUND,
            *AGREED,
            _UNHEARD_OF,
            *tried_again(_UNHEARD_OF),
            seen_dns(REAL),
            elsewhere(tls(chain=_NEW_AUTHORITYS)),
        ),
        "an edge near here has a certificate that ran out": measured(
            *FOUND, *AGREED, _RUN_OUT, *seen(), *tried_again(_RUN_OUT)
        ),
        "every certificate is false here": measured(
            *FOUND, *AGREED, _FALSE, *seen(), *tried_again(_FALSE, tls(ELSEWHERE, UNKNOWN_CA))
        ),
        "the second try was fine": measured(
            *FOUND, *AGREED, _FALSE, *seen(), tried_again(_FALSE)[0], tried_again(tls())[1]
        ),
        "nobody tried again": measured(*FOUND, *AGREED, _FALSE, *seen()),
        "no control was asked": measured(*FOUND, *AGREED, _FALSE, *tried_again(_FALSE)),
        "another address proves the name": measured(
            system(REAL, REAL2), *AGREED, _FALSE, tls(REAL2), *seen(), *tried_again(_FALSE)
        ),
        "it is a page in the clear": plain(
            *FOUND, *AGREED, lost(RESET), *seen_plain(), *tried_again_plain(lost(RESET))
        ),
        "the name is proved": measured(*REACHED, *seen()),
    },
    "tls.alert": {
        "no control was asked": measured(
            *FOUND, *AGREED, _ALERT, control_here(tls()), *tried_again(_ALERT), *_THERE
        ),
        "the control gets the alert, too": measured(
            *FOUND,
            *AGREED,
            _ALERT,
            control_here(tls()),
            seen_dns(REAL),
            seen_tls(failure=ALERT),
            *tried_again(_ALERT),
            *_THERE,
        ),
        "a server that alerts for every name here": measured(
            *FOUND, *AGREED, _ALERT, control_here(_ALERT), *seen(), *tried_again(_ALERT)
        ),
        "it happened once": measured(
            *FOUND, *AGREED, _ALERT, control_here(tls()), *seen(), *_THERE
        ),
        "nothing was said to a stranger's server": measured(*_ALERTED),
        "no innocuous name was said there": measured(*_ALERTED, *_THERE[1:]),
        "the look was cut off before the name was said there": measured(*_ALERTED, *_THERE[:2]),
        "no third name was said there": measured(*_ALERTED, *swapped(_ALERT, tls())),
        "somebody who catches every name answered for the control there": measured(
            *_ALERTED, *swapped(_ALERT, tls(failure=UNKNOWN_CA), _TAKEN)
        ),
        "a stranger's server takes the name": measured(*_ALERTED, *swapped(_TAKEN, tls(), _TAKEN)),
        "a stranger's server alerts by another number": measured(
            *_ALERTED, *swapped(tls(failure=ALERT, alert=80), tls(), _TAKEN)
        ),
        "a stranger's server alerts after the handshake": measured(
            *_ALERTED, *swapped(_hung_up(WRONG_NAME), tls(), _TAKEN)
        ),
        "a third name gets the same alert": measured(
            *_ALERTED, *swapped(_ALERT, tls(), tls(failure=ALERT, alert=40))
        ),
        "a third name is met by silence": measured(
            *_ALERTED, *swapped(_ALERT, tls(), tls(failure=TIMEOUT))
        ),
        "the handshake was completed, and we hung up on the certificate": measured(
            *FOUND,
            *AGREED,
            _hung_up(WRONG_NAME),
            *seen(),
            *tried_again(_hung_up(WRONG_NAME)),
            *_THERE,
        ),
        "no number was seen": measured(
            *FOUND,
            *AGREED,
            _UNNUMBERED,
            control_here(tls()),
            *seen(),
            *tried_again(_UNNUMBERED),
            *swapped(_UNNUMBERED, tls(), _TAKEN),
        ),
        "the name is proved": measured(*REACHED, *seen()),
        "it is a page in the clear": plain(*FOUND, *AGREED, lost(EOF), *seen_plain()),
    },
}

for _name, _words in UNCONNECTED.items():
    FIRES[f"tcp.{_name}"], SPARES[f"tcp.{_name}"] = unconnected(_words)
for _name, _word in WORDS.items():
    FIRES[f"tls.{_name}"], SPARES[f"tls.{_name}"] = named_here_alone(_word)
    SPARES[f"http.{_name}"] = page_here_alone(_word)
