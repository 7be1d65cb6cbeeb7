"""What a run and the cool-down ledger in the database tell each other, and the user of it."""

from collections.abc import Callable
from datetime import timedelta

from heliograph.cli.place import now
from heliograph.limits import LimitsConfig
from heliograph.model import RESIDUAL_POSSIBLE, State
from heliograph.text import counted, for_terminal
from probes.net.ledger import longest
from scheduler.again import Patience
from scheduler.looks import Finished
from scheduler.runner import Runner
from storage.ledger import Hits

_EVERY = timedelta(seconds=5)
"""So often, at most, a run reads what others beside it have noted."""
_LATE = timedelta(seconds=90)
"""So long it may take till a name that was said is noted as stopped: as long as a look."""
_MOST_NAMED = 3


class Cooling:
    """One run's dealings with names that were stopped lately, its own and those of others."""

    def __init__(self, hits: Hits, limits: LimitsConfig) -> None:
        self._hits = hits
        self._seconds = limits.cooldown_seconds
        self._read = now()
        self._spoiled: dict[tuple[str, str], str] = {}
        """Hosts, by target and probe."""

    def begin(self, runner: Runner) -> None:
        """Drop what is over, and tell the run of the rest."""
        kept = longest(self._seconds)
        self._hits.prune(now(), kept)
        runner.learn(self._hits.since(now() - kept))

    def note(self, finished: Finished, runner: Runner) -> None:
        """Take note of a look that has ended, and tell the run of what others met meanwhile."""
        measurement, verdict = finished.measurement, finished.verdict
        key = measurement.target.url, measurement.probe
        undecided = verdict is not None and verdict.state is State.INCONCLUSIVE
        if undecided and RESIDUAL_POSSIBLE in measurement.context:
            self._spoiled[key] = measurement.target.host
        elif finished.is_second:
            self._spoiled.pop(key, None)
        if now() - self._read >= _EVERY:
            runner.learn(self._hits.since(self._read - _LATE))
            self._read = now()

    def patience(self, tell: Callable[[str], None], *, waits: bool) -> Patience:
        """How the run is to wait for second looks, and what is told before it does."""

        def told(left: int, seconds: float) -> None:
            tell(
                f"waiting {_minutes(seconds)}, then looking once more at {counted(left, 'target')}:"
                " a filter that was hit by another name may have stopped it as well; Ctrl-C ends"
                " this, and what is finished is stored"
            )

        return Patience(waits=waits, told=told)

    def sentence(self) -> str | None:
        """What is to be said of looks that were spoiled, and not made again with more success."""
        if not self._spoiled:
            return None
        hosts = list(dict.fromkeys(self._spoiled.values()))
        more = len(hosts) - _MOST_NAMED
        named = ", ".join(hosts[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        return for_terminal(
            f"undecided, since a filter that was hit by another name may have stopped them as well:"
            f" {named}; look again in {_minutes(self._seconds)}, or let 'heliograph run --wait' do"
            " so by itself"
        )


def _minutes(seconds: float) -> str:
    whole = max(round(seconds), 1)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
