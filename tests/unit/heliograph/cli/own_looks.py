"""Looks of one's own that may be given away, and such as may not."""

from collections.abc import Callable

import msgspec

from heliograph.model import ADDRESS_UNKNOWN, Measurement, Outcome
from tests.unit.analysis.builders import http, measured, system, tcp, tls
from tests.unit.analysis.builders_control import page, seen

FOUND = system("203.0.113.10"), tcp()
OK = measured(*FOUND, tls(), http(), *seen(), probe="web")
BROKEN = msgspec.structs.replace(OK, outcome=Outcome.BROKEN, reason="Traceback", steps=())
THEIRS = msgspec.structs.replace(OK, source="ooni:1", seconds=3.0)
UNSCRUBBED = msgspec.structs.replace(OK, context=(ADDRESS_UNKNOWN,))
OWN_ADDRESS = "198.51.100.77"
TELLING = measured(*FOUND, page(text=f"you come from {OWN_ADDRESS}"), probe="web")

Plant = Callable[..., list[Measurement]]
