"""What a filter of names leaves behind, and what only looks like it."""

from heliograph.failure import Failure
from heliograph.model import Step
from tests.unit.analysis.builders import (
    BAD_CERTIFICATE,
    HOST,
    PLAINTEXT,
    REAL,
    REAL2,
    RESET,
    TIMEOUT,
    UNKNOWN_CA,
    WRONG,
    WRONG_NAME,
    certificate,
    control_here,
    http,
    measured,
    plain,
    swap_control,
    swap_lookup,
    swap_test,
    system,
    tcp,
    tls,
    trusted,
)
from tests.unit.analysis.builders_control import swapped
from tests.unit.analysis.cases_dns import AGREED, ALERT, FOUND, REACHED, Cases

CUT = Failure.INTERRUPTED
_ANSWERED = (control_here(tls()), swap_control(tls()))
_MINTED = tls(failure=UNKNOWN_CA, chain=(certificate("CN=Filter", HOST),))
_SELF_SIGNED = tls(failure=UNKNOWN_CA, chain=(certificate("CN=site.example", HOST),))
_RUN_OUT = tls(failure=BAD_CERTIFICATE, chain=(certificate("CN=Public authority", HOST),))


def stopped(word: Failure) -> tuple[Cases, Cases]:
    """The name stops a handshake."""
    bad = tls(failure=word)
    fires = {
        "at both servers, and another name at neither": measured(
            *FOUND, *AGREED, tcp(), bad, *_ANSWERED, swap_test(bad)
        ),
        "another name gets a certificate that is not for it": measured(
            *FOUND,
            bad,
            control_here(tls(failure=WRONG_NAME)),
            swap_control(tls()),
            swap_test(bad),
        ),
    }
    fires["a third name is answered by the stranger's server"] = measured(
        *FOUND, bad, control_here(tls()), *swapped(bad, tls(), tls(failure=WRONG_NAME))
    )
    return fires, {**_one_half(word), **_swap_clears(word), **_nothing_to_compare(word)}


def _one_half(word: Failure) -> Cases:
    bad, good = tls(failure=word), control_here(tls())
    there = swap_control(tls())
    return {
        "a host broken at its own server; the swap was never made": measured(
            *FOUND, *AGREED, tcp(), bad, good
        ),
        "the swap found no control server": measured(
            *FOUND, bad, good, swap_lookup(Failure.DNS_NXDOMAIN_ERROR)
        ),
        "the swap's control server took no connection": measured(
            *FOUND, bad, good, swap_lookup(), swap_control(tcp(failure=TIMEOUT))
        ),
        "the swap's control was cut off": measured(
            *FOUND, bad, good, swap_control(tls(failure=CUT))
        ),
        "the swap was cut off after its control": measured(*FOUND, bad, good, there),
        "the swap's test was cut off": measured(
            *FOUND, bad, good, there, swap_test(tls(failure=CUT))
        ),
        "the swap's test got no connection": measured(
            *FOUND, bad, good, there, swap_test(tcp(failure=word))
        ),
        "the control lives on the target's own server": measured(
            *FOUND, bad, good, swap_control(tls(), REAL), swap_test(bad, REAL)
        ),
        "there was no control before the swap": measured(*FOUND, bad, good, swap_test(bad)),
        "somebody who catches every name answered for the control": measured(
            *FOUND, bad, good, swap_control(tls(failure=UNKNOWN_CA)), swap_test(bad)
        ),
        "the stranger's server did not answer the control": measured(
            *FOUND, bad, good, swap_control(bad), swap_test(bad)
        ),
        "no other name was tried at the site's server": measured(
            *FOUND, bad, there, swap_test(bad)
        ),
        "every name ends so at the site's server": measured(
            *FOUND, bad, control_here(bad), there, swap_test(bad)
        ),
        "the other name was tried at another address": measured(
            *FOUND, bad, control_here(tls(REAL2)), there, swap_test(bad)
        ),
        "the control at the site's server was cut off": measured(
            *FOUND, bad, control_here(tls(failure=CUT)), there, swap_test(bad)
        ),
        "the control at the site's server got no connection": measured(
            *FOUND, bad, control_here(tcp(failure=TIMEOUT)), there, swap_test(bad)
        ),
    }


def _swap_clears(word: Failure) -> Cases:
    bad = tls(failure=word)
    other = next(w for w in (RESET, TIMEOUT) if w is not word)
    ends = {
        "takes the name without harm": tls(failure=WRONG_NAME),
        "refuses the name by an alert": tls(failure=ALERT, alert=112),
        "sent an alert and closed": tls(failure=word, alert=40),
        "ended it in another way": tls(failure=ALERT),
        "failed with another word": tls(failure=other),
    }
    return {
        f"the stranger's server {what}": measured(*FOUND, bad, *_ANSWERED, swap_test(end))
        for what, end in ends.items()
    }


