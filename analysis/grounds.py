"""What the comparisons of a look said, one by one: for interference, against it, or neither.

A verdict's rules fire on some of these; a reader may want to see all, with the steps they rest on.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analysis.chain import hops
from analysis.comparisons import sent_more_elsewhere
from analysis.conditions import served_elsewhere
from analysis.evidence import Evidence
from analysis.lookups import failure_of, union
from analysis.pages import same_page
from analysis.rewriting import restored
from analysis.surroundings import rewriting
from heliograph.detail import HttpDetail
from heliograph.failure import CERTIFICATE_FAILURES
from heliograph.model import SURROUNDINGS, Ground, Measurement, Outcome, Side, Step, StepKind


@dataclass(frozen=True, slots=True)
class _Said:
    side: Side
    text: str
    steps: tuple[Step | None, ...]


def grounds(measurement: Measurement, hop: int | None) -> tuple[Ground, ...]:
    """The comparisons of one hop, the last one when None, in the order of the way.

    There are none of a look that was not made, nor of one at the surroundings.
    """
    if measurement.outcome is not Outcome.MEASURED or measurement.probe == SURROUNDINGS:
        return ()
    chain = hops(measurement)
    e = next((each for each in chain if each.hop == hop), chain[-1])
    order = list(restored(measurement.steps, rewriting(measurement.context)))
    said = (*_resolvers(e), *_connections(e), *_name(e), *_pages(e))
    return tuple(
        Ground(
            side=each.side,
            text=each.text,
            steps=tuple(order.index(s) for s in each.steps if s in order),
        )
        for each in said
    )


def _resolvers(e: Evidence) -> Iterator[_Said]:
    if not e.system:
        return
    asked = tuple(fact.step for fact in e.system)
    told = _places(e.system_addresses) or _ended(e.system_failure)
    others = tuple(fact.step for fact in e.trusted)
    if not e.answer_in_doubt:
        as_others = ", as others do" if others and not e.answers_differ else ""
        yield _Said(Side.FACT, f"this network's resolver leads to {told}{as_others}", asked)
        return
    yield _Said(Side.FACT, f"this network's resolver, asked for {e.host}: {told}", asked)
    yield from _other_resolvers(e)
    yield from _one_resolver(e)
    if e.remote.lookups:
        same = not e.remote.told.isdisjoint(e.system_addresses) or (
            e.system_failure is not None and e.remote.dns_failure is e.system_failure
        )
        words = _places(e.remote.told) or _ended(e.remote.dns_failure)
        steps = tuple(fact.step for fact in e.remote.lookups)
        side = Side.AGAINST if same else Side.FOR
        yield _Said(side, f"the control's resolver, asked for {e.host}: {words}", steps)


def _other_resolvers(e: Evidence) -> Iterator[_Said]:
    """Those whose answers somebody on the path can forge count for less, and stand apart."""
    for encrypted in (True, False):
        asked = [fact for fact in e.trusted if fact.encrypted is encrypted]
        if asked:
            found = union(fact.public for fact in asked)
            differs = bool(found) and found.isdisjoint(e.system_public)
            replied = encrypted and any(fact.taken is not None for fact in asked)
            side = (Side.FOR if differs else Side.AGAINST) if replied else Side.FACT
            how = "over an encrypted channel" if encrypted else "in the clear"
            words = _places(found) or _ended(failure_of(tuple(asked)))
            text = f"resolvers elsewhere, asked {how}: {words}"
            yield _Said(side, text, tuple(fact.step for fact in asked))


def _one_resolver(e: Evidence) -> Iterator[_Said]:
    """What else the system's resolver said, and whoever speaks in its place."""
    again = e.asked_again
    if again:
        words = _places(e.addresses_again) or _ended(e.failure_again)
        same = e.failure_again is e.system_failure and e.addresses_again <= e.system_public
        side = Side.FOR if same else Side.AGAINST
        steps = tuple(fact.step for fact in again)
        yield _Said(side, f"this network's resolver, asked once more: {words}", steps)
    control = e.resolver_control
    if control is not None:
        fine = control.step.failure is None and e.control_proved is not False
        words = _places(control.addresses) or _ended(control.step.failure)
        proof = " (which proves the name)" if e.control_proved else ""
        side = Side.FOR if fine else Side.AGAINST
        text = f"this network's resolver, asked for {control.step.host}: {words}{proof}"
        yield _Said(side, text, (control.step,))
    odd = tuple(f.step for f in (*e.system, *e.asked_again) if f.contradicted)
    if odd:
        yield _Said(Side.FOR, "answers that contradict each other came to one query", odd)
    nobody = e.from_nobody
    if nobody.test is not None:
        answers = nobody.test.failure is None
        host = "" if nobody.control is None else nobody.control.host
        also = nobody.control is not None and nobody.control.failure is None
        words = f"answered for {e.host}" if answers else "stayed silent"
        other = f" and for {host}" if also else f" and not for {host}" if answers else ""
        side = Side.FOR if answers and not also else Side.FACT
        text = f"an address where no resolver lives {words}{other}"
        yield _Said(side, text, (nobody.test, nobody.control))


