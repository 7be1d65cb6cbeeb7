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
    effect: float
    low: float
    high: float
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
    found = _tested(list(panel.named.values()), control, panel, plan)
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
    unsure = filled.answer == NO_CHANGE and (found.high > plan.widest or found.low < -plan.widest)
    if unsure:
        filled = msgspec.structs.replace(filled, answer=CANNOT_TELL, reason="imprecise")
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
    least = least_p(len(control.units) + 1, len(panel.axis.buckets))
    if least > plan.alpha:
        raise _CannotTell("too_few_days", f"no change could get a p-value below {least:.2f}")


def _tested(series: Sequence[Shares], control: _Control, panel: Panel, plan: Plan) -> Change:
    rows = [row_of(series), *(row_of(unit) for unit in control.units.values())]
    return change_in(rows, panel.axis.before, plan.alpha)


def _targets(panel: Panel, plan: Plan) -> tuple[TargetImpact, ...]:
    """Each target beside itself elsewhere; one that is measured nowhere else is left out."""
    found: list[tuple[str, int, Change]] = []
    mine = grouped(panel.named, _target)
    if len(mine) < 2:
        return ()
    for target, series in mine.items():
        elsewhere = {k: shares for k, shares in panel.elsewhere.items() if k.target == target}
        keys = [key for key in panel.named if key.target == target]
        if elsewhere:
            control = _Control("countries", grouped(elsewhere, _country))
            found.append((target, len(_networks(keys)), _tested(series, control, panel, plan)))
    adjusted = holm([one.p for *_, one in found])
    return tuple(
        TargetImpact(
            target=target,
            answer=_answer(one, p, plan) if networks > 1 else NO_CHANGE,
            effect=round(one.effect, 4),
            low=round(one.low, 4),
            high=round(one.high, 4),
            p=round(one.p, 6),
            p_adjusted=round(p, 6),
            networks=networks,
        )
        for (target, networks, one), p in zip(found, adjusted, strict=True)
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
    if found.answer == CANNOT_TELL:
        return f"Cannot tell: the data leave open too much ({size})."
    if found.answer == NO_CHANGE:
        return f"No change of blocking is shown ({size})."
    moved = [one.target for one in found.targets if one.answer == found.answer]
    apart = f"; by itself for {counted(len(moved), 'target')}" if found.targets else ""
    return (
        f"Blocking {found.answer} at the event ({size}{apart}). What caused it, counts don't show."
    )


def _networks(keys: Collection[Key] | dict[Key, Shares]) -> set[int]:
    return {key.asn for key in keys}


def _country(key: Key) -> str:
    return key.country


def _target(key: Key) -> str:
    return key.target
