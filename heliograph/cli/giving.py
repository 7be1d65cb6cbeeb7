"""What of the stored looks may be given away, and what is left out and why: for every export."""

from collections import Counter

from heliograph.address import own_addresses
from heliograph.model import ADDRESS_UNKNOWN, Measurement
from heliograph.scrub import Scrubber
from scheduler.canary import names_us

NO_EVIDENCE = "skipped or broken: there is no verdict on them"
FROM_OTHERS = "imported: their own files are the original"
UNKNOWN = (
    "made while the public address of that host was not known: they may hold it;"
    " --address-unknown writes them, too"
)
IN_ARCHIVE = "whose steps are in an archive alone: ask that with 'heliograph query --db FOLDER'"
NAMES_US = "naming an address of this computer"


class Giving:
    """Decides about one look after the other.

    What is known of this host today may not have been known when a look was stored.
    """

    def __init__(self, *, address_unknown: bool) -> None:
        self._address_unknown = address_unknown
        self._scrubber = Scrubber()
        for address in own_addresses():
            self._scrubber.add(address)

    def why_not(self, measurement: Measurement) -> str | None:
        """Why it is not given away, or None."""
        if measurement.source is not None:
            return FROM_OTHERS
        if ADDRESS_UNKNOWN in measurement.context and not self._address_unknown:
            return UNKNOWN
        return NAMES_US if names_us(measurement, None, self._scrubber.scrub) else None


def in_words(left_out: Counter[str]) -> str:
    """How many were left out, and why."""
    return "; ".join(f"{count} {why}" for why, count in left_out.most_common())


def nothing(left_out: Counter[str]) -> str:
    """Why there was nothing to write."""
    if left_out:
        return f"nothing was written: all that matches was left out ({in_words(left_out)})"
    return "nothing matches, so nothing was written; leave out a filter, or run: heliograph run"