def _connections(e: Evidence) -> Iterator[_Said]:
    for step in e.unconnected:
        yield _Said(Side.FACT, f"{_at(step)} takes no connection: {step.failure}", (step,))
        yield from _repeated(e, step)
        there = (e.remote.made_at(StepKind.TCP_CONNECT, step.address),)
        if e.remote.failure_at(StepKind.TCP_CONNECT, step.address) is not None:
            yield _Said(Side.AGAINST, f"{_at(step)} takes none of the control's, either", there)
        elif step.address in e.remote.connected:
            yield _Said(Side.FOR, f"{_at(step)} takes the control's connection", there)


def _name(e: Evidence) -> Iterator[_Said]:
    """The name said to its own server, to a stranger's, and another name in its place."""
    stopped = e.stopped
    proved = tuple(s for s in e.on_default_path(e.handshakes) if s.failure is None)
    if proved:
        yield _Said(Side.AGAINST, f"a certificate proves the site at {_at(proved[0])}", proved)
    if stopped is None:
        return
    text = f"{e.host} said to {_at(stopped)}: {_ended(stopped.failure)}"
    if e.told_by_others and stopped.address not in e.told_by_others | e.known:
        strange = stopped.failure in CERTIFICATE_FAILURES
        yield _Said(Side.FOR if strange else Side.FACT, text, (stopped,))
        return
    yield _Said(Side.FACT, text, (stopped,))
    yield from _repeated(e, stopped)
    here = e.same_address(stopped).control
    if here is not None:
        side = Side.FOR if e.answered(here) else Side.AGAINST
        yield _Said(side, f"{here.host} said to the same server: {_outcome(e, here)}", (here,))
    yield from _elsewhere(e, stopped)
    if served_elsewhere(e, stopped):
        made = (e.remote.made_at(stopped.kind, stopped.address),)
        yield _Said(Side.FOR, "the same server serves the control", made)
    elif (there := e.remote.failure_at(stopped.kind, stopped.address)) is not None:
        made = (e.remote.made_at(stopped.kind, stopped.address),)
        yield _Said(Side.AGAINST, f"the control fails at the same server: {there}", made)


def _elsewhere(e: Evidence, stopped: Step) -> Iterator[_Said]:
    swap = e.swap
    if swap.test is None:
        return
    same = swap.test.failure is stopped.failure
    text = f"{e.host} said to a stranger's server, {_at(swap.test)}: {_outcome(e, swap.test)}"
    yield _Said(Side.FOR if same else Side.AGAINST, text, (swap.test,))
    if swap.control is not None:
        own = f"{swap.control.host}, its own name, said to it: {_outcome(e, swap.control)}"
        yield _Said(Side.FOR if e.answered(swap.control) else Side.AGAINST, own, (swap.control,))
    if swap.stranger is not None:
        third = f"{swap.stranger.host}, a third name, said to it: {_outcome(e, swap.stranger)}"
        as_any = swap.stranger.failure is swap.test.failure
        yield _Said(Side.AGAINST if as_any else Side.FOR, third, (swap.stranger,))


