"""The trace of one look: steps in the order they began, complete even when cut off."""

from collections.abc import Callable
from types import TracebackType

import msgspec

from heliograph.detail import Cause, Detail
from heliograph.failure import Failure, decisive
from heliograph.model import Step, StepKind
from heliograph.plugin import TEST, Label
from heliograph.text import clean, clean_json

_CAUSE_CHARACTERS = 300


class OpenStep:
    """A step under way. Leaving its ``with`` block closes it.

    What the network does ends the block and becomes the step's failure; anything else is a bug
    of ours and passes through, as does cancellation, which leaves the step ``interrupted``.
    """

    def __init__(self, trace: "Trace", step: Step) -> None:
        self._trace = trace
        self._step = step
        self._began = trace.elapsed()
        self._closed = False
        self.failure: Failure | None = Failure.INTERRUPTED
        self.detail: Detail | None = None
        self.source_port: int | None = None
        self.bytes_sent = 0
        self.bytes_received = 0

    def fail(self, failure: Failure) -> None:
        """Say how the step failed where no exception does."""
        self._closed = True
        self.failure = failure

    def note_cause(self, error: BaseException) -> None:
        """Keep the raw error behind the failure word in the detail."""
        if self.detail is not None:
            self.detail = msgspec.structs.replace(self.detail, cause=_cause_of(error))

    def amend(self, **changes: object) -> None:
        """Change the detail by what became known after the step was closed."""
        assert self.detail is not None
        self.detail = msgspec.structs.replace(self.detail, **changes)
        self._step = msgspec.structs.replace(self._step, detail=self._told())

    def __enter__(self) -> "OpenStep":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if error is None:
            if not self._closed:
                self.failure = None
            self._finish()
            return False
        found = decisive(error) if isinstance(error, Exception) else None
        if found is not None:
            self.failure, cause = found
            self.note_cause(cause)
        self._finish()
        return found is not None

    def _finish(self) -> None:
        self._step = self.snapshot()
        self._closed = True
        self._trace.close(self)

    def snapshot(self) -> Step:
        """The step as it stands now, frozen."""
        return msgspec.structs.replace(
            self._step,
            started=round(self._began, 6),
            seconds=round(self._trace.elapsed() - self._began, 6),
            source_port=self.source_port,
            bytes_sent=self.bytes_sent,
            bytes_received=self.bytes_received,
            failure=self.failure,
            detail=self._told(),
        )

    def _told(self) -> str:
        detail = "{}" if self.detail is None else msgspec.json.encode(self.detail).decode()
        return self._trace.scrub(clean_json(detail))

    @property
    def frozen(self) -> Step:
        """The closed step."""
        return self._step


class Trace:
    """Collects the steps of one look; ``clock`` is monotonic, ``scrub`` removes own addresses."""

    def __init__(self, clock: Callable[[], float], scrub: Callable[[str], str]) -> None:
        self._clock = clock
        self._zero = clock()
        self._steps: list[OpenStep | Step] = []
        self._done: set[int] = set()
        self._flags: dict[str, None] = {}
        self.scrub = scrub
        self.catch_up: Callable[[], None] = lambda: None
        """Called before anything is read: some things show only later."""

    @property
    def flags(self) -> dict[str, None]:
        """What is to be known of the look as a whole, in the order it was noted."""
        self.catch_up()
        return self._flags

    def elapsed(self) -> float:
        """Seconds since the look began."""
        return self._clock() - self._zero

    def step(
        self,
        kind: StepKind,
        label: Label = TEST,
        *,
        host: str | None = None,
        resolver: str | None = None,
        peer: tuple[str, int] | None = None,
        sni: str | None = None,
    ) -> OpenStep:
        """Open a step; it counts as interrupted until its block ends otherwise."""
        address, port = peer or (None, None)
        opened = OpenStep(
            self,
            Step(
                kind=kind,
                role=label.role,
                pair=label.pair,
                hop=label.hop,
                host=host,
                resolver=resolver,
                address=address,
                port=port,
                sni=sni,
            ),
        )
        self._steps.append(opened)
        return opened

    def adopt(self, step: Step) -> None:
        """Add a step somebody else made and timed on this trace's axis; it is scrubbed, too."""
        detail = self.scrub(clean_json(step.detail))
        self._steps.append(msgspec.structs.replace(step, detail=detail))

    def flag(self, context: str) -> None:
        """Note something about the look as a whole."""
        self._flags[context] = None

    def close(self, step: OpenStep) -> None:
        """Called by the step itself when its block ends."""
        self._done.add(id(step))

    def steps(self) -> tuple[Step, ...]:
        """All steps so far, in the order they began; those still open read ``interrupted``."""
        self.catch_up()
        return tuple(self._as_it_is(step) for step in self._steps)

    def _as_it_is(self, step: OpenStep | Step) -> Step:
        if isinstance(step, OpenStep):
            step = step.frozen if id(step) in self._done else step.snapshot()
        detail = self.scrub(step.detail)  # an address may have become known since
        return step if detail == step.detail else msgspec.structs.replace(step, detail=detail)


def _cause_of(error: BaseException) -> Cause:
    number = error.errno if isinstance(error, OSError) else None
    kind = type(error)
    return Cause(
        type=f"{kind.__module__}.{kind.__qualname__}",
        errno=number,
        text=clean(str(error))[:_CAUSE_CHARACTERS],
    )