def _nothing_to_compare(word: Failure) -> Cases:
    bad = tls(failure=word)
    both = (*_ANSWERED, swap_test(bad))
    alert = tls(failure=ALERT, alert=112)
    return {
        "another address of the default path proves the name": measured(
            system(REAL, REAL2), bad, tls(REAL2), *both
        ),
        "the address is not on the default path": measured(
            system(WRONG), tls(WRONG, CUT), trusted(REAL), bad, *both
        ),
        "the connection itself failed": measured(*FOUND, tcp(failure=word), *both),
        "the server alerts for both names": measured(*FOUND, alert, control_here(alert)),
        "the name is proved on the default path": measured(*REACHED, *both),
    }


def page_stopped(word: Failure) -> tuple[Cases, Cases]:
    """The name stops a request in the clear."""
    bad, good = http(None, word, port=80), control_here(http(404, port=80))
    there = swap_control(http(200, port=80))
    fires = {
        "at both servers, and another name at neither": plain(
            *FOUND, tcp(port=80), bad, good, there, swap_test(bad)
        ),
        "the innocuous page was too long to be read to its end": plain(
            *FOUND, bad, good, swap_control(http(200, CUT, port=80, stage="body")), swap_test(bad)
        ),
    }
    whole = (good, there, swap_test(bad))
    spares = {
        **_one_half_of_a_page(bad),
        "the stranger's server answers for the name": plain(
            *FOUND, bad, good, there, swap_test(http(400, port=80))
        ),
        "the page had begun": plain(*FOUND, http(200, word, port=80, stage="body"), *whole),
        "the request was never sent": plain(
            *FOUND, http(None, word, port=80, stage="request"), *whole
        ),
        "cut off by the deadline": plain(*FOUND, http(None, CUT, port=80), *whole),
        "the site answered on the default path": plain(*FOUND, http(200, port=80), *whole),
        "the target is https and proved its name": measured(
            *FOUND, tls(), http(None, word), control_here(http(None, word))
        ),
    }
    return fires, spares


def _one_half_of_a_page(bad: Step) -> Cases:
    good, there = control_here(http(404, port=80)), swap_control(http(200, port=80))
    return {
        "a host broken at its own server; the swap was never made": plain(*FOUND, bad, good),
        "the swap found no control server": plain(
            *FOUND, bad, good, swap_lookup(Failure.DNS_NXDOMAIN_ERROR)
        ),
        "the swap was cut off after its control": plain(*FOUND, bad, good, there),
        "the swap's test was cut off": plain(
            *FOUND, bad, good, there, swap_test(http(None, CUT, port=80))
        ),
        "the control lives on the target's own server": plain(
            *FOUND, bad, good, swap_control(http(200, port=80), REAL), swap_test(bad, REAL)
        ),
        "the stranger's server did not answer the control": plain(
            *FOUND, bad, good, swap_control(bad), swap_test(bad)
        ),
        "every name ends so at the site's server": plain(
            *FOUND, bad, control_here(bad), there, swap_test(bad)
        ),
        "no other name was tried at the site's server": plain(*FOUND, bad, there, swap_test(bad)),
    }


def minted() -> tuple[Cases, Cases]:
    """A certificate for the name that is not the site's."""
    there = swap_control(tls())
    unseen = tls(failure=UNKNOWN_CA)
    another = tls(failure=UNKNOWN_CA, chain=(certificate("CN=Filter", "other.example"),))
    fires = {
        "the same issuer forges it elsewhere": measured(
            *FOUND, _MINTED, control_here(tls(failure=WRONG_NAME)), there, swap_test(_MINTED)
        )
    }
    spares = {
        "the site signs itself": measured(
            *FOUND, _SELF_SIGNED, there, swap_test(tls(failure=WRONG_NAME))
        ),
        "the site signs itself, and nothing was compared": measured(*FOUND, _SELF_SIGNED),
        "the swap was cut off": measured(*FOUND, _SELF_SIGNED, there),
        "the control lives on the target's own server": measured(
            *FOUND, _SELF_SIGNED, swap_control(tls(), REAL), swap_test(_SELF_SIGNED, REAL)
        ),
        "another issuer elsewhere": measured(*FOUND, _SELF_SIGNED, there, swap_test(_MINTED)),
        "the certificate elsewhere is not for the name": measured(
            *FOUND, _MINTED, there, swap_test(another)
        ),
        "every name is intercepted": measured(
            *FOUND, _MINTED, swap_control(tls(failure=UNKNOWN_CA)), swap_test(_MINTED)
        ),
        "no control came before": measured(*FOUND, _MINTED, swap_test(_MINTED)),
        "a CDN of both names shows the target's certificate, and that has run out": measured(
            *FOUND, _RUN_OUT, there, swap_test(_RUN_OUT)
        ),
        "no certificate was seen": measured(*FOUND, unseen, there, swap_test(unseen)),
    }
    return fires, spares


STOPPED_BY_TEXT = stopped(PLAINTEXT)
