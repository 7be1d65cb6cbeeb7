"""What the comparisons of a look said, one by one: for interference, against it, or neither.

A verdict's rules fire on some of these; a reader may want to see all, with the steps they rest on.
"""

from collections.abc import Iterator

from analysis import shape
from analysis.beside.readings import READINGS
from analysis.chain import hops
from analysis.conditions import served_elsewhere
from analysis.evidence import Evidence
from analysis.grounds_pages import of_pages
from analysis.known import known
from analysis.lookups import failure_of, union
from analysis.pages import same_page
from analysis.reasons import misfortune, own_choice, reason_in_words
from analysis.reported import reported_address
from analysis.residual import in_words
from analysis.rewriting import restored
from analysis.saying import Said, at, ended, outcome, places, side_of
from analysis.surroundings import rewriting
from heliograph.failure import CERTIFICATE_FAILURES
from heliograph.model import (
    SURROUNDINGS,
    WITHHELD,
    Ground,
    Measurement,
    Outcome,
    Side,
    Step,
    StepKind,
)


def grounds(measurement: Measurement, hop: int | None) -> tuple[Ground, ...]:
    """The comparisons of one hop, the last one when None, in the order of the way.

    There are none of a look that was not made, nor of one at the surroundings. Of one whose details
    were withheld nothing can be compared, and the only one says so.
    """
    if measurement.outcome is not Outcome.MEASURED or measurement.probe == SURROUNDINGS:
        return ()
    if _is_withheld(measurement):
        return (_WITHHELD,)
    reading = READINGS.get(measurement.probe) if measurement.source is None else None
    if reading is None:
        return _of_the_way(measurement, measurement, hop)
    told = tuple(reading.grounds(reading.facts(measurement)))
    if reading.way is None:
        return told
    return (*_of_the_way(reading.way(measurement), measurement, hop), *told)


def _of_the_way(way: Measurement, measurement: Measurement, hop: int | None) -> tuple[Ground, ...]:
    """Those of the web's rules; ``way`` has the steps of the measurement they are about."""
    chain = hops(way)
    e = next((each for each in chain if each.hop == hop), chain[-1])
    order = list(restored(measurement.steps, rewriting(measurement.context)))
    said = (
        *_resolvers(e),
        *_reported(e),
        *_strangers(e),
        *_connections(e),
        *_name(e),
        *_aftermath(e),
        *shape.grounds(e),
        *of_pages(e),
    )
    return tuple(
        Ground(
            side=each.side,
            text=each.text,
            steps=tuple(order.index(s) for s in each.steps if s in order),
        )
        for each in said
    )


_WITHHELD = Ground(
    side=Side.FACT,
    text="details withheld: what the verdict rests on can't be compared again here",
    steps=(),
)


def _is_withheld(measurement: Measurement) -> bool:
    """Whether details were taken out of the record; a look-up always has some."""
    return measurement.vantage.source == WITHHELD or any(
        step.kind is StepKind.DNS_QUERY and step.detail == "{}" for step in measurement.steps
    )


def _resolvers(e: Evidence) -> Iterator[Said]:
    if not e.system:
        return
    asked = tuple(fact.step for fact in e.system)
    told = places(e.system_addresses) or ended(e.system_failure)
    others = tuple(fact.step for fact in e.trusted)
    if not e.answer_in_doubt and not e.denied_by_others:
        as_others = ", as others do" if others and not e.answers_differ else ""
        yield Said(Side.FACT, f"this network's resolver leads to {told}{as_others}", asked)
        return
    yield Said(Side.FACT, f"this network's resolver, asked for {e.host}: {told}", asked)
    yield from _other_resolvers(e)
    yield from _one_resolver(e)
    if e.remote.lookups:
        same = not e.remote.told.isdisjoint(e.system_addresses) or (
            e.system_failure is not None and e.remote.dns_failure is e.system_failure
        )
        words = places(e.remote.told) or ended(e.remote.dns_failure)
        steps = tuple(fact.step for fact in e.remote.lookups)
        side = Side.AGAINST if same else Side.FOR
        yield Said(side, f"the control's resolver, asked for {e.host}: {words}", steps)


