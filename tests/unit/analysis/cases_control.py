"""What comparing with a control elsewhere shows of addresses and handshakes, and look-alikes."""

from heliograph.failure import Failure
from heliograph.model import Step
from tests.unit.analysis.builders import (
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


def unconnected(words: tuple[Failure, ...]) -> tuple[Cases, Cases]:
    """Connections fail here and not for the control."""
    fires: Cases = {}
    for word in words:
        bad, plain_bad = tcp(failure=word), tcp(failure=word, port=80)
        fires[f"twice, while the control gets through: {word}"] = measured(
            *FOUND, *AGREED, bad, asked(), *seen(), *tried_again(bad)
        )
        fires[f"in the clear: {word}"] = plain(
            *FOUND, *AGREED, plain_bad, *seen_plain(), *_again_at_80(plain_bad)
        )
    return fires, _served_or_not(words[0])


def _again_at_80(step: Step) -> tuple[Step, Step]:
    return tried_again(step, page(title="Control", address=ELSEWHERE))


def _served_or_not(word: Failure) -> Cases:
    bad = tcp(failure=word)
    twice = tried_again(bad)
    before, _ = twice
    other = next(w for w in (TIMEOUT, Failure.CONNECTION_REFUSED) if w is not word)
    return {
        "no control was asked": measured(*FOUND, *AGREED, bad, *twice),
        "the control could not be reached": measured(*FOUND, *AGREED, bad, asked(TIMEOUT), *twice),
        "the control gets through to another address only": measured(
            *FOUND, *AGREED, bad, *seen(REAL2), seen_tcp(failure=TIMEOUT), *twice
        ),
        "for the control it is somebody else's address": measured(
            *FOUND, *AGREED, bad, seen_dns(REAL), seen_tls(failure=WRONG_NAME), *twice
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
        "another address of the default path takes the connection": measured(
            system(REAL, REAL2), *AGREED, bad, tcp(REAL2), tls(REAL2), *seen(), *twice
        ),
        "the address is not on the default path": measured(
            system(REAL2), *AGREED, tcp(REAL2), tls(REAL2), bad, *seen(), *twice
        ),
        "this host has no IPv6": measured(
            system(V6, kind="AAAA"),
            trusted(V6, kind="AAAA"),
            tcp(V6, Failure.NETWORK_UNREACHABLE),
            *seen(V6),
            *tried_again(tcp(V6, Failure.NETWORK_UNREACHABLE)),
        ),
        "in the clear: the control's answers contradict each other": plain(
            *FOUND,
            *AGREED,
            tcp(failure=word, port=80),
            seen_dns(replies=two_answers(REAL2, REAL)),
            seen_tcp(port=80),
            elsewhere(page()),
            *_again_at_80(tcp(failure=word, port=80)),
        ),
        "in the clear: the control was shown no page": plain(
            *FOUND,
            *AGREED,
            tcp(failure=word, port=80),
            seen_dns(REAL),
            seen_tcp(port=80),
            *_again_at_80(tcp(failure=word, port=80)),
        ),
    }


def named_here_alone(word: Failure) -> tuple[Cases, Cases]:
    """The name stops a handshake, and a control elsewhere is the second comparison."""
    bad = tls(failure=word)
    twice = tried_again(bad)
    here = control_here(tls())
    there = swapped(bad, tls(), tls(failure=WRONG_NAME))
    fires = {
        "another name is answered there, and the control is served": measured(
            *FOUND, *AGREED, tcp(), bad, here, asked(), *seen(), *twice
        ),
        "a stranger's server falls silent, too, and the control is served": measured(
            *FOUND, *AGREED, tcp(), bad, asked(), *seen(), *twice, *there
        ),
    }
    spares = {
        "the control's word alone": measured(*FOUND, *AGREED, bad, *seen(), *twice),
        "the control's word, and every name ends so here": measured(
            *FOUND, *AGREED, bad, control_here(bad), *seen(), *twice
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


def page_here_alone(word: Failure) -> tuple[Cases, Cases]:
    """The name stops a request in the clear, and a control is the second comparison."""
    bad = lost(word)
    twice = tried_again_plain(bad)
    here = control_here(page(404, "Not Found"))
    fires = {
        "another name is answered there, and the control is served": plain(
            *FOUND, *AGREED, tcp(port=80), bad, here, *seen_plain(), *twice
        ),
    }
    spares = {
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
    return fires, spares


_FALSE = tls(failure=UNKNOWN_CA, chain=(certificate("CN=Filter", HOST),))
_ALERT = tls(failure=ALERT, alert=40)

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
            *swapped(_ALERT, tls(), tls(failure=WRONG_NAME)),
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
            *FOUND, *AGREED, _ALERT, control_here(tls()), *tried_again(_ALERT)
        ),
        "the control gets the alert, too": measured(
            *FOUND,
            *AGREED,
            _ALERT,
            control_here(tls()),
            seen_dns(REAL),
            seen_tls(failure=ALERT),
            *tried_again(_ALERT),
        ),
        "a server that alerts for every name here": measured(
            *FOUND, *AGREED, _ALERT, control_here(_ALERT), *seen(), *tried_again(_ALERT)
        ),
        "it happened once": measured(*FOUND, *AGREED, _ALERT, control_here(tls()), *seen()),
        "no number was seen": measured(
            *FOUND,
            *AGREED,
            tls(failure=ALERT),
            control_here(tls()),
            *seen(),
            *tried_again(tls(failure=ALERT)),
        ),
        "the name is proved": measured(*REACHED, *seen()),
        "it is a page in the clear": plain(*FOUND, *AGREED, lost(EOF), *seen_plain()),
    },
}

for _name, _words in UNCONNECTED.items():
    FIRES[f"tcp.{_name}"], SPARES[f"tcp.{_name}"] = unconnected(_words)
for _name, _word in WORDS.items():
    FIRES[f"tls.{_name}"], SPARES[f"tls.{_name}"] = named_here_alone(_word)
    FIRES[f"http.{_name}"], SPARES[f"http.{_name}"] = page_here_alone(_word)
