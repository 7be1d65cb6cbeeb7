"""What a record of others leaves untold: a zero that stands for it is no fact."""

from heliograph.model import Measurement
from heliograph.usage import both_ways, used

NOT_PUBLISHED = "not published"


def is_unpublished(measurement: Measurement, amount: float) -> bool:
    """Whether the amount is only what stands in a record of others where nothing was said."""
    return measurement.source is not None and not amount


def data_used(measurement: Measurement) -> str:
    """What the look cost this host, in words; of others' looks, as far as they say."""
    usage = used(measurement.steps)
    return NOT_PUBLISHED if is_unpublished(measurement, usage.total) else both_ways(usage)