def _other_resolvers(e: Evidence) -> Iterator[Said]:
    """Those whose answers somebody on the path can forge count for less, and stand apart."""
    for encrypted in (True, False):
        asked = [fact for fact in e.trusted if fact.encrypted is encrypted]
        if asked:
            found = union(fact.public for fact in asked)
            differs = found.isdisjoint(e.system_public) if found else e.denied_by_others
            replied = encrypted and any(fact.taken is not None for fact in asked)
            side = (Side.FOR if differs else Side.AGAINST) if replied else Side.FACT
            how = "over an encrypted channel" if encrypted else "in the clear"
            words = places(found) or ended(failure_of(tuple(asked)))
            text = f"resolvers elsewhere, asked {how}: {words}"
            yield Said(side, text, tuple(fact.step for fact in asked))


def _reported(e: Evidence) -> Iterator[Said]:
    entry = reported_address(e)
    if entry is not None:
        told = f"{places(e.system_addresses)} was reported as a forged answer"
        text = f"{told} ({entry.id} in list {known().edition})"
        yield Said(Side.FOR, text, tuple(fact.step for fact in e.system))


def _one_resolver(e: Evidence) -> Iterator[Said]:
    """What else the system's resolver said, and whoever speaks in its place.

    Where it answered as others do, none of that speaks for anything.
    """
    told = not e.system_public or e.answers_differ
    again = e.asked_again
    if again:
        words = places(e.addresses_told_again) or ended(e.failure_again)
        same = e.failure_again is e.system_failure and e.addresses_told_again <= e.system_addresses
        steps = tuple(fact.step for fact in again)
        side = side_of(same) if told else Side.FACT
        yield Said(side, f"this network's resolver, asked once more: {words}", steps)
    control = e.resolver_control
    if control is not None:
        fine = control.step.failure is None and e.control_proved is not False
        words = places(control.addresses) or ended(control.step.failure)
        proof = " (which proves the name)" if e.control_proved else ""
        side = side_of(fine) if told else Side.FACT
        text = f"this network's resolver, asked for {control.step.host}: {words}{proof}"
        yield Said(side, text, (control.step,))
    reason = reason_in_words(e)
    if reason is not None and e.explained is not None:
        side = Side.AGAINST if own_choice(e) or misfortune(e) else Side.FOR
        text = f"this network's resolver, asked for its reason: {reason}"
        yield Said(side, text, (e.explained.step,))
    if e.gives_ipv6 is not None:
        name, words = e.ipv6_asked[-1].host, "found" if e.gives_ipv6 else "none"
        text = f"this network's resolver, asked for the IPv6 address of {name}: {words}"
        yield Said(side_of(e.gives_ipv6), text, e.ipv6_asked)
    yield from _forgers(e)


def _forgers(e: Evidence) -> Iterator[Said]:
    odd = tuple(f.step for f in (*e.system, *e.asked_again) if f.contradicted)
    if odd:
        yield Said(Side.FOR, "answers that contradict each other came to one query", odd)
    nobody = e.from_nobody
    if nobody.test is not None:
        answers = nobody.test.failure is None
        host = "" if nobody.control is None else nobody.control.host
        also = nobody.control is not None and nobody.control.failure is None
        words = f"answered for {e.host}" if answers else "stayed silent"
        other = f" and for {host}" if also else f" and not for {host}" if answers else ""
        side = Side.FOR if answers and not also else Side.FACT
        text = f"an address where no resolver lives {words}{other}"
        yield Said(side, text, (nobody.test, nobody.control))


def _strangers(e: Evidence) -> Iterator[Said]:
    """What is found where this network's resolver leads and others do not, and where they do."""
    if not e.answers_differ:
        return
    for address in sorted(e.system_public):
        trial = e.page_at(address)
        if trial.test is not None and trial.control is not None:
            same = same_page(e.shown(trial.test), e.shown(trial.control))
            words = {True: "one page for both", False: "two pages", None: "nothing to compare"}
            asked = f"{address}, asked in the clear for {e.host} and for {trial.control.host}"
            side = Side.FACT if same is None else side_of(same)
            yield Said(side, f"{asked}: {words[same]}", (trial.test, trial.control))
    proved = tuple(s for s in e.handshakes if s.failure is None and s.address in e.told_by_others)
    if proved:
        text = f"a certificate proves the site where others lead, at {at(proved[0])}"
        yield Said(Side.FOR, text, proved)


