"""What a look of the content probe means: a public page is there, or gone, and for whom.

Gone is claimed of a page only where another page of the same site is as ever, for whoever misses
it. What stops visitors on the way is judged by the rules of the web.
"""

from collections.abc import Callable, Iterator, Mapping

from analysis.beside.content_seen import (
    ABSENT,
    Seen,
    Sight,
    View,
    is_told_gone,
    of_web,
    seen,
)
from analysis.beside.reading import BesideRule, Reading, standing
from heliograph.model import Ground, Side, Standing, State

_LEGAL = 451
_EXPECTED = {"what": "certain words"}
_SIGHTS = {
    Sight.FOUND: "holds what it should",
    Sight.MISSING: "does not hold what it should",
    Sight.WALLED: "stands behind a page for members, or one that asks for consent",
    Sight.CHALLENGED: "stands behind a test for robots",
    Sight.REFUSED: "is refused",
    Sight.FAILED: "is answered by an error of the server",
    Sight.UNTOLD: "was not read",
}


def _sight(view: View | None) -> Sight | None:
    return None if view is None else view.sight


def _is(view: View | None, *sights: Sight) -> bool:
    return view is not None and view.sight in sights


def _any(*sights: Sight) -> Callable[[Seen], bool]:
    return lambda s: any(view.sight in sights for view in s.views)


def _proves_nothing(s: Seen) -> bool:
    """What should be on one of the two pages alone is on the other as well."""
    beside = any(
        view is not None and view.has_others for view in (s.platform_here, s.platform_there)
    )
    pages = [view for view in (s.here, s.later, s.there) if view is not None]
    return beside or any(view.has_others and view.sight is not Sight.FOUND for view in pages)


def _found(s: Seen) -> bool:
    return _is(s.here, Sight.FOUND) or _is(s.later, Sight.FOUND)


def _there(s: Seen) -> bool:
    """Found on a page that the site gave: a notice put in its place may quote the words."""
    return any(
        view is not None and view.sight is Sight.FOUND and view.hop in s.proved_at
        for view in (s.here, s.later)
    )


def _legal(s: Seen) -> bool:
    return s.proved and s.here is not None and s.here.status == _LEGAL


def _gone_twice(s: Seen, sights: frozenset[Sight]) -> bool:
    """From here, over TLS from the site itself, while a control elsewhere finds it."""
    return (
        s.proved
        and s.secure
        and _sight(s.here) in sights
        and _sight(s.later) in sights
        and _is(s.there, Sight.FOUND)
    )


def _restricted_page(s: Seen) -> bool:
    return _gone_twice(s, ABSENT) and _is(s.platform_here, Sight.FOUND)


def _restricted_site(s: Seen) -> bool:
    refused = frozenset({Sight.REFUSED})
    return (
        _gone_twice(s, refused)
        and _is(s.platform_here, Sight.REFUSED)
        and _is(s.platform_there, Sight.FOUND)
    )


def _missing_for_all(s: Seen) -> bool:
    missing = all(_is(view, Sight.MISSING) for view in (s.here, s.later, s.there))
    as_ever = _is(s.platform_here, Sight.FOUND) and _is(s.platform_there, Sight.FOUND)
    return s.proved and s.own_way and missing and as_ever


def _told_gone(s: Seen) -> bool:
    """No page shown in its place may be one that everybody has to pass first."""
    shown = ((s.here, s.platform_here), (s.later, s.platform_here), (s.there, s.platform_there))
    return all(is_told_gone(view, beside) for view, beside in shown)


def _removed(s: Seen) -> bool:
    return _missing_for_all(s) and _told_gone(s)


def _down(s: Seen) -> bool:
    return s.way is State.DOWN and not _is(s.platform_here, Sight.FOUND)


def _layout(s: Seen) -> bool:
    return _is(s.platform_here, Sight.MISSING) or _is(s.platform_there, Sight.MISSING)


def _words(s: Seen) -> Mapping[str, str]:
    return {"what": s.what}


RULES: tuple[BesideRule[Seen], ...] = (
    BesideRule(
        "content.proves_nothing",
        State.INCONCLUSIVE,
        0.9,
        "What is expected of the page at {host}, and of the other page of the site, stands on both"
        " or goes with the site and not with the page: choose words that only one of them holds.",
        _proves_nothing,
    ),
    BesideRule(
        "content.there",
        State.OK,
        0.95,
        "The page at {host} holds {what}.",
        _there,
        words=_words,
        general=_EXPECTED,
    ),
    BesideRule(
        "content.legal",
        State.RESTRICTED,
        0.95,
        "The site itself answers that it may not show this page of {host} for legal reasons"
        " (status 451).",
        _legal,
    ),
    BesideRule(
        "content.restricted.page",
        State.RESTRICTED,
        0.85,
        "Twice {host} itself did not show {what} to a visitor from here, and showed another page as"
        " ever; a control elsewhere finds it.",
        _restricted_page,
        words=_words,
        general=_EXPECTED,
    ),
    BesideRule(
        "content.restricted.site",
        State.RESTRICTED,
        0.8,
        "Twice {host} itself turned a visitor from here away, from this page and from another one;"
        " a control elsewhere is shown both.",
        _restricted_site,
    ),
    BesideRule(
        "content.removed",
        State.REMOVED,
        0.9,
        "The page at {host} does not hold {what}, which is expected of it: neither here, twice,"
        " nor for a control elsewhere, while another page of the site is as ever for both.",
        _removed,
        words=_words,
        general=_EXPECTED,
    ),
    BesideRule(
        "content.down",
        State.DOWN,
        0.85,
        "{host} fails for a control elsewhere as it does here, so nothing is known of the page.",
        _down,
    ),
    BesideRule(
        "content.layout",
        State.INCONCLUSIVE,
        0.8,
        "Another page of {host}, too, lacks what it should hold: the site may look otherwise now,"
        " and nothing is known of the page.",
        _layout,
    ),
    BesideRule(
        "content.wall",
        State.INCONCLUSIVE,
        0.8,
        "{host} wants visitors to sign in or to consent first, so nothing is known of the page.",
        _any(Sight.WALLED),
    ),
    BesideRule(
        "content.challenge",
        State.INCONCLUSIVE,
        0.8,
        "{host} wants visitors to prove that they are no robot, so nothing is known of the page.",
        _any(Sight.CHALLENGED),
    ),
    BesideRule(
        "content.error",
        State.INCONCLUSIVE,
        0.8,
        "{host} answers with an error of its own, so nothing is known of the page.",
        _any(Sight.FAILED),
    ),
)


