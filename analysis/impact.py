"""Did blocking change around an event? A plan and a table in, one answer out, or why there is none.

That something changed at an event is all that is said: never that the event is the cause.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

import msgspec

from analysis.detection.series import Key, Table
from analysis.impact_panel import (
    Panel,
    Shares,
    axis_of,
    grouped,
    is_long_enough,
    level_of,
    panel_of,
    row_of,
)
from analysis.impact_plan import Plan, about
from analysis.impact_shifts import Change, change_in, least_p
from heliograph.text import counted

ROSE, FELL, NO_CHANGE, CANNOT_TELL = "rose", "fell", "no change shown", "cannot tell"


class TargetImpact(msgspec.Struct, frozen=True, kw_only=True):
    """One target's change; Holm's correction (1979) over all of them is in ``p_adjusted``."""

    target: str
    answer: str
    reason: str | None = None
    """Why nothing can be told of it; None where something is."""
    effect: float
    low: float
    high: float
    """All changes the data don't rule out, for all targets at once: each at its part of 5 %."""
    p: float
    p_adjusted: float
    networks: int


class Impact(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="impact"):
    """The answer (``heliograph events impact --json``). Shares and their changes are 0 to 1."""

    event: str
    answer: str
    reason: str | None
    """Why nothing can be told; None where something is."""
    explanation: str
    effect: float | None = None
    """Change of the blocked share after, less that of the controls."""
    low: float | None = None
    high: float | None = None
    """All changes the data don't rule out, at 95 % or what the plan says."""
    p: float | None = None
    permutations: int = 0
    """All of them were counted."""
    before: float | None = None
    after: float | None = None
    """The blocked share in the panel, nothing taken away."""
    buckets_before: int = 0
    buckets_after: int = 0
    series: int = 0
    networks: int = 0
    silent: int = 0
    """Series with data before and too little after; they are not in the panel."""
    control: str | None = None
    """``countries``: the same targets elsewhere; ``all countries``: other targets elsewhere;
    ``targets``: other targets in the country."""
    controls: int = 0
    targets: tuple[TargetImpact, ...] = ()
    plan: Plan
    plan_sha256: str


@dataclass(frozen=True, slots=True)
class _Control:
    what: str
    units: dict[str, list[Shares]]


@dataclass(frozen=True, slots=True)
class _Tested:
    """A target held against itself elsewhere."""

    target: str
    networks: int
    controls: int
    change: Change


class _CannotTell(Exception):
    def __init__(self, reason: str, words: str) -> None:
        super().__init__(words)
        self.reason = reason


def impact(table: Table, plan: Plan) -> Impact:
    """The answer: the same for the same plan and data, since nothing else is free."""
    axis = axis_of(table.grid, plan)
    panel = panel_of(table, axis, plan, cache(about(plan)))
    empty = Impact(
        event=plan.event,
        answer=CANNOT_TELL,
        reason=None,
        explanation="",
        buckets_before=axis.before,
        buckets_after=axis.after,
        series=len(panel.named),
        networks=len(_networks(panel.named)),
        silent=len(panel.silent),
        plan=plan,
        plan_sha256=plan.digest,
    )
    try:
        return _answered(panel, plan, empty)
    except _CannotTell as error:
        return msgspec.structs.replace(
            empty, reason=error.reason, explanation=f"Cannot tell: {error}."
        )


def _answered(panel: Panel, plan: Plan, empty: Impact) -> Impact:
    _require_panel(panel, plan)
    control = _control(panel)
    _require_resolution(panel, control, plan)
    rows = _rows(list(panel.named.values()), control)
    found = change_in(rows, panel.axis.before, plan.alpha)
    before, length = panel.axis.before, len(panel.axis.buckets)
    series = panel.named.values()
    filled = msgspec.structs.replace(
        empty,
        answer=_answer(found, found.p, plan),
        effect=round(found.effect, 4),
        low=round(found.low, 4),
        high=round(found.high, 4),
        p=round(found.p, 6),
        permutations=found.permutations,
        before=round(level_of(series, 0, before), 4),
        after=round(level_of(series, before, length), 4),
        control=control.what,
        controls=len(control.units),
        targets=_targets(panel, plan),
    )
    reason = _reason(filled.answer, found, len(control.units), plan)
    if reason:
        filled = msgspec.structs.replace(filled, answer=CANNOT_TELL, reason=reason)
    return msgspec.structs.replace(filled, explanation=_in_words(filled))


def _require_panel(panel: Panel, plan: Plan) -> None:
    """Raise _CannotTell for what makes any comparison empty."""
    axis = panel.axis
    if not is_long_enough(axis, plan):
        told = f"{counted(axis.before, 'bucket')} before and {axis.after} after"
        raise _CannotTell("too_few_days", f"the data cover {told} of the days of the plan")
    if len(panel.silent) > len(panel.named):
        told = (
            f"{len(panel.silent)} series of {plan.country} fell silent, {len(panel.named)} went on"
        )
        raise _CannotTell("silence", told)
    if not panel.named:
        raise _CannotTell("panel", f"no series of {plan.country} has enough data on both sides")
    networks = _networks(panel.named)
    if len(networks) == 1 and 0 not in networks:
        (asn,) = networks
        raise _CannotTell(
            "one_network", f"all is from one network (AS{asn}), which may be the cause"
        )


