"""Pages that come slowly: under their own name alone, or whatever is said."""

import msgspec

from heliograph.model import Measurement, Step
from tests.unit.analysis.builders import UNKNOWN_CA, measured, tcp, tls
from tests.unit.analysis.cases_dns import FOUND, Cases
from tests.unit.analysis.paced import FAST, SLOW, half, trials

PAGE = msgspec.structs.replace(half(0, SLOW), pair=None)
"""As the look itself got it."""


def slow(*more: Step, handshake: Step | None = None) -> Measurement:
    """A look whose page came slowly."""
    return measured(*FOUND, tcp(), handshake or tls(), PAGE, *more, probe="web")


FIRES: dict[str, Cases] = {
    "throttle.page": {
        "five pairs": slow(*trials()),
        "four slow ones and one slower": slow(*trials([SLOW, SLOW, SLOW, SLOW, 3 * SLOW])),
    }
}
SPARES: dict[str, Cases] = {
    "throttle.page": {
        "nothing to compare with": slow(),
        "four pairs": slow(*trials([SLOW] * 4, [FAST] * 4)),
        "one pair that was quick": slow(*trials([SLOW, SLOW, FAST, SLOW, SLOW])),
        "as slow under another name": slow(*trials([SLOW] * 5, [SLOW] * 5)),
        "a stranger's certificate": slow(*trials(), handshake=tls(failure=UNKNOWN_CA)),
    }
}
