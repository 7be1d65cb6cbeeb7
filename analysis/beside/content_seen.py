"""What a look of the content probe saw: each page, and what of it is where it should be."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import msgspec

from analysis.beside.frames import same_frame
from analysis.chain import authentic, hops
from analysis.challenges import is_challenge
from analysis.evidence import Evidence
from analysis.rules import rules_that_may_hold
from analysis.undecided import why_undecided
from heliograph.detail import HttpDetail, Sought, read
from heliograph.model import (
    PAIR_LATER,
    PAIR_PLATFORM,
    Measurement,
    Role,
    State,
    Step,
    StepKind,
)

_OF_CONTENT = frozenset({PAIR_PLATFORM, PAIR_LATER})
_WANTED, _OTHER, _PASSWORD = range(3)
"""What every page is searched for: the target's, the other page's, a place for a password."""
_LEGAL = 451
_REFUSES = frozenset({403, _LEGAL})
_GONE = frozenset({404, 410})
_UNKNOWN_VISITOR, _TOO_MANY, _BROKEN = 401, 429, 500
_QUOTED = 40
_WALL = re.compile(
    r"(?:^|[./_-])(?:log-?[io]n|sign-?[io]n|passport|sso|auth|accounts?|checkpoint|consent)"
    r"(?:[./_-]|$)",
    re.IGNORECASE,
)
"""In the host or path of a page to which visitors are sent first."""


class Sight(StrEnum):
    """What became of what a page should hold."""

    FOUND = "found"
    MISSING = "missing"
    """All of the page was read, and it is not there."""
    WALLED = "walled"
    """A page for members, or one that asks for consent, stands before it."""
    CHALLENGED = "challenged"
    """A test for robots stands before it."""
    REFUSED = "refused"
    FAILED = "failed"
    """The server answered with an error of its own."""
    UNTOLD = "untold"
    """No page came, or not all of it was read."""


ABSENT = frozenset({Sight.MISSING, Sight.REFUSED})


@dataclass(frozen=True, slots=True)
class View:
    """One page as somebody saw it; ``number`` is the place of the step in the record."""

    number: int
    hop: int
    sight: Sight
    status: int
    has_others: bool
    """It holds what the other page of the site should."""
    asks: bool
    """It has a place for a password."""
    problem: str | None
    page: HttpDetail
    place: str | None
    """Where on the page it was found (heliograph.detail.Sought)."""

    @property
    def says_gone(self) -> bool:
        """By its status."""
        return self.status in _GONE


@dataclass(frozen=True, slots=True)
class Seen:
    """All that was seen; None for a page of which nobody saw anything."""

    host: str
    what: str
    """What the target's page should hold, for a sentence."""
    way: State | None
    """What the rules of the web say of the way to the target."""
    way_untold: str
    """Why they may say nothing."""
    proved: bool
    """The site itself gave the page: by a certificate, or it is the page a control was shown."""
    proved_at: frozenset[int]
    """The hops at which the same can be said."""
    secure: bool
    """All of the way went over TLS."""
    own_way: bool
    """Nobody but the site can have led the way on: no redirect came in the clear."""
    here: View | None
    later: View | None
    there: View | None
    platform_here: View | None
    platform_there: View | None

    @property
    def views(self) -> tuple[View, ...]:
        """All of them, in the order in which they are told."""
        found = (self.here, self.later, self.there, self.platform_here, self.platform_there)
        return tuple(view for view in found if view is not None)


def of_web(measurement: Measurement) -> Measurement:
    """The part of a look that is a web look at the same target."""
    steps = tuple(step for step in measurement.steps if step.pair not in _OF_CONTENT)
    return msgspec.structs.replace(measurement, probe="web", steps=steps)


def seen(measurement: Measurement) -> Seen:
    """What a look saw."""
    chain = hops(of_web(measurement))
    end = chain[-1]
    platform_here = _view(measurement, _is_platform(Role.CONTROL_AFTER), _OTHER, None)
    platform_there = _view(measurement, _is_platform(Role.REMOTE_CONTROL), _OTHER, None)
    here = _view(measurement, _is_page(Role.TEST, None), _WANTED, platform_here)
    return Seen(
        host=measurement.target.host,
        what=_what(measurement),
        way=_state(chain),
        way_untold=why_undecided(end),
        proved=_is_proved(end),
        proved_at=frozenset(hop for hop, e in enumerate(chain, start=1) if _is_proved(e)),
        secure=not any(e.plain for e in chain),
        own_way=not any(e.plain for e in chain[:-1]),
        here=here,
        later=_view(measurement, _is_page(Role.TEST, PAIR_LATER), _WANTED, platform_here),
        there=_view(measurement, _is_page(Role.REMOTE_CONTROL, None), _WANTED, platform_there),
        platform_here=platform_here,
        platform_there=platform_there,
    )


