"""What is asked of a thing twice is worked out once, and kept with that thing."""

from collections.abc import Callable

import pytest

from analysis.once import kept, once


class Thing:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    @once
    def number(self) -> int:
        """How often it has been asked."""
        self.asked += 1
        return self.asked


@kept
def number_of(thing: Thing) -> int:
    """How often it has been asked."""
    thing.asked += 1
    return thing.asked


@kept
def none_of(thing: Thing) -> None:
    """No answer."""
    thing.asked += 1


ASK: list[Callable[[Thing], object]] = [lambda thing: thing.number, number_of, none_of]


@pytest.mark.parametrize("ask", ASK, ids=["property", "function", "no answer"])
def test_it_is_worked_out_once(ask: Callable[[Thing], object]) -> None:
    thing = Thing()

    assert ask(thing) == ask(thing)
    assert thing.asked == 1


@pytest.mark.parametrize("ask", ASK, ids=["property", "function", "no answer"])
def test_each_thing_has_its_own(ask: Callable[[Thing], object]) -> None:
    one, other = Thing(), Thing()
    one.asked = 5

    ask(one), ask(other)

    assert (one.asked, other.asked) == (6, 1)


def test_two_functions_do_not_share_an_answer() -> None:
    thing = Thing()

    assert (number_of(thing), none_of(thing), number_of(thing)) == (1, None, 1)


def test_it_is_documented_as_what_it_works_out() -> None:
    assert isinstance(Thing.number, once)
    assert Thing.number.__doc__ == number_of.__doc__ == "How often it has been asked."


def test_an_error_is_not_kept() -> None:
    class Shy:
        told = False

        @once
        def number(self) -> int:
            if not self.told:
                raise ValueError("not yet")
            return 7

    shy = Shy()
    with pytest.raises(ValueError, match="not yet"):
        shy.number  # noqa: B018
    shy.told = True

    assert shy.number == 7
