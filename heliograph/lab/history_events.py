"""What happens in a history, drawn by chance: what must be found, and what must not be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from heliograph.lab.history_shapes import Shape

TECHNIQUES = ("tls.reset", "dns.bogon", "tcp.timeout", "http.blockpage")
FAULT = "instrument fault"
ON, OFF = 5, 2
"""Days of a flapping episode that stop looks, and days of pause."""
RAMP = 10
"""Days in which a gradual episode grows to its full share."""
_STEP = 2
"""Days from one network to the next in a spreading episode."""
_FIRST, _LAST = 15, 7
"""So many days from either end of the history nothing begins."""
_FIRST_ASN = 4_200_000_000
"""Private ones (RFC 6996)."""
_TRUE = frozenset({"blocking", "throttling", "shutdown", "silence"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something staged. ``onset`` is its first day and ``end`` the first day after it."""

    kind: str
    """What a finding of it is called; else what it is that no finding must be made of."""
    country: str = ""
    """Empty: all of them; so are no networks, and no targets."""
    asns: tuple[int, ...] = ()
    targets: tuple[str, ...] = ()
    onset: int
    end: int
    how: str = "blocked"
    """What becomes of looks: ``blocked``, ``throttled``, ``down``, ``inconclusive``, ``silent``."""
    share: float = 1.0
    course: str = "even"
    techniques: tuple[str, ...] = ()

    @property
    def is_true(self) -> bool:
        """Whether it is to be found."""
        return self.kind in _TRUE

    def begins_in(self, asn: int) -> int:
        """The first day in this network."""
        late = self.asns.index(asn) * _STEP if self.course == "spreading" else 0
        return self.onset + late

    def share_on(self, day: int, asn: int) -> float:
        """Part of the looks from this network that it concerns on a day."""
        since = day - self.begins_in(asn)
        if since < 0 or day >= self.end:
            return 0.0
        if self.course == "flapping":
            return self.share if since % (ON + OFF) < ON else 0.0
        return self.share * min(1.0, (since + 1) / RAMP if self.course == "gradual" else 1.0)

    def technique_on(self, day: int) -> str:
        """How looks are stopped that day: the methods take turns of equal length."""
        if not self.techniques:
            return ""
        length = max(self.end - self.onset, 1)
        number = (day - self.onset) * len(self.techniques) // length
        return self.techniques[min(number, len(self.techniques) - 1)]


@dataclass(frozen=True, slots=True)
class World:
    """Who looks, and at what."""

    countries: dict[str, tuple[int, ...]]
    """Networks by country."""
    targets: tuple[str, ...]

    @property
    def networks(self) -> tuple[tuple[str, int], ...]:
        """Every network with its country."""
        return tuple((name, asn) for name, asns in self.countries.items() for asn in asns)


def world_of(shape: Shape) -> World:
    """Countries (user-assigned codes of ISO 3166-1), networks and targets of a shape."""
    count = shape.networks
    countries = {
        f"X{chr(ord('A') + n)}": tuple(_FIRST_ASN + n * count + k for k in range(count))
        for n in range(shape.countries)
    }
    return World(countries, tuple(f"https://site-{n}.example/" for n in range(shape.targets)))


def happenings(shape: Shape, world: World, chance: Random) -> tuple[Happening, ...]:
    """Everything that happens, in the order in which it was drawn."""
    found = [
        *_country_shutdowns(shape, world, chance),
        *_silences(shape, world, chance),
        *_episodes(shape, world, chance),
        *_innocent(shape, world, chance),
    ]
    return tuple(found)


def _days(shape: Shape, chance: Random, length: tuple[int, int]) -> tuple[int, int]:
    onset = chance.randint(_FIRST, max(shape.days - _LAST, _FIRST))
    return onset, onset + chance.randint(*length)


def _episodes(shape: Shape, world: World, chance: Random) -> Iterator[Happening]:
    """Each of one target, in one network, some, or all of a country; no series has two."""
    taken: set[tuple[int, str]] = set()
    kind = "throttling" if shape.throttles else "blocking"
    for _ in range(shape.episodes):
        while True:
            country, target = chance.choice(list(world.countries)), chance.choice(world.targets)
            asns = _some(world.countries[country], chance, all_of=shape.course == "spreading")
            if not any((asn, target) in taken for asn in asns):
                break
        taken.update((asn, target) for asn in asns)
        onset, end = _days(shape, chance, shape.episode_days)
        yield Happening(
            kind=kind,
            country=country,
            asns=asns,
            targets=(target,),
            onset=onset,
            end=end,
            how="throttled" if shape.throttles else "blocked",
            share=chance.uniform(*shape.shares),
            course=shape.course,
            techniques=() if shape.throttles else tuple(chance.sample(TECHNIQUES, shape.methods)),
        )


def _some(asns: Sequence[int], chance: Random, *, all_of: bool) -> tuple[int, ...]:
    number = len(asns) if all_of else chance.choice([1, 1, 1, min(3, len(asns)), len(asns)])
    return tuple(chance.sample(list(asns), number))


def _country_shutdowns(shape: Shape, world: World, chance: Random) -> Iterator[Happening]:
    names = list(world.countries)
    for n in range(shape.shutdowns):
        country = names[n % len(names)]
        onset, end = _days(shape, chance, (2, 7))
        yield Happening(
            kind="shutdown",
            country=country,
            asns=world.countries[country],
            onset=onset,
            end=end,
            how=("silent", "inconclusive")[n % 2],
        )


def _silences(shape: Shape, world: World, chance: Random) -> Iterator[Happening]:
    for country, asn in chance.sample(world.networks, shape.silences):
        onset, end = _days(shape, chance, (7, 40))
        yield Happening(
            kind="silence", country=country, asns=(asn,), onset=onset, end=end, how="silent"
        )


def _innocent(shape: Shape, world: World, chance: Random) -> Iterator[Happening]:
    """Outages of networks and of targets, faults of the probe, and lies."""
    for n in range(shape.network_outages):
        country, asn = chance.choice(world.networks)
        onset, end = _days(shape, chance, (1, 3))
        yield Happening(
            kind="network outage",
            country=country,
            asns=(asn,),
            onset=onset,
            end=end,
            how=("silent", "inconclusive", "blocked", "down")[n % 4],
            share=0.9,
        )
    for n in range(shape.target_outages):
        onset, end = _days(shape, chance, (1, 5))
        yield Happening(
            kind="target outage",
            targets=(chance.choice(world.targets),),
            onset=onset,
            end=end,
            how=("down", "blocked")[n % 2],
            share=0.9,
        )
    for _ in range(shape.faults):
        onset, end = _days(shape, chance, (1, 4))
        yield Happening(kind=FAULT, onset=onset, end=end, share=shape.fault_share)
    if shape.liars:
        country, asn = chance.choice(world.networks)
        onset, end = _days(shape, chance, (20, 60))
        accused = chance.sample(world.targets, max(1, len(world.targets) // 3))
        yield Happening(
            kind="lie",
            country=country,
            asns=(asn,),
            targets=tuple(sorted(accused)),
            onset=onset,
            end=end,
            share=shape.liars,
        )
