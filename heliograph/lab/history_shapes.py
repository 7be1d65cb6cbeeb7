"""What histories are like: how many networks, how noisy, and what happens in them; by name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A fleet over time. Lengths are in days, from and to, both included."""

    countries: int = 10
    networks: int = 5
    """Of each country."""
    targets: int = 20
    days: int = 180
    vantages: int = 4
    """Of each network; all of them look at every target."""
    looks: int = 3
    """Of each vantage at each target, every day."""
    noise: float = 0.05
    """Part of the time in which a vantage is disturbed: its looks at a target fail."""
    noise_days: float = 3.0
    """Mean length of a disturbance, which is geometrically distributed."""
    noise_fails: float = 1.0
    """Part of a disturbed vantage's looks that fail."""
    noise_of: str = "target"
    """A disturbance concerns one ``target`` of a vantage, or all of them (``vantage``), or one
    target of all vantages of a network (``series``), or a single ``look``."""
    uneven: bool = False
    """Series differ in how noisy they are, from a fifth to four times as much."""
    drift: float = 0.0
    """Part of the looks that fail on the last day, whoever looks; on the first, none."""
    gaps: float = 0.0
    """Part of its days on which nobody looks at a series."""
    episodes: int = 60
    episode_days: tuple[int, int] = (2, 60)
    shares: tuple[float, float] = (0.5, 1.0)
    """Part of the looks that an episode stops."""
    course: str = "even"
    """How an episode goes: ``even``, ``flapping``, ``gradual`` or ``spreading``."""
    methods: int = 1
    """So many techniques, one after the other, in every episode."""
    throttles: bool = False
    """Episodes slow down, and don't stop."""
    network_outages: int = 20
    target_outages: int = 20
    faults: int = 2
    """Times when the probe fails everywhere."""
    fault_share: float = 1.0
    """Part of the vantages that have the faulty version."""
    shutdowns: int = 0
    silences: int = 0
    """Networks whose vantages all stop for a while."""
    churn_days: float = 0.0
    """Mean time for which a vantage is there; 0 is for ever."""
    weekend_volume: float = 1.0
    weekend_noise: float = 0.0
    """Part of the looks that fail on weekends, whoever looks."""
    dip: float = 1.0
    """Part of the looks that is left in the quietest time of the year."""
    liars: float = 0.0
    """Part of one network's measurements whose keys lie."""


_DEFAULT = Shape()
PRESETS: Mapping[str, Shape] = MappingProxyType(
    {
        "default": _DEFAULT,
        "quiet": replace(_DEFAULT, episodes=0),
        "liars": replace(_DEFAULT, liars=0.3),
        "flapping": replace(_DEFAULT, course="flapping", episode_days=(16, 60)),
        "methods": replace(_DEFAULT, methods=3, episode_days=(18, 60)),
        "gradual": replace(_DEFAULT, course="gradual", episode_days=(15, 60)),
        "spreading": replace(_DEFAULT, course="spreading", episode_days=(15, 60), episodes=30),
        "shutdowns": replace(_DEFAULT, episodes=10, shutdowns=8),
        "churn": replace(_DEFAULT, churn_days=40.0),
        "clustered": replace(_DEFAULT, noise_of="vantage"),
        "seasonal": replace(_DEFAULT, weekend_volume=0.5, weekend_noise=0.15, dip=0.3),
        "throttling": replace(_DEFAULT, throttles=True),
        "silence": replace(_DEFAULT, episodes=10, silences=12),
        "versions": replace(_DEFAULT, fault_share=0.4, faults=6),
        "years": replace(_DEFAULT, countries=5, networks=4, targets=10, days=3 * 365),
    }
)
"""The first three are pinned: what is said of them is compared over versions."""