def _undecided(s: Seen) -> str:
    if s.here is None:
        return s.way_untold
    if _found(s):
        return (
            f"The page at {s.host} holds {s.what}, and nothing proves that the site itself gave it."
        )
    if s.here.sight not in ABSENT:
        return f"Whether the page at {s.host} holds {s.what} is not known: {s.here.problem}."
    return f"The page at {s.host} does not show {s.what} here{_unsettled(s)}."


def _unsettled(s: Seen) -> str:
    """Why it is not known whether what is not shown is gone."""
    if not s.proved:
        return ", and nothing proves that the site itself gave the page"
    if s.there is None or s.there.sight is Sight.UNTOLD:
        return "; no control elsewhere can tell whether it does so there"
    if s.platform_here is None or s.platform_here.sight is Sight.UNTOLD:
        return "; no other page of the site came, which would tell whether it is as ever"
    if _missing_for_all(s):
        return (
            ", and neither the page's status nor its frame tells that it is gone: what everybody is"
            " shown first, to be asked for age or consent, looks the same"
        )
    return "; what a control elsewhere and another page of the site show settles nothing"


def _confounders(s: Seen) -> dict[str, Standing]:
    return {
        "layout_changed": _standing(s.platform_here, Sight.FOUND),
        "page_varies": _standing(s.later, *((s.here.sight,) if s.here else ())),
        "login_or_consent": _no_wall(s),
        "test_for_robots": _none_of(s, Sight.CHALLENGED),
        "server_refuses_network": _for_everybody(s),
    }


def _standing(view: View | None, *good: Sight) -> Standing:
    if view is None or view.sight is Sight.UNTOLD:
        return Standing.NOT_TESTED
    return standing(ruled_out=view.sight in good, tested=True)


def _none_of(s: Seen, sight: Sight) -> Standing:
    return standing(ruled_out=bool(s.views) and not _any(sight)(s), tested=bool(s.views))


def _no_wall(s: Seen) -> Standing:
    """No visitor was sent to another page first, and none may have been shown one in its place."""
    pages = [view for view in (s.here, s.later, s.there) if view is not None]
    shown = any(view.sight is Sight.MISSING and not view.says_gone for view in pages)
    return Standing.POSSIBLE if shown else _none_of(s, Sight.WALLED)


def _for_everybody(s: Seen) -> Standing:
    """Whether a visitor from another network is shown the same."""
    if s.here is None or s.there is None or s.there.sight is Sight.UNTOLD:
        return Standing.NOT_TESTED
    alike = s.here.sight is s.there.sight or s.here.sight is Sight.FOUND
    return standing(ruled_out=alike, tested=True)


def _anomalies(s: Seen) -> Iterator[str]:
    if s.later is not None and s.here is not None and s.later.sight is not s.here.sight:
        yield f"content.varies: {s.here.sight}, then {s.later.sight}"
    if _there(s) and s.there is not None and s.there.sight is Sight.MISSING:
        yield "content.missing for a control elsewhere"


def _grounds(s: Seen) -> Iterator[Ground]:
    told = (
        ("the page, from here", s.here),
        ("the page, from here once more", s.later),
        ("the page, as a control elsewhere saw it", s.there),
        ("another page of the site, from here", s.platform_here),
        ("another page of the site, as a control elsewhere saw it", s.platform_there),
    )
    for whose, view in told:
        if view is not None:
            seen_in = f", in {view.place}" if view.place else ""
            status = f" (status {view.status}{seen_in})" if view.status else ""
            why = f": {view.problem}" if view.sight is Sight.UNTOLD else ""
            yield Ground(
                side=_side(s, view),
                text=f"{whose}, {_SIGHTS[view.sight]}{status}{why}",
                steps=(view.number,),
            )


def _side(s: Seen, view: View) -> Side:
    """What a control finds that is not shown here speaks for somebody's doing, else against it."""
    if view is s.there and _sight(s.here) in ABSENT:
        if view.sight is Sight.FOUND:
            return Side.FOR
        if view.sight is Sight.MISSING:
            return Side.AGAINST
    return Side.FACT


CONTENT = Reading(
    facts=seen,
    rules=RULES,
    undecided=_undecided,
    confounders=_confounders,
    anomalies=_anomalies,
    grounds=_grounds,
    way=of_web,
)
