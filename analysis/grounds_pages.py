"""What pages said, compared: here, here again, elsewhere, over TLS, and for a control."""

from collections.abc import Iterator

from analysis.comparisons import sent_more_elsewhere
from analysis.evidence import Evidence
from analysis.known import known
from analysis.pages import same_page
from analysis.reported import reported_page
from analysis.saying import Said, at, outcome
from heliograph.detail import HttpDetail
from heliograph.model import PAIR_END, Side, Step


def of_pages(e: Evidence) -> Iterator[Said]:
    """The comparisons of one hop's pages, if any came."""
    yield from _pages(e)
    entry = reported_page(e)
    if entry is not None and e.plain:
        text = f"the page was reported as a block page ({entry.id} in list {known().edition})"
        yield Said(Side.FOR, text, (e.final,))
    yield from _end(e)


def _pages(e: Evidence) -> Iterator[Said]:
    here, there = e.page, e.remote.page
    if here is None:
        return
    if e.frozen is not None:
        yield from _frozen(e, e.frozen, here)
        return
    if there is None:
        yield Said(Side.FACT, f"the page came with status {here.status}", (e.final,))
        return
    pair = (e.final, e.remote.exchange)
    if e.plain:
        alike = {True: "the same page as here", False: "another page", None: "a page"}[e.agrees]
        side = {True: Side.AGAINST, False: Side.FOR, None: Side.FACT}[e.agrees]
    else:
        alike, side = "a page", Side.FACT
    text = f"status {here.status} came here; the control was shown {alike}, status {there.status}"
    yield Said(side, text, pair)
    if e.doubts_page and e.final is not None:
        yield from _other_pages(e, here, e.final)


def _frozen(e: Evidence, frozen: Step, here: HttpDetail) -> Iterator[Said]:
    """How far the page came, here, here again, and for the control."""
    broke = f"status {here.status} came here, and the page broke off after {here.raw_bytes} bytes"
    yield Said(Side.FACT, f"{broke}: {frozen.failure}", (frozen,))
    again, there = e.again(frozen), e.remote.exchange
    if again.test is not None:
        same = again.test.failure is frozen.failure
        text = f"tried again: {again.test.failure or 'whole'}"
        text += f" after {e.http(again.test).raw_bytes} bytes"
        yield Said(Side.FOR if same else Side.AGAINST, text, (again.test, again.control))
    if there is not None and there.address == frozen.address:
        more = sent_more_elsewhere(e, frozen)
        text = f"the same server sent the control {e.http(there).raw_bytes} bytes"
        yield Said(Side.FOR if more else Side.AGAINST, text, (there,))


def _other_pages(e: Evidence, here: HttpDetail, final: Step) -> Iterator[Said]:
    """Where else the page that the control is not shown comes, and where it does not."""
    again, swap = e.again(final).test, e.swap
    if again is not None:
        yield _alike(e, "tried again", again, here)
    if swap.test is not None:
        where = f"{e.host} said to a stranger's server, {at(swap.test)}"
        yield _alike(e, where, swap.test, here)
        if swap.stranger is not None:
            third = f"{swap.stranger.host}, a third name, said to it"
            yield _alike(e, third, swap.stranger, here, same=Side.AGAINST)
    if e.secure is not None:
        same = same_page(e.shown(e.secure), e.remote.page)
        words = {True: "the page", False: "another page than", None: "a page beside that"}[same]
        text = f"over TLS, the same server shows {words} that the control is shown in the clear"
        pair = (e.secure, e.remote.exchange)
        yield Said(Side.FOR if same else Side.FACT, text, pair)


def _alike(e: Evidence, what: str, step: Step, here: HttpDetail, *, same: Side = Side.FOR) -> Said:
    """Whether the page came in another step, too; ``same`` is what that speaks for."""
    alike = same_page(here, e.http(step)) if e.answered(step) else None
    if alike is None:
        return Said(Side.FACT, f"{what}: {outcome(e, step)}", (step,))
    opposite = Side.AGAINST if same is Side.FOR else Side.FOR
    words = "the very page" if alike else "another page"
    return Said(same if alike else opposite, f"{what}: {words}", (step,))


def _end(e: Evidence) -> Iterator[Said]:
    """Where a control came that followed redirects by itself."""
    there = e.remote.exchange
    if there is None or there.pair != PAIR_END:
        return
    page = e.remote.page
    if page is None:
        yield Said(Side.AGAINST, f"a control elsewhere came to no end: {there.failure}", (there,))
    elif e.page is None:
        text = f"a control elsewhere came to the end of the way, status {page.status}"
        yield Said(Side.FOR, text, (there,))