def _repeated(e: Evidence, step: Step) -> Iterator[_Said]:
    again = e.again(step)
    if not again.tests:
        return
    same = all(test.failure is step.failure for test in again.tests)
    meanwhile = "" if again.control is None else f", while {again.control.host} was reached"
    text = f"tried again{meanwhile}: {_outcome(e, again.tests[0])}"
    yield _Said(Side.FOR if same else Side.AGAINST, text, (*again.tests, again.control))


def _frozen(e: Evidence, frozen: Step, here: HttpDetail) -> Iterator[_Said]:
    """How far the page came, here, here again, and for the control."""
    broke = f"status {here.status} came here, and the page broke off after {here.raw_bytes} bytes"
    yield _Said(Side.FACT, f"{broke}: {frozen.failure}", (frozen,))
    again, there = e.again(frozen), e.remote.exchange
    if again.test is not None:
        same = again.test.failure is frozen.failure
        text = f"tried again: {again.test.failure or 'whole'}"
        text += f" after {e.http(again.test).raw_bytes} bytes"
        yield _Said(Side.FOR if same else Side.AGAINST, text, (again.test, again.control))
    if there is not None and there.address == frozen.address:
        more = sent_more_elsewhere(e, frozen)
        text = f"the same server sent the control {e.http(there).raw_bytes} bytes"
        yield _Said(Side.FOR if more else Side.AGAINST, text, (there,))


def _pages(e: Evidence) -> Iterator[_Said]:
    here, there = e.page, e.remote.page
    if here is None:
        return
    if e.frozen is not None:
        yield from _frozen(e, e.frozen, here)
        return
    if there is None:
        yield _Said(Side.FACT, f"the page came with status {here.status}", (e.final,))
        return
    pair = (e.final, e.remote.exchange)
    if e.plain:
        alike = {True: "the same page as here", False: "another page", None: "a page"}[e.agrees]
        side = {True: Side.AGAINST, False: Side.FOR, None: Side.FACT}[e.agrees]
    else:
        alike, side = "a page", Side.FACT
    text = f"status {here.status} came here; the control was shown {alike}, status {there.status}"
    yield _Said(side, text, pair)
    if e.sees_other_page and e.final is not None:
        yield from _other_pages(e, here, e.final)


def _other_pages(e: Evidence, here: HttpDetail, final: Step) -> Iterator[_Said]:
    """Where else the page that the control is not shown comes, and where it does not."""
    again, swap = e.again(final).test, e.swap
    if again is not None:
        yield _alike(e, "tried again", again, here)
    if swap.test is not None:
        where = f"{e.host} said to a stranger's server, {_at(swap.test)}"
        yield _alike(e, where, swap.test, here)
        if swap.stranger is not None:
            third = f"{swap.stranger.host}, a third name, said to it"
            yield _alike(e, third, swap.stranger, here, same=Side.AGAINST)
    if e.secure is not None:
        same = same_page(e.shown(e.secure), e.remote.page)
        words = {True: "the page", False: "another page than", None: "a page beside that"}[same]
        text = f"over TLS, the same server shows {words} that the control is shown in the clear"
        pair = (e.secure, e.remote.exchange)
        yield _Said(Side.FOR if same else Side.FACT, text, pair)


def _alike(e: Evidence, what: str, step: Step, here: HttpDetail, *, same: Side = Side.FOR) -> _Said:
    """Whether the page came in another step, too; ``same`` is what that speaks for."""
    alike = same_page(here, e.http(step)) if e.answered(step) else None
    if alike is None:
        return _Said(Side.FACT, f"{what}: {_outcome(e, step)}", (step,))
    opposite = Side.AGAINST if same is Side.FOR else Side.FOR
    words = "the very page" if alike else "another page"
    return _Said(same if alike else opposite, f"{what}: {words}", (step,))


def _at(step: Step) -> str:
    return f"{step.address} port {step.port}"


def _ended(failure: object) -> str:
    return "no word" if failure is None else str(failure)


def _outcome(e: Evidence, step: Step) -> str:
    if step.failure is not None:
        return str(step.failure)
    status = e.http(step).status if step.kind is StepKind.HTTP_EXCHANGE else None
    return "answered" if status is None else f"answered, status {status}"


def _places(addresses: Iterable[str]) -> str:
    found = sorted(addresses)
    more = f" and {len(found) - 4} more" if len(found) > 4 else ""
    return ", ".join(found[:4]) + more
