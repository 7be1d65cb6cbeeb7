"""What a record of others leaves untold: a zero that stands for it is no fact."""

from collections.abc import Sequence

from heliograph.model import WITHHELD, Measurement
from heliograph.usage import Usage, both_ways, used

NOT_PUBLISHED = "not published"


def is_unpublished(measurement: Measurement, amount: float) -> bool:
    """Whether the amount is only what stands in a record of others where nothing was said."""
    return measurement.source is not None and not amount


def is_rounded(measurement: Measurement) -> bool:
    """Whether its steps tell times in tenths of a second, and amounts in KiB, rounded up."""
    return measurement.vantage.source == WITHHELD


def data_used(measurement: Measurement) -> str:
    """What the look cost this host, in words; of others' looks, as far as they say."""
    return amount_in_words(used(measurement.steps), [measurement])


def amount_in_words(usage: Usage, looks: Sequence[Measurement]) -> str:
    """What these looks used; of others' looks alone, nothing says only that nothing was told."""
    if looks and all(is_unpublished(look, usage.total) for look in looks):
        return NOT_PUBLISHED
    return ("at most " if any(map(is_rounded, looks)) else "") + both_ways(usage)
