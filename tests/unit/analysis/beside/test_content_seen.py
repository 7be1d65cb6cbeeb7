"""What was seen of each page, by whom, and what stands before it."""

import msgspec
import pytest

from analysis.beside.content_seen import Sight, of_web, seen
from heliograph.model import PAIR_PLATFORM, Measurement, State, Step
from tests.unit.analysis.beside.content_looks import (
    AS_EVER,
    CHALLENGE,
    GONE,
    KEPT,
    POST,
    REMOVED,
    beside,
    later,
    look,
    page,
    there,
)
from tests.unit.analysis.builders import HOST, measured


def sight(*steps: Step) -> Sight:
    view = seen(look(*steps)).here
    assert view is not None
    return view.sight


def test_each_page_is_told_apart_by_who_saw_it() -> None:
    found = seen(REMOVED)
    views = (found.here, found.later, found.there, found.platform_here, found.platform_there)

    assert [view and view.number for view in views] == [6, 7, 8, 9, 10]
    assert found.views == views
    assert (found.proved, found.secure, found.way) == (True, True, State.OK)


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        ([page("post")], Sight.FOUND),
        ([page("post", status=404)], Sight.FOUND),
        ([page()], Sight.MISSING),
        ([GONE], Sight.MISSING),
        ([page(status=410)], Sight.MISSING),
        ([page(status=403)], Sight.REFUSED),
        ([page(status=451)], Sight.REFUSED),
        ([page(status=401)], Sight.WALLED),
        ([page(status=403, title=CHALLENGE)], Sight.CHALLENGED),
        ([page(status=429)], Sight.FAILED),
        ([page(status=500)], Sight.FAILED),
        ([page(status=503)], Sight.FAILED),
        ([page("rules")], Sight.MISSING),
        ([page(problem="longer")], Sight.UNTOLD),
        ([page(status=None)], Sight.UNTOLD),
        ([page(searched=False)], Sight.UNTOLD),
        ([page("password")], Sight.WALLED),
        ([page("password"), beside(page("rules", "password"))], Sight.MISSING),
        ([page("password"), beside(page("rules"))], Sight.WALLED),
        ([page(status=302), page(url=f"https://{HOST}/sign-in?to=7", hop=2)], Sight.WALLED),
        ([page(status=302), page(url=f"https://passport.{HOST}/", hop=2)], Sight.WALLED),
        ([page(status=302), page(url=f"https://{HOST}/authors", hop=2)], Sight.MISSING),
        ([page(status=302), page(url=f"https://{HOST}/blogin", hop=2)], Sight.MISSING),
        ([page(url=f"https://{HOST}/login")], Sight.MISSING),
    ],
)
def test_what_became_of_the_words(steps: list[Step], what: Sight) -> None:
    assert sight(*steps) is what


def test_words_on_any_page_of_the_way_are_found() -> None:
    found = seen(look(page("post", status=302), page(hop=2), *AS_EVER)).here

    assert found is not None
    assert (found.sight, found.status) == (Sight.FOUND, 302)


def test_a_page_that_never_came_says_so() -> None:
    found = seen(look(page(status=None))).here

    assert found is not None
    assert (found.problem, found.status) == ("no page came", 0)


def test_a_place_for_a_password_is_not_what_the_other_page_should_hold() -> None:
    found = seen(look(GONE, beside(page("password", url=f"https://{HOST}/rules")))).platform_here

    assert found is not None
    assert found.sight is Sight.WALLED


def test_the_way_is_what_the_web_probe_would_have_recorded() -> None:
    way = of_web(REMOVED)

    assert way.probe == "web"
    assert {step.pair for step in way.steps} == {None}
    assert way.id == REMOVED.id


@pytest.mark.parametrize(
    ("measurement", "words"),
    [
        (KEPT, "“five words”"),
        (look(), "certain words"),
        (measured(probe="content", url=POST), "certain words"),
    ],
)
def test_what_was_expected_is_told_from_the_record(measurement: Measurement, words: str) -> None:
    assert seen(measurement).what == words


def test_long_words_are_told_by_their_beginning_and_elements_by_their_selector() -> None:
    def told(old: str, new: str) -> str:
        step = page()
        return seen(look(msgspec.structs.replace(step, detail=step.detail.replace(old, new)))).what

    assert told("five words", "x" * 50) == f"“{'x' * 40}…”"
    assert told('"text":"five words"', '"selector":"p.post"') == "an element p.post"
    assert told('"text":"five words"', '"text":"five","selector":"p"') == "“five” in p"


def test_a_look_without_any_page_has_no_views() -> None:
    assert seen(look()).views == ()
    assert seen(look(later(page()), there(page()))).here is None
    assert all(step.pair == PAIR_PLATFORM for step in AS_EVER)
