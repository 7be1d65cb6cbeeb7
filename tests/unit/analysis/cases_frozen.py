"""Pages that break off on the way, and tests for robots: what each leaves behind."""

import msgspec

from heliograph.detail import HttpDetail, read
from heliograph.failure import Failure
from heliograph.model import Measurement, Step
from tests.unit.analysis.builders import (
    ELSEWHERE,
    REAL,
    REAL2,
    RESET,
    TIMEOUT,
    measured,
    plain,
    tls,
    written,
)
from tests.unit.analysis.builders_control import page, seen, seen_plain, tried_again
from tests.unit.analysis.cases_dns import AGREED, FOUND, Cases

_SHORT_OF, _WHOLE = 16_384, 61_000
_ROBOT = "<p>Please solve this to go on.</p>"


def broken_off(
    received: int = _SHORT_OF, failure: Failure = TIMEOUT, *, port: int = 443, stage: str = "body"
) -> Step:
    """A page that began and did not end."""
    step = page(port=port)
    detail = msgspec.structs.replace(read(step, HttpDetail), stage=stage, raw_bytes=received)
    return msgspec.structs.replace(step, failure=failure, detail=written(detail))


def whole(received: int = _WHOLE, *, address: str = REAL, port: int = 443) -> Step:
    """The page as the control was sent it."""
    step = page(port=port, address=address)
    detail = msgspec.structs.replace(read(step, HttpDetail), raw_bytes=received)
    return msgspec.structs.replace(step, detail=written(detail))


def _over_tls(first: Step, *more: Step, there: Step | None = None) -> Measurement:
    return measured(
        *FOUND, *AGREED, tls(), first, *seen(step=whole() if there is None else there), *more
    )


def _again(step: Step) -> tuple[Step, ...]:
    return tried_again(step, tls(ELSEWHERE))


_FIRST = broken_off()
_CLEAR = broken_off(port=80)

_FIRES: Cases = {
    "silence after 16 kB, twice": _over_tls(_FIRST, *_again(broken_off(_SHORT_OF + 700))),
    "just several packets, and the control one more than a packet": _over_tls(
        broken_off(4096), *_again(broken_off(4096)), there=whole(4096 + 1501)
    ),
    "a reset in the middle": _over_tls(
        broken_off(failure=RESET), *_again(broken_off(failure=RESET))
    ),
    "in the clear": plain(
        *FOUND, *AGREED, _CLEAR, *seen_plain(whole(port=80)), *_again(broken_off(port=80))
    ),
}

_SPARES: Cases = {
    "it came whole the second time": _over_tls(_FIRST, *_again(whole())),
    "it broke off elsewhere the second time: a line that loses packets": _over_tls(
        _FIRST, *_again(broken_off(_SHORT_OF + 9000))
    ),
    "it broke off more than a packet later the second time": _over_tls(
        _FIRST, *_again(broken_off(_SHORT_OF + 1501))
    ),
    "the control was sent one packet more": _over_tls(
        _FIRST, *_again(_FIRST), there=whole(_SHORT_OF + 1500)
    ),
    "it broke off at once: a path that takes no large packets": _over_tls(
        broken_off(1200), *_again(broken_off(1200))
    ),
    "it broke off in another way the second time": _over_tls(
        _FIRST, *_again(broken_off(failure=RESET))
    ),
    "nobody tried again": _over_tls(_FIRST),
    "the second try was cut off": _over_tls(_FIRST, _again(_FIRST)[0]),
    "nobody showed that the line was up meanwhile": _over_tls(_FIRST, _again(_FIRST)[1]),
    "the control was sent no more, either": _over_tls(
        _FIRST, *_again(_FIRST), there=whole(_SHORT_OF + 1000)
    ),
    "the control's broke off as well": _over_tls(
        _FIRST,
        *_again(_FIRST),
        there=broken_off(_WHOLE),
    ),
    "the control was at another server": _over_tls(
        _FIRST, *_again(_FIRST), there=whole(address=REAL2)
    ),
    "without a control": measured(*FOUND, *AGREED, tls(), _FIRST, *_again(_FIRST)),
    "it was we who stopped reading": _over_tls(
        broken_off(stage="done"), *_again(broken_off(stage="done"))
    ),
    "the server said that the page was malformed": _over_tls(
        broken_off(failure=Failure.X_HTTP_MALFORMED_RESPONSE),
        *_again(broken_off(failure=Failure.X_HTTP_MALFORMED_RESPONSE)),
    ),
}


def _asked(title: str | None, text: str = _ROBOT, status: int = 200, size: int = 2000) -> Step:
    step = page(status, title, text=text, port=443)
    detail = msgspec.structs.replace(read(step, HttpDetail), body_bytes=size)
    return msgspec.structs.replace(step, detail=written(detail))


def _met(here: Step, there: Step | None = None) -> Measurement:
    return measured(
        *FOUND, *AGREED, tls(), here, *seen(step=page(port=443) if there is None else there)
    )


_CHALLENGED: Cases = {
    "by its title": _met(_asked("Are you a robot?")),
    "while it waits": _met(_asked("Just a moment...", status=503)),
    "by what only such a page holds": _met(_asked(None, "<script>window._cf_chl_opt={}</script>")),
}

_WELCOME: Cases = {
    "the control is asked as well": _met(_asked("Are you a robot?"), _asked("Are you a robot?")),
    "another language": _met(_asked("Willkommen", "<p>Guten Tag</p>")),
    "a long page about such tests": _met(_asked("Captcha", size=90_000)),
    "a form with a test beside it": _met(
        _asked("Contact", '<form><div class="g-recaptcha"></div></form>')
    ),
    "the control's request was a bad one": _met(_asked("Are you a robot?"), page(400, port=443)),
    "the control was refused": _met(_asked("Are you a robot?"), page(403, port=443)),
    "nobody compared": measured(*FOUND, *AGREED, tls(), _asked("Are you a robot?")),
    "in the clear, where anybody may show it": plain(
        *FOUND, *AGREED, page(200, "Are you a robot?", text=_ROBOT), *seen_plain()
    ),
}

FIRES = {"http.truncated": _FIRES, "reached.challenge": _CHALLENGED}
SPARES = {"http.truncated": _SPARES, "reached.challenge": _WELCOME}