def _is_proved(e: Evidence) -> bool:
    return authentic(e) and bool(e.sees_same_page if e.plain else e.reached)


def _state(chain: tuple[Evidence, ...]) -> State | None:
    rules = rules_that_may_hold(chain)
    return next((rule.state for rule in rules if rule.held_at(chain) is not None), None)


def _is_page(role: Role, pair: str | None) -> Callable[[Step], bool]:
    return lambda step: step.role is role and step.pair == pair


def _is_platform(role: Role) -> Callable[[Step], bool]:
    return _is_page(role, PAIR_PLATFORM)


def _exchanges(
    measurement: Measurement, belongs: Callable[[Step], bool]
) -> Iterator[tuple[int, Step, HttpDetail]]:
    for number, step in enumerate(measurement.steps):
        if step.kind is StepKind.HTTP_EXCHANGE and step.resolver is None and belongs(step):
            yield number, step, read(step, HttpDetail)


def _view(
    measurement: Measurement, belongs: Callable[[Step], bool], which: int, beside: View | None
) -> View | None:
    """The page at the end of a way, or the one on it that holds what is sought.

    ``beside`` is the site's other page as the same visitor saw it.
    """
    made = sorted(_exchanges(measurement, belongs), key=lambda one: one[1].hop)
    if not made:
        return None
    holding = [one for one in made if _found(one[2].sought, which)]
    number, step, page = holding[0] if holding else made[-1]
    wanted = page.sought[which] if which < len(page.sought) else None
    sight = Sight.FOUND if holding else _sight(step, page, wanted, beside)
    return View(
        number=number,
        hop=step.hop,
        sight=sight,
        status=page.status or 0,
        has_others=_found(page.sought, _OTHER if which == _WANTED else _WANTED),
        asks=_found(page.sought, _PASSWORD),
        problem=_problem(step, page, wanted),
        page=page,
        place=None if wanted is None else wanted.found,
    )


def is_told_gone(view: View | None, beside: View | None) -> bool:
    """The page itself tells that what it held is gone, by its status or by the site's frame.

    What everybody is shown first, such as a question for one's age or consent, has neither, as a
    rule. ``beside`` is the site's other page as the same visitor saw it.
    """
    if view is None:
        return False
    return view.says_gone or (beside is not None and same_frame(view.page, beside.page))


def _sight(step: Step, page: HttpDetail, wanted: Sought | None, beside: View | None) -> Sight:
    """What became of a page on which nothing was found."""
    if page.status is None:
        return Sight.UNTOLD
    if is_challenge(page):
        return Sight.CHALLENGED
    if page.status == _UNKNOWN_VISITOR or _is_wall(step, page, beside):
        return Sight.WALLED
    if page.status in _REFUSES:
        return Sight.REFUSED
    if page.status == _TOO_MANY or page.status >= _BROKEN:
        return Sight.FAILED
    return Sight.MISSING if _problem(step, page, wanted) is None else Sight.UNTOLD


def _is_wall(step: Step, page: HttpDetail, beside: View | None) -> bool:
    """Visitors are sent to another page first, or asked for a password here alone.

    Many sites have a place for a password on every page, one that tells of nothing included.
    """
    url = urlsplit(page.url)
    if step.hop > 1 and _WALL.search(f"{url.hostname}{url.path}") is not None:
        return True
    return _found(page.sought, _PASSWORD) and (beside is None or not beside.asks)


def _problem(step: Step, page: HttpDetail, wanted: Sought | None) -> str | None:
    """Why what was not found may be there all the same."""
    if page.status is None or step.failure is not None:
        return f"the answer broke off ({step.failure})" if step.failure else "no page came"
    if wanted is None:
        return "nobody searched it for that"
    return wanted.problem


def _found(sought: Iterable[Sought], which: int) -> bool:
    return any(one.found is not None for one in list(sought)[which : which + 1])


def _what(measurement: Measurement) -> str:
    """The words or the element the target's page should hold."""
    for _, _, page in _exchanges(measurement, _is_page(Role.TEST, None)):
        for one in page.sought:
            text = one.text if len(one.text) <= _QUOTED else f"{one.text[:_QUOTED]}…"
            inside = f" in {one.selector}" if one.selector else ""
            return f"“{text}”{inside}" if text else f"an element {one.selector}"
    return "certain words"
