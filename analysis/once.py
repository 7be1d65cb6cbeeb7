"""A property worked out when it is first asked for, and kept."""

from collections.abc import Callable
from functools import wraps
from typing import Generic, Self, TypeVar, overload

_Of = TypeVar("_Of")
_T = TypeVar("_T")


class once(Generic[_T]):
    """Like ``functools.cached_property`` of Python 3.12: without a lock.

    That of 3.11 takes one at each first look, which was a third of the time of a judgement; values
    here are worked out by one thread, and twice would do no harm.
    """

    def __init__(self, work_out: Callable[..., _T]) -> None:
        self._work_out = work_out
        self._name = work_out.__name__
        self.__doc__ = work_out.__doc__

    @overload
    def __get__(self, of: None, kind: type) -> Self: ...
    @overload
    def __get__(self, of: object, kind: type) -> _T: ...
    def __get__(self, of: object | None, kind: type) -> Self | _T:
        if of is None:
            return self
        value = of.__dict__[self._name] = self._work_out(of)
        return value


def kept(work_out: Callable[[_Of], _T]) -> Callable[[_Of], _T]:
    """A function of one thing, whose answer is kept with that thing, as a property's would be."""
    name = f"{work_out.__module__}.{work_out.__qualname__}"

    @wraps(work_out)
    def told(of: _Of) -> _T:
        answers: dict[str, _T] = of.__dict__
        if name not in answers:
            answers[name] = work_out(of)
        return answers[name]

    return told
