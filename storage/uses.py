"""Why a column is kept, for how long, and who may see it: the marks beside every column."""

from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Column
from sqlalchemy.types import TypeEngine

V = TypeVar("V")

_INFO = "use"
_UNTIL_FORGOTTEN = "until 'heliograph forget' or 'heliograph uninstall'"
_UNTIL_UNINSTALLED = "until 'heliograph uninstall'"


@dataclass(frozen=True, slots=True)
class Use:
    """What a column is kept for, for how long, and whether a result that is shared shows it."""

    purpose: str
    public: bool
    retention: str = _UNTIL_FORGOTTEN

    def mark(self) -> dict[object, object]:
        """As the ``info`` of a column."""
        return {_INFO: self}


IDENTITY = Use("to name a result, and tie its parts together", public=True)
TARGET = Use("to say what was looked at", public=True)
PLACE = Use("to say from which network and country, never more exactly", public=True)
METHOD = Use("to say how it was measured, and repeat it", public=True)
MOMENT = Use("to find beginning and end of a block", public=True)
EVIDENCE = Use("to prove what happened, and to judge it again by better rules", public=True)
JUDGEMENT = Use("to say what the evidence means, and why", public=True)
RESUMING = Use("to go on with a run that was interrupted", public=False)
COOLING = Use(
    "to leave an address alone where a filter was just hit, and to mistrust what fails there",
    False,
    "until a run begins six minutes later, or 'heliograph forget' or 'heliograph uninstall'",
)
RETIRED = Use("to know which steps are in an archive alone, and whether it has them", public=False)
RECEIPT = Use(
    "to take what is sent twice once, even when it was forgotten meanwhile",
    False,
    _UNTIL_UNINSTALLED,
)
AGREEMENT = Use("to know what you agreed to, and when to ask again", False, _UNTIL_UNINSTALLED)
DERIVED = Use("to show what many results come to, day by day", public=False)
UPKEEP = Use("to read this database correctly", False, _UNTIL_UNINSTALLED)


def always(name: str, kind: TypeEngine[V], comment: str, use: Use) -> Column[V]:
    """A column that is never null."""
    return Column(name, kind, nullable=False, comment=comment, info=use.mark())


def maybe(name: str, kind: TypeEngine[V], comment: str, use: Use) -> Column[V]:
    """A column that may be null."""
    return Column(name, kind, nullable=True, comment=comment, info=use.mark())


def use_of(column: Column[object]) -> Use:
    """The mark of a column; raises ValueError for a column without one."""
    found = column.info.get(_INFO)
    if not isinstance(found, Use):
        raise ValueError(f"{column} does not say what it is kept for: give it a Use")
    return found