def _control(panel: Panel) -> _Control:
    """What the country is compared with: the nearest there is."""
    targets = {key.target for key in panel.named}
    same = {key: shares for key, shares in panel.elsewhere.items() if key.target in targets}
    for what, series, by in (
        ("countries", same, _country),
        ("all countries", panel.elsewhere, _country),
        ("targets", panel.others, _target),
    ):
        if series:
            return _Control(what, grouped(series, by))
    raise _CannotTell(
        "no_control", "there is no other country and no other target that it could be told from"
    )


def _require_resolution(panel: Panel, control: _Control, plan: Plan) -> None:
    """Raise _CannotTell where not even all of a share at once would be seen.

    One control alone is no matter of days: _reason has that.
    """
    least = _least_p(len(control.units), panel)
    if len(control.units) > 1 and least > plan.alpha:
        raise _CannotTell("too_few_days", f"no change could get a p-value below {least:.2f}")


def _reason(answer: str, found: Change, controls: int, plan: Plan) -> str | None:
    """Why an answer is none after all, if so."""
    if controls == 1:
        return "too_few_controls"
    wide = found.high > plan.widest or found.low < -plan.widest
    return "imprecise" if answer == NO_CHANGE and wide else None


def _least_p(controls: int, panel: Panel) -> float:
    return least_p(controls + 1, panel.axis.before, len(panel.axis.buckets))


def _rows(series: Sequence[Shares], control: _Control) -> list[list[float]]:
    return [row_of(series), *(row_of(unit) for unit in control.units.values())]


def _targets(panel: Panel, plan: Plan) -> tuple[TargetImpact, ...]:
    """Each target beside itself elsewhere; one that is measured nowhere else is left out."""
    mine = grouped(panel.named, _target)
    if len(mine) < 2:
        return ()
    beside = {target: _elsewhere(target, panel) for target in mine}
    beside = {target: control for target, control in beside.items() if control.units}
    found = [
        _Tested(
            target,
            len(_networks([key for key in panel.named if key.target == target])),
            len(control.units),
            change_in(_rows(mine[target], control), panel.axis.before, plan.alpha / len(beside)),
        )
        for target, control in beside.items()
    ]
    adjusted = holm([one.change.p for one in found])
    told = zip(found, adjusted, _attainable(found, panel), strict=True)
    return tuple(_of_target(one, p, best, plan) for one, p, best in told)


def _elsewhere(target: str, panel: Panel) -> _Control:
    series = {key: shares for key, shares in panel.elsewhere.items() if key.target == target}
    return _Control("countries", grouped(series, _country))


def _attainable(found: Sequence[_Tested], panel: Panel) -> list[float]:
    """What p-value after correction each had got by the largest change, the others as they are.

    Or by the change it has: noise may set its rotations further apart than a clean step does.
    """
    least = cache(lambda controls: _least_p(controls, panel))
    values = [one.change.p for one in found]
    best = [min(one.change.p, least(one.controls)) for one in found]
    return [
        holm([*values[:place], value, *values[place + 1 :]])[place]
        for place, value in enumerate(best)
    ]


def _of_target(one: _Tested, p: float, best: float, plan: Plan) -> TargetImpact:
    """That no change is shown is said only where a change would have been."""
    answer = _answer(one.change, p, plan)
    reason = _reason(answer, one.change, one.controls, plan)
    if best > plan.alpha:
        reason = "too_few_controls"
    if one.networks == 1:
        reason = "one_network"
    return TargetImpact(
        target=one.target,
        answer=CANNOT_TELL if reason else answer,
        reason=reason,
        effect=round(one.change.effect, 4),
        low=round(one.change.low, 4),
        high=round(one.change.high, 4),
        p=round(one.change.p, 6),
        p_adjusted=round(p, 6),
        networks=one.networks,
    )


def holm(values: Sequence[float]) -> list[float]:
    """P-values so that among all of them one false claim or more is as rare as in one test."""
    adjusted, highest = [0.0] * len(values), 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = highest
    return adjusted


def _answer(found: Change, p: float, plan: Plan) -> str:
    if p > plan.alpha or abs(found.effect) < plan.least_effect:
        return NO_CHANGE
    return ROSE if found.effect > 0 else FELL


def _in_words(found: Impact) -> str:
    effect, low, high = (100 * (one or 0.0) for one in (found.effect, found.low, found.high))
    size = f"{effect:+.0f} points beside the controls, {low:+.0f} to {high:+.0f}, p {found.p:.3f}"
    if found.reason == "too_few_controls":
        other = "target" if found.control == "targets" else "country"
        why = f"beside one other {other} nobody can say which of the two changed"
        return f"Cannot tell: {why} ({size})."
    if found.answer == CANNOT_TELL:
        return f"Cannot tell: the data leave open too much ({size})."
    if found.answer == NO_CHANGE:
        return f"No change of blocking is shown ({size})."
    return (
        f"Blocking {found.answer} at the event ({size}{_apart(found)})."
        " What caused it, counts don't show."
    )


def _apart(found: Impact) -> str:
    """Of how many targets the same is told by itself, and of how many nothing can be."""
    if not found.targets:
        return ""
    answers = [one.answer for one in found.targets]
    dark = answers.count(CANNOT_TELL)
    unknown = f", {dark} can't be told" if dark else ""
    of = counted(len(answers), "target")
    return f"; by itself for {answers.count(found.answer)} of {of}{unknown}"


def _networks(keys: Collection[Key] | dict[Key, Shares]) -> set[int]:
    return {key.asn for key in keys}


def _country(key: Key) -> str:
    return key.country


def _target(key: Key) -> str:
    return key.target
