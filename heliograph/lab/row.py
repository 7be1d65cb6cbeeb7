"""What a row of the catalogue is, and which rows are looked at together."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from heliograph.lab.scene import Scene
from heliograph.lab.witness import Check

USUAL, NO_CONTROL, OFFLINE = "usual", "no control", "offline"
"""The surroundings of a run: rows that share them are looked at by one command."""

PORTAL, SHUTDOWN, INTERCEPTED = "captive portal", "shutdown", "intercepted"
BROKEN, REWRITTEN = "broken resolver", "rewritten"
WITHOUT_IPV6, SKEWED, SILENT = "without ipv6", "skewed", "silent"
POISONED, RESIDUAL, FLAKY, NARROW = "poisoned", "residual", "flaky", "narrow"
NO_AAAA, CONGESTED, ECHOED = "no ipv6 answers", "congested", "echoed"
"""Surroundings that hold for everything, and want a scene of their own."""

ROUTED, MUTE, LOSSY_WAY = "routed", "mute routers", "lossy way"
BEYOND_ROUTERS = frozenset({ROUTED, MUTE, LOSSY_WAY})
"""Surroundings in which the vantage is at the end of a chain of routers."""

WITHOUT_CONTROL = frozenset({NO_CONTROL, INTERCEPTED, SKEWED})
"""Surroundings in which the control is not to be reached."""

SURROUNDINGS = (
    *(USUAL, NO_CONTROL, OFFLINE, PORTAL, SHUTDOWN, INTERCEPTED),
    *(BROKEN, REWRITTEN, WITHOUT_IPV6, SKEWED, SILENT, POISONED, RESIDUAL, FLAKY, NARROW, NO_AAAA),
    *(CONGESTED, ECHOED, ROUTED, MUTE, LOSSY_WAY),
)

POSTS = "url,expect,control_url,control_expect"
"""The first line of a list that says what is expected of pages."""

Staged = tuple[tuple[Check, str], ...]
"""What a witness looks at, and what it sees of each when the condition is there."""


@dataclass(frozen=True, slots=True)
class Row:
    """One condition. ``stage`` fills it into a scene and says what a witness must see of it."""

    name: str
    meaning: str
    targets: tuple[str, ...]
    state: str
    technique: str | None
    stage: Callable[[Scene], Staged] = field(repr=False)
    surroundings: str = USUAL
    probe: str = "web"
    """What the run is asked to look with."""
    posts: tuple[str, ...] = ()
    """Lines of a list that says what is expected of the targets, below ``POSTS``; without any,
    the targets are named as they are."""
    hop: int = 1
    """Where the interference is."""
    also: tuple[str, ...] = ()
    """Other verdicts in words that are right as well, such as ``inconclusive``."""
    without_rights: bool = False
    """The run has none of the rights of root, as most volunteers."""
    tells: str = ""
    """What the sentence of a right verdict holds."""
    odd: str = ""
    """How an anomaly begins that must be recorded beside the verdict."""
    excuse: str = ""
    """The context flag that ``inconclusive`` must come with."""
    from_control: bool = False
    """The condition holds where the control is, so that the witness looks from there."""

    @property
    def expected(self) -> str:
        """The verdict in words."""
        return " ".join(part for part in (self.state, self.technique) if part is not None)

    def accepts(self, verdict: str) -> bool:
        """Whether a verdict in words is right."""
        return verdict == self.expected or verdict in self.also

    @property
    def alone(self) -> bool:
        """Its condition holds for everything, so it has a scene of its own."""
        return self.surroundings not in _SHARED

    @property
    def afresh(self) -> bool:
        """Its censor remembers what it saw, so every run has a scene that was staged anew."""
        return self.surroundings == RESIDUAL


_SHARED = frozenset({USUAL, NO_CONTROL, OFFLINE})


def by_scene(rows: Iterable[Row]) -> list[list[Row]]:
    """The rows that share a scene, scene by scene, in the order of the rows."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.surroundings if row.alone else "", []).append(row)
    return list(found.values())


def by_command(rows: Iterable[Row]) -> list[list[Row]]:
    """The rows of one scene that one command looks at, in the order of the rows."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.surroundings, row.probe), []).append(row)
    return list(found.values())