def _connections(e: Evidence) -> Iterator[Said]:
    for step in e.unconnected:
        yield Said(Side.FACT, f"{at(step)} takes no connection: {step.failure}", (step,))
        yield from _repeated(e, step)
        there = (e.remote.made_at(StepKind.TCP_CONNECT, step.address),)
        if e.remote.failure_at(StepKind.TCP_CONNECT, step.address) is not None:
            side = Side.AGAINST if e.is_told(step.address or "") else Side.FACT
            yield Said(side, f"{at(step)} takes none of the control's, either", there)
        elif step.address in e.remote.connected:
            yield Said(Side.FOR, f"{at(step)} takes the control's connection", there)


def _name(e: Evidence) -> Iterator[Said]:
    """The name said to its own server, to a stranger's, and another name in its place."""
    stopped = e.stopped
    proved = tuple(s for s in e.on_default_path(e.handshakes) if s.failure is None)
    if proved:
        yield Said(Side.AGAINST, f"a certificate proves the site at {at(proved[0])}", proved)
    if stopped is None:
        return
    text = f"{e.host} said to {at(stopped)}: {ended(stopped.failure)}"
    if e.told_by_others and stopped.address not in e.told_by_others | e.known:
        strange = stopped.failure in CERTIFICATE_FAILURES
        yield Said(Side.FOR if strange else Side.FACT, text, (stopped,))
        return
    yield Said(Side.FACT, text, (stopped,))
    yield from _repeated(e, stopped)
    here = e.same_address(stopped).control
    if here is not None:
        side = Side.FOR if e.answered(here) else Side.AGAINST
        yield Said(side, f"{here.host} said to the same server: {outcome(e, here)}", (here,))
    yield from _elsewhere(e, stopped)
    if served_elsewhere(e, stopped):
        made = (e.remote.made_at(stopped.kind, stopped.address),)
        yield Said(Side.FOR, "the same server serves the control", made)
    elif (there := e.remote.failure_at(stopped.kind, stopped.address)) is not None:
        made = (e.remote.made_at(stopped.kind, stopped.address),)
        yield Said(Side.AGAINST, f"the control fails at the same server: {there}", made)


def _aftermath(e: Evidence) -> Iterator[Said]:
    """Whether a filter that was hit goes on for a while."""
    for text, step, excuses in in_words(e):
        yield Said(Side.AGAINST if excuses else Side.FACT, text, (step,))


def _elsewhere(e: Evidence, stopped: Step) -> Iterator[Said]:
    swap = e.swap
    if swap.test is None:
        return
    same = swap.test.failure is stopped.failure
    text = f"{e.host} said to a stranger's server, {at(swap.test)}: {outcome(e, swap.test)}"
    yield Said(Side.FOR if same else Side.AGAINST, text, (swap.test,))
    if swap.control is not None:
        own = f"{swap.control.host}, its own name, said to it: {outcome(e, swap.control)}"
        fine = Side.FOR if same else Side.FACT
        yield Said(fine if e.answered(swap.control) else Side.AGAINST, own, (swap.control,))
    if swap.stranger is not None:
        third = f"{swap.stranger.host}, a third name, said to it: {outcome(e, swap.stranger)}"
        as_any = swap.stranger.failure is swap.test.failure
        yield Said(side_of(not as_any) if same else Side.FACT, third, (swap.stranger,))


def _repeated(e: Evidence, step: Step) -> Iterator[Said]:
    again = e.again(step)
    if not again.tests:
        return
    same = all(test.failure is step.failure for test in again.tests)
    meanwhile = "" if again.control is None else f", while {again.control.host} was reached"
    text = f"tried again{meanwhile}: {outcome(e, again.tests[0])}"
    yield Said(Side.FOR if same else Side.AGAINST, text, (*again.tests, again.control))
