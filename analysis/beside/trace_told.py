"""Looks by the trace probe in words: where it happens, why nothing can be said, and the hops."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analysis.beside.trace_seen import Names, TraceFacts
from analysis.beside.trace_whose import befalls, proof
from analysis.injectors import injectors, like
from heliograph.detail import Caught, HopTrial
from heliograph.model import ConfidenceWord, Ground, Side

_ENDS = {
    "reset": "reset",
    "closed": "closed",
    "answered": "answered",
    "expired": "goes on",
    "silent": "-",
    "refused": "refused",
    "unconnected": "no connection",
}

_TO_SERVER = "on the way to its server"
_TO_NOBODY = "asked of an address where no resolver lives"
_DONE = {
    "reset": ("is reset", "is not"),
    "closed": ("has its connection closed", "has not"),
    "answered": ("is answered", "is not"),
}


@dataclass(frozen=True, slots=True)
class Hop:
    """One line of the drawing: the hop, who is there, and what came of each name."""

    number: int
    router: str
    control: str
    test: str
    acts: bool
    """Here, and at no hop before, something happens to the target's name alone."""


def where(f: TraceFacts, names: Names | None, hop: int) -> Mapping[str, str]:
    """What fills the places of a rule's sentence: the hop, how many there are, whose network."""
    length = None if names is None else names.length
    of = f" of {length}" if length is not None else ""
    asked = names is not None and names is f.queries
    place = _network((names.before if asked and names else f.hops).get(hop))
    return {"hop": f"hop {hop}{of}", "place": place, "manner": _manner(names, hop)}


def _network(trial: HopTrial | None) -> str:
    """Whose the router is, in brackets; empty when that is not known."""
    if trial is None:
        return ""
    if trial.inside:
        return " (in the vantage's own network)"
    if trial.asn is None:
        return ""
    name = f" {trial.network}" if trial.network else ""
    return f" (in AS{trial.asn}{name}, {trial.country})"


def _manner(names: Names | None, hop: int) -> str:
    """In the way or beside it, where that can be told."""
    if names is None:
        return ""
    is_beside = beside(names, hop)
    if is_beside is None:
        return ""
    resets = [c for t in names.test.values() for c in t.caught if c.kind == "reset"]
    told = f" (resets: {fields(resets[0])})" if resets else ""
    if is_beside:
        return f"; whoever does it sits beside the way, since the packet goes on{told}"
    return f"; whoever does it sits in the way, since the packet goes no further{told}"


def beside(names: Names, hop: int) -> bool | None:
    """Whether the packet goes on where something is done about it; None: that was not seen."""
    hits = [trial for ttl, trial in names.test.items() if ttl >= hop]
    if any(trial.expired for trial in hits):
        return True
    if any(each.kind == "data" for t in hits for each in t.caught if t.ended == "reset"):
        return True
    if all(trial.ended == "silent" for trial in hits):
        return False
    told = names.before.get(hop)
    captured = any(trial.caught for trial in hits)
    return False if captured and told is not None and told.expired else None


def undecided(f: TraceFacts) -> str:
    """What was seen, and what is missing."""
    names = f.names
    if names is None:
        return f"No name was said to a server of {f.host}: its resolver gives no address to try."
    return _without_comparison(f, names) or _compared(f, names)


def _without_comparison(f: TraceFacts, names: Names) -> str | None:
    """Why there is nothing to compare with."""
    if not names.before:
        return f"No other name was said to the server of {f.host} to compare with."
    if all(trial.ended == "unconnected" for trial in names.before.values()):
        return (
            f"The address of {f.host} takes no connection, whatever name is said, so names can't be"
            " followed on their way to it."
        )
    if names.length is None:
        return f"No other name is answered steadily at the address of {f.host}: nothing to compare."
    return None


def _compared(f: TraceFacts, names: Names) -> str:
    if f.disturbed:
        return (
            f"{f.host} fails, but another name was stopped at its address shortly before, which may"
            " stop whatever follows."
        )
    if names.passed:
        return (
            f"{f.host} gets through to its server, but queries for it are answered by a forger on"
            " the way; nothing shows that a browser here is told the same."
        )
    if befalls(f) is not None:
        return _unproved(f, names)
    whole = [trial for ttl, trial in names.test.items() if ttl >= (names.length or 0)]
    if whole and all(trial.ended == "answered" for trial in whole):
        return f"The server of {f.host} answers its name, but not with its site."
    return _cut_short(f, names) or _failed(f, names)


def _unproved(f: TraceFacts, names: Names) -> str:
    """Something is done to the name short of its server, and it may be the site that does it."""
    hop = acting(names)
    assert hop is not None
    words = where(f, names, hop)
    done, _ = _done(names, hop)
    if proof(f) is None:
        why = "nothing shows that this is outside the network of its server: the site may do it"
    elif proof(f) is ConfidenceWord.CONFIRMED:
        why = "nothing shows that the answer is not the site's own"
    else:
        why = "it is not certain whose network that is, and the site's own answers may look so"
    return (
        f"{f.host} {done} at {words['hop']}{words['place']}, short of its server, while another"
        f" name passes there; {why}."
    )


