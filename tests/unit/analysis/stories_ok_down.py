"""Interference, or what may be, that must not be called ``ok`` or ``down``."""

from heliograph.failure import Failure
from heliograph.model import Step
from tests.unit.analysis.builders import (
    BOGON,
    NXDOMAIN,
    REAL,
    REAL2,
    RESET,
    SERVFAIL,
    TIMEOUT,
    V6,
    WRONG,
    measured,
    plain,
    system,
    tcp,
    tls,
    told,
    trusted,
)
from tests.unit.analysis.builders_control import (
    NOTICE_TEXT,
    at_hop,
    elsewhere,
    lost,
    notice,
    page,
    redirect,
    seen,
    seen_dns,
    seen_plain,
    seen_tcp,
    seen_tls,
    two_answers,
)
from tests.unit.analysis.cases_dns import AGREED, FOUND, Cases, denied

_BLOCK = "block.example"
_LANDED = at_hop(
    2,
    system(WRONG),
    tcp(WRONG),
    tls(WRONG),
    page(title="Notice", address=WRONG, port=443),
    host=_BLOCK,
)
_ROUND = redirect(f"http://{WRONG}/", address=WRONG)


def _round_and_round() -> tuple[Step, ...]:
    return tuple(
        step for hop in range(2, 12) for step in at_hop(hop, _ROUND, elsewhere(_ROUND), host=WRONG)
    )


NOT_OK: Cases = {
    "an injected redirect to a page with a valid certificate; the control is lied to": plain(
        *FOUND,
        redirect(f"https://{_BLOCK}/"),
        *_LANDED,
        seen_dns(replies=two_answers(WRONG, REAL)),
        seen_tcp(port=80),
        elsewhere(page()),
    ),
    "an injected refusal, and the site's firewall refuses the control in the same title": plain(
        *FOUND,
        *AGREED,
        page(403, "403 Forbidden", text=NOTICE_TEXT),
        *seen_plain(page(403, "403 Forbidden", text="<p>firewall guard, request identifier</p>")),
    ),
    "an injected frame without a word, and a page that is all script": plain(
        *FOUND,
        *AGREED,
        page(title=None, text="<iframe src='http://10.10.34.34/'></iframe>"),
        *seen_plain(page(title=None, text="<div id=app></div><script>start()</script>")),
    ),
    "a control behind the same lie; all that tells the truth is a resolver over UDP": plain(
        system(WRONG),
        trusted(REAL, transport="udp"),
        notice(address=WRONG),
        *seen_plain(notice(address=WRONG), address=WRONG),
    ),
    "a redirect over TLS, and the look was cut off before anybody went there": measured(
        *FOUND,
        tls(),
        redirect("https://other.example/", port=443),
        probe="web",
        context=("out_of_time",),
    ),
    "refused here, and the control asked too often": measured(
        *FOUND, tls(), page(403, port=443), *seen(step=page(429, port=443))
    ),
}

NOT_DOWN: Cases = {
    "a forged denial, which reaches the control's resolver, too": measured(
        *denied(NXDOMAIN),
        seen_dns(failure=NXDOMAIN, replies=(told(rcode="NXDOMAIN"), told(REAL))),
    ),
    "an IPv6 address is dropped here; the control has no IPv6": measured(
        system(V6, kind="AAAA"),
        trusted(V6, kind="AAAA"),
        tcp(V6, TIMEOUT),
        seen_dns(V6, kind="AAAA"),
        seen_tcp(V6, Failure.NETWORK_UNREACHABLE),
    ),
    "led to a dead address; another one proves the name even here": measured(
        system(WRONG),
        *AGREED,
        tcp(WRONG, TIMEOUT),
        tcp(),
        tls(),
        seen_dns(failure=SERVFAIL),
        seen_tcp(WRONG, TIMEOUT),
    ),
    "led to a server that hangs up on everybody; another address proves the name": measured(
        system(WRONG),
        *AGREED,
        tls(WRONG, RESET),
        tls(),
        seen_dns(failure=SERVFAIL),
        seen_tls(WRONG, RESET),
    ),
    "an injected redirect to a name that exists nowhere": plain(
        *FOUND,
        redirect(f"http://{_BLOCK}/"),
        *seen_plain(),
        *at_hop(2, system(failure=NXDOMAIN), trusted(failure=NXDOMAIN), host=_BLOCK),
    ),
    "an injected redirect to an address that is dead for everybody": plain(
        *FOUND,
        redirect(f"http://{WRONG}/"),
        *seen_plain(),
        *at_hop(2, tcp(WRONG, TIMEOUT, 80), seen_tcp(WRONG, TIMEOUT, 80), host=WRONG),
    ),
    "an injected redirect that leads round and round": plain(
        *FOUND, redirect(f"http://{WRONG}/"), *seen_plain(), *_round_and_round()
    ),
    "forged private answers, the encrypted resolver's too; the control finds the site": measured(
        system(BOGON), trusted(BOGON), *seen()
    ),
    "an injected error under the title every broken server shows": plain(
        *FOUND,
        *AGREED,
        page(503, "Service Unavailable", text=NOTICE_TEXT),
        *seen_plain(page(503, "Service Unavailable", text="<p>backend overloaded, retry</p>")),
    ),
    "reset here; the control's request failed alike, at another address": plain(
        *FOUND,
        *AGREED,
        lost(RESET),
        seen_dns(REAL2),
        seen_tcp(REAL2, port=80),
        elsewhere(lost(RESET, address=REAL2)),
    ),
}
