"""What becomes of the looks that a run did not finish, in a sentence for its user."""

from dataclasses import dataclass

from scheduler.allowance import EarlyEnd


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The looks that were left, those of them that had sent something, and why the run ended."""

    left: int
    given_up: int
    end: EarlyEnd | None
    """None: a signal ended it."""

    def in_words(self) -> str:
        """One sentence: why, what was not looked at, what was given up, and what comes then."""
        untouched = self.left - self.given_up
        parts = [f"{untouched} not looked at"] if untouched else []
        if self.given_up:
            parts.append(self._given_up())
        why = "" if self.end is None else f"{self.end.why}; "
        then = self._then()
        return f"{why}{', '.join(parts)}" + (f": {then}" if then else "")

    def _given_up(self) -> str:
        if self.end is None or self.end.keeps:
            its = "it" if self.given_up == 1 else "they"
            return f"{self.given_up} begun and given up, with what {its} had sent on record"
        if self.given_up == 1:
            return "1 was begun and given up (its name was said, and nothing of it is kept)"
        return (
            f"{self.given_up} were begun and given up"
            " (their names were said, and nothing of them is kept)"
        )

    def _then(self) -> str:
        if self.end is not None and self.end.then is not None:
            return self.end.then
        return f"the same command goes on with {'it' if self.left == 1 else 'them'}"
