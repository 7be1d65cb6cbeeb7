"""Second looks: what may have been stopped in passing is looked at once more when that is over."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from heliograph.model import RESIDUAL_POSSIBLE, Measurement, Question, QuestionKind, Role, State
from probes.net.ledger import Ledger, Place
from probes.net.watch import SPOILED
from scheduler.allowance import Allowance
from scheduler.looks import Finished, Look

MOST_COOLDOWNS = 3
"""So many cool-downs a run waits at most: a second look may hit a filter that others then pay."""


_ONCE_MORE = frozenset(
    {QuestionKind.SAME_ADDRESS_AGAIN, QuestionKind.PAGE_AGAIN, QuestionKind.OTHER_SHAPE}
)
"""Questions that try the target's name where it was tried before."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Whether a run may wait for second looks, and who is told of it before it does.

    ``told`` hears how many are left, and how many seconds the next one waits.
    """

    waits: bool = False
    told: Callable[[int, float], None] = lambda _left, _seconds: None


HASTE = Patience()
"""No waiting: what is cool by the end of a run is looked at once more, and nothing else."""


class Repeats:
    """The looks of a run that are worth a second one; each gets one at most."""

    def __init__(self, ledger: Ledger | None) -> None:
        self._ledger = ledger
        self._waiting: dict[Look, tuple[Place, ...]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def note(self, look: Look, finished: Finished) -> None:
        """Take note of how a first look ended."""
        verdict = finished.verdict
        if verdict is None or verdict.state is not State.INCONCLUSIVE:
            return
        if RESIDUAL_POSSIBLE in finished.measurement.context:
            self._waiting[look] = spoiled_places(finished.measurement)

    def soonest(self) -> tuple[Look, float] | None:
        """The look that may be made first, and in how many seconds; None when there is none."""
        waits = {look: self._cool_in(places) for look, places in self._waiting.items()}
        return min(waits.items(), key=lambda item: item[1], default=None)

    def take(self, look: Look) -> None:
        """It is made now."""
        del self._waiting[look]

    @property
    def longest(self) -> float:
        """Seconds that may be waited in all."""
        return 0.0 if self._ledger is None else MOST_COOLDOWNS * self._ledger.cooldown

    def _cool_in(self, places: Iterable[Place]) -> float:
        ledger = self._ledger
        return 0.0 if ledger is None else max(map(ledger.cool_in, places), default=0.0)


def is_spoiled(question: Question, ledger: Ledger) -> bool:
    """A repeat says nothing where another name was stopped, and nobody was answered since."""
    if question.kind not in _ONCE_MORE or question.address is None or question.port is None:
        return False
    place = (question.address, question.port)
    return ledger.lingers(place, question.host, ledger.seen(place))


def spoiled_places(measurement: Measurement) -> tuple[Place, ...]:
    """Where the target's name was tried, and failed as things fail after a provocation."""
    failed = (
        (step.address, step.port)
        for step in measurement.steps
        if step.role is Role.TEST and step.resolver is None and step.failure in SPOILED
    )
    places = ((address, port) for address, port in failed if address and port)
    return tuple(dict.fromkeys(places))


async def look_again(
    repeats: Repeats,
    allowance: Allowance,
    patience: Patience,
    look: Callable[[Look], Awaitable[None]],
) -> None:
    """Make the second looks, one after another; without patience only those that are due."""
    left = repeats.longest if patience.waits else 0.0
    while not allowance.over and (due := repeats.soonest()) is not None:
        chosen, wait = due
        if wait > 0:
            if wait > left or not allowance.lasts(wait):
                return
            patience.told(len(repeats), wait)
            await allowance.pause(wait)
            left -= wait
            continue  # it may have been hit again meanwhile, or the run been stopped
        repeats.take(chosen)
        await look(chosen)
