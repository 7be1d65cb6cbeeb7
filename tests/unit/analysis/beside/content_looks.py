"""Looks of the content probe written by hand: what each page held, for whom."""

import msgspec

from heliograph.detail import HttpDetail, Sought
from heliograph.failure import Failure
from heliograph.model import (
    PAIR_LATER,
    PAIR_PLATFORM,
    Measurement,
    Role,
    Step,
    StepKind,
)
from tests.unit.analysis.builders import HOST, REAL, measured, system, tcp, tls, trusted, written

POST, RULES = f"https://{HOST}/7", f"https://{HOST}/rules"
CHALLENGE = "Just a moment..."


def page(
    *found: str,
    status: int | None = 200,
    url: str = POST,
    hop: int = 1,
    title: str | None = None,
    location: str | None = None,
    problem: str | None = None,
    failure: Failure | None = None,
    searched: bool = True,
    body: str | None = None,
) -> Step:
    """A page; ``found`` are those of ``post``, ``rules`` and ``password`` that it holds."""
    wanted = (
        ("post", Sought(text="five words")),
        ("rules", Sought(text="be kind")),
        ("password", Sought(selector='input[type="password"]')),
    )
    sought = tuple(
        msgspec.structs.replace(
            one, found="text" if name in found else None, problem=None if name in found else problem
        )
        for name, one in wanted
    )
    detail = HttpDetail(
        url=url,
        stage="done",
        status=status,
        title=title,
        location=location,
        body_text=body,
        sought=sought if searched and status is not None else (),
    )
    return Step(
        kind=StepKind.HTTP_EXCHANGE,
        host=HOST,
        address=REAL,
        port=443,
        hop=hop,
        failure=failure,
        detail=written(detail),
    )


def later(step: Step) -> Step:
    return msgspec.structs.replace(step, pair=PAIR_LATER)


def there(step: Step) -> Step:
    """As a control elsewhere saw it."""
    return msgspec.structs.replace(step, role=Role.REMOTE_CONTROL)


def beside(step: Step) -> Step:
    """Another page of the site, seen from here."""
    return msgspec.structs.replace(step, role=Role.CONTROL_AFTER, pair=PAIR_PLATFORM)


def beside_there(step: Step) -> Step:
    return msgspec.structs.replace(step, role=Role.REMOTE_CONTROL, pair=PAIR_PLATFORM)


FRAME = "<nav class='top'><a class='home' href='/'>Board</a></nav><h1>{0}</h1><p>{0}</p>"
"""What is around the words of every page of the site."""
GATE = "<div class='gate'><h1>How old are you?</h1><form><button>18</button></form></div>"


def framed(words: str = "Nothing.") -> Step:
    """A page with status 200, as the site's others are, without the words."""
    return page(body=FRAME.format(words))


AS_EVER = (beside(page("rules", url=RULES)), beside_there(page("rules", url=RULES)))
"""The site's other page, for both."""
IN_FRAME = tuple(
    by(page("rules", url=RULES, body=FRAME.format("Be kind."))) for by in (beside, beside_there)
)
"""The same, with what is around it."""
REACHED = (system(REAL), trusted(REAL), tcp(REAL), tls(REAL))
"""The way to the site, which proves its name."""
PROVED_THERE = tuple(map(there, (tcp(REAL), tls(REAL))))


def look(*steps: Step, context: tuple[str, ...] = ()) -> Measurement:
    """A look at a site that was reached, here and by a control."""
    return measured(*REACHED, *PROVED_THERE, *steps, probe="content", url=POST, context=context)


GONE = page(status=404)
REMOVED = look(GONE, later(GONE), there(GONE), *AS_EVER)
KEPT = look(page("post"), there(page("post")), *AS_EVER)
WITHHELD = look(GONE, later(GONE), there(page("post")), *AS_EVER)