def _cut_short(f: TraceFacts, names: Names) -> str | None:
    """What would have been said had the look not ended before."""
    if not names.test:
        return f"{f.host} was not said where another name is answered: the look ended before."
    if not names.after:
        return (
            f"{f.host} fails, and the look ended before another name was said there once more: a"
            " server that went away meanwhile looks the same."
        )
    if names.acted_once() is not None and not names.again:
        return f"{f.host} was stopped short of its server once, and not said a second time."
    return None


def _failed(f: TraceFacts, names: Names) -> str:
    if not names.controlled:
        return (
            f"After {f.host} was said, no other name is answered steadily at its address either: a"
            " filter may go on for a while, or the server takes no more from here."
        )
    if names.acted_once() is not None:
        return f"{f.host} was stopped short of its server once, and otherwise the second time."
    return (
        f"{f.host} fails where another name passes, and nothing shows that it happens before the"
        f" server, at hop {names.length}: the server itself may do it."
    )


def drawn(f: TraceFacts) -> tuple[Hop, ...]:
    """The way hop by hop; of queries alone where no name was said to the server."""
    names = f.names
    if names is None:
        return ()
    acts = acting(names)
    length = names.length or max([*names.before, *names.test], default=0)
    return tuple(
        Hop(
            number=hop,
            router=_router(f.hops.get(hop), is_server=hop == names.length),
            control=_end(names.before.get(hop)),
            test=_end(names.test.get(hop)),
            acts=hop == acts,
        )
        for hop in range(1, length + 1)
    )


def acting(names: Names) -> int | None:
    """The hop from which on something is done to the target's name alone, each time."""
    acted = names.acted()
    return names.swallowed() if acted is None else acted[1]


def _router(trial: HopTrial | None, *, is_server: bool) -> str:
    if is_server:
        return "the server"
    if trial is None:
        return "no answer"
    if trial.inside:
        return "inside the vantage's network"
    named = (
        f"AS{trial.asn} {trial.network or ''} {trial.country or ''}" if trial.asn else "a router"
    )
    return " ".join(f"{trial.router or ''} {named}".split())


def _end(trial: HopTrial | None) -> str:
    if trial is None:
        return ""
    told = _ENDS.get(trial.ended, trial.ended)
    if trial.expired and trial.ended != "expired":
        told = f"{told}, and goes on"
    return told


def grounds(f: TraceFacts) -> Iterator[Ground]:
    """The comparisons of a look, one by one."""
    for names, what in ((f.names, _TO_SERVER), (f.queries, _TO_NOBODY)):
        if names is None:
            continue
        number = {id(step): place for place, step in enumerate(f.measurement.steps)}
        steps = tuple(number[id(step)] for step in names.steps)
        acts = f.forged if names is f.queries else acting(names)
        other = names.other
        if other is None:
            text = f"{what}, no other name was said beside {f.host}"
            yield Ground(side=Side.FACT, text=text, steps=steps)
        elif acts is not None:
            done, spared = _done(names, acts)
            text = f"{what}, {f.host} {done} from hop {acts} on, and {other} {spared}"
            side = Side.FOR if names is f.queries or proof(f) is not None else Side.FACT
            yield Ground(side=side, text=text, steps=steps)
        elif names.passed:
            text = f"{f.host} and {other} both get to the server, at hop {names.length}"
            yield Ground(side=Side.AGAINST, text=text, steps=steps)
        else:
            text = f"{what}, nothing is shown to befall {f.host} that spares {other}"
            yield Ground(side=Side.FACT, text=text, steps=steps)
    yield from _resets(f)
    yield from (Ground(side=Side.FACT, text=text, steps=()) for text in _lines(f))


def _lines(f: TraceFacts) -> Iterator[str]:
    """The way, a line each hop."""
    hops = drawn(f)
    rooms = [
        max((len(text) for text in texts), default=0)
        for texts in ([hop.router for hop in hops], [hop.control for hop in hops])
    ]
    for hop in hops:
        mark = "  <- here" if hop.acts else ""
        other = f"other name: {hop.control:{rooms[1]}}"
        yield f"hop {hop.number:2}: {hop.router:{rooms[0]}}  {other}  {f.host}: {hop.test}{mark}"


def _done(names: Names, hop: int) -> tuple[str, str]:
    """What is done to the target's name, and that it is not done to the other."""
    return _DONE.get(names.test[hop].ended, ("vanishes", "does not"))


def _resets(f: TraceFacts) -> Iterator[Ground]:
    """The fields of captured resets, kind by kind, and whose they look like."""
    trials = () if f.names is None else f.names.test.values()
    kinds: dict[str, Caught] = {}
    for trial in trials:
        for caught in trial.caught:
            if caught.kind == "reset":
                kinds.setdefault(fields(caught), caught)
    for text, caught in kinds.items():
        known = ", ".join(f"{each.id} ({each.reported}: {each.source})" for each in like(caught))
        edition = f"{injectors().version} of {injectors().date}"
        looks = f"looks like {known}" if known else "looks like no known kind"
        told = f"resets captured: {text}; {looks}, as of list {edition}"
        yield Ground(side=Side.FACT, text=told, steps=())


def fields(reset: Caught) -> str:
    """The fields of captured resets in words."""
    fragment = "DF" if reset.dont_fragment else "no DF"
    payload = f", {reset.size} bytes" if reset.size else ""
    return (
        f"{reset.count} with flags {reset.flags}, arriving with TTL {reset.ip_ttl}, IP id"
        f" {reset.ip_id}, {fragment}, window {reset.window}{payload}"
    )
