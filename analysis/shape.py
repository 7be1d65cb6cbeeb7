"""Whether a filter that stops a name hears it in a ClientHello of another shape, too.

A ClientHello with a large key share needs two segments, and some filters look at the first alone.
That says something of the filter and nothing of the site, so no rule rests on it: it is recorded
beside the verdict. The innocuous name is said in the same shape first, for servers may dislike it.
"""

from collections.abc import Iterator

from analysis.answers import Trial
from analysis.evidence import Evidence
from analysis.residual import BY_A_FILTER, forgets
from analysis.saying import Said, at, outcome
from heliograph.failure import Failure
from heliograph.model import (
    PAIR_SHAPE,
    RESIDUAL_POSSIBLE,
    Question,
    QuestionKind,
    Role,
    Side,
    State,
    Step,
    StepKind,
    Verdict,
)

_HIT = BY_A_FILTER | {Failure.INTERRUPTED}
"""How the usual shape ends where it is stopped again; silence is not waited for to its end."""
_UNTESTED = {
    True: "they were on in all that was sent",
    False: "they were off in all that was sent",
    None: "whether they were on is not known",
}


def shaped(e: Evidence) -> Trial:
    """Both names said in a ClientHello of two segments, at the address that stopped the target's.

    One that needed a single segment after all, as on a line with large packets, is no trial.
    """
    made = [step for step in _said(e) if e.tls(step).client_hello_segments > 1]
    tests = tuple(step for step in made if step.role is Role.TEST)
    return Trial(
        control=next((step for step in made if step.role is Role.CONTROL_AFTER), None),
        test=next(iter(tests), None),
        tests=tests,
    )


def usual(e: Evidence) -> Step | None:
    """The target's name said in the usual shape between two of the other."""
    made = [step for step in _said(e) if not e.tls(step).client_hello_segments]
    return next((step for step in made if step.role is Role.TEST), None)


def _said(e: Evidence) -> list[Step]:
    return [
        step
        for step in e.measurement.steps
        if step.pair == PAIR_SHAPE and step.hop == e.hop and step.kind is StepKind.TLS_HANDSHAKE
    ]


def _lets_through(e: Evidence) -> bool:
    """Stopped, let through in the other shape, stopped, let through: no chance, as far as told."""
    tests, between = shaped(e).tests, usual(e)
    again = between is not None and between.failure in _HIT
    return again and len(tests) > 1 and all(e.answered(step) for step in tests)


def about_the_shape(e: Evidence, verdict: Verdict) -> Iterator[Question]:
    """Worth asking where the name is stopped as by a filter that keeps no memory of it."""
    stopped = e.stopped
    if stopped is None or stopped.kind is not StepKind.TLS_HANDSHAKE:
        return
    found = verdict.state is State.BLOCKED and verdict.hop == e.hop
    named = any(technique.startswith("tls.") for technique in verdict.techniques)
    clear = forgets(e) is True and RESIDUAL_POSSIBLE not in e.measurement.context
    if found and named and clear and stopped.failure in BY_A_FILTER:
        yield Question(
            kind=QuestionKind.OTHER_SHAPE,
            host=e.host,
            address=stopped.address,
            port=stopped.port,
            hop=e.hop,
        )


def anomalies(e: Evidence) -> Iterator[str]:
    """A name that is stopped in one shape, and answered in another."""
    trial = shaped(e)
    stopped = e.stopped is not None and _is_fair(e, trial)
    if stopped and trial.test is not None and _lets_through(e):
        yield f"shape.two_segments answered at {at(trial.test)}"


def grounds(e: Evidence) -> Iterator[Said]:
    """What both names came to, and what was not tried."""
    trial = shaped(e)
    if trial.test is None or trial.control is None:
        return
    segments = e.tls(trial.test).client_hello_segments
    ended = _ended(e, trial.test)
    said = f"in a ClientHello of {segments} segments, {trial.control.host}"
    text = f"{said}: {outcome(e, trial.control)}; {e.host}: {ended}{_meaning(e, trial)}"
    yield Said(Side.FACT, text, (trial.control, *trial.tests, usual(e)))
    stack = e.measurement.stack
    known = _UNTESTED[None if stack is None else stack.tcp_timestamps]
    yield Said(
        Side.FACT,
        f"without TCP timestamps, which some filters do not read past: not tested; {known}"
        " (a setting of the whole host)",
        (),
    )


def _meaning(e: Evidence, trial: Trial) -> str:
    if not _is_fair(e, trial) or trial.test is None:
        return ": the server may not take it, which says nothing of a filter"
    if _lets_through(e):
        return ", twice, and stopped in between: whoever stops it hears the first segment alone"
    if e.answered(trial.test):
        return ": let through once, which may be chance"
    return ": whoever stops the name puts segments together"


def _ended(e: Evidence, step: Step) -> str:
    """Silence is not waited for to its end: it came already where the name was said first."""
    return "no answer" if step.failure is Failure.INTERRUPTED else outcome(e, step)


def _is_fair(e: Evidence, trial: Trial) -> bool:
    return trial.control is not None and e.answered(trial.control)
