"""What must hold for a rule that compares this vantage with a control elsewhere."""

from collections.abc import Callable

from analysis.chain import authentic, stays_with
from analysis.conditions import fails_here_alone, names_of, stopped_on_path
from analysis.evidence import Evidence
from analysis.once import kept
from analysis.outlines import is_unused
from analysis.pages import leads_to_host, same_page, same_reply
from heliograph.detail import HttpDetail
from heliograph.failure import Failure
from heliograph.model import ADDRESS_BUSY, RESIDUAL_POSSIBLE, Step, StepKind

_ONE_PACKET, _SEVERAL_PACKETS = 1500, 4096
"""Bytes."""

_LONG = 10.0
"""Seconds."""

_BROKEN = 500
"""From this status on, a server says that something is wrong with itself."""

UNCONNECTED = {
    "timeout": frozenset({Failure.GENERIC_TIMEOUT_ERROR, Failure.TIMED_OUT}),
    "refused": frozenset({Failure.CONNECTION_REFUSED, Failure.CONNECTION_RESET}),
    "unreachable": frozenset({Failure.HOST_UNREACHABLE, Failure.NETWORK_UNREACHABLE}),
}
"""What a connection that was not made ended with, by technique."""


def address_stopped(words: frozenset[Failure]) -> Callable[[Evidence], bool]:
    """No address of the default path takes a connection here; one that fails so, twice and while
    another server is reached, serves the control.

    Where another name was stopped moments before, it may be that name the address pays for; and
    one that took connections moments before is not closed, but busy.
    """

    def holds(e: Evidence) -> bool:
        if not {RESIDUAL_POSSIBLE, ADDRESS_BUSY}.isdisjoint(e.measurement.context):
            return False
        return any(
            step.failure in words and fails_here_alone(e, step) and _lasted(e, step)
            for step in e.unconnected
        )

    return holds


def _lasted(e: Evidence, step: Step) -> bool:
    """From the first failure to the last it took so long that no server was merely starting."""
    last = max((test.started + test.seconds for test in e.again(step).tests), default=0.0)
    return last - step.started >= _LONG


def certificate_here_alone(e: Evidence) -> bool:
    """An address shows the control a valid certificate, and here, twice, one that nobody issued.

    It names the target, is not the one the control saw, and does not claim to be issued by whoever
    issued that: a server's own may lack what proves it. And an innocuous server proves itself here
    meanwhile, so not every name is intercepted.
    """
    stopped = e.stopped
    if stopped is None or stopped.failure is not Failure.SSL_UNKNOWN_AUTHORITY:
        return False
    detail = e.tls(stopped)
    if e.host not in names_of(detail):
        return False
    shown, true = detail.chain[0], e.remote.leaf_at(stopped.address)
    if true is not None and (shown.sha256 == true.sha256 or shown.issuer == true.issuer):
        return False
    return fails_here_alone(e, stopped)


def alert_here_alone(e: Evidence) -> bool:
    """The handshake ends in an alert here, twice, though the same address serves the control.

    A stranger's server sends the very same alert for this name, and not for a third one: the
    alert is no server's way with names that are not its own.
    """
    stopped, swap = e.stopped, e.swap
    if stopped is None or not fails_here_alone(e, stopped):
        return False
    if swap.test is None or swap.control is None or swap.stranger is None:
        return False
    number = e.ending_alert(stopped)
    same = e.ending_alert(swap.test) == number and swap.control.failure is None
    another = e.tls(swap.stranger).completed or e.alert(swap.stranger) not in {None, number}
    return number is not None and same and another


def led_to_stranger(e: Evidence) -> bool:
    """The system's resolver leads this name, again and again, to a server with one page for all.

    The target is elsewhere: an address from other resolvers proves its name, or, where it has no
    TLS, tells names apart. An innocuous name is led to its own server.
    """
    if e.reached or not e.answers_differ or e.control_proved is not True or e.agrees is True:
        return False
    if not (e.reaches_elsewhere or (e.sees_other_page and _tells_names_apart(e))):
        return False
    told = e.system_public & e.addresses_again
    return any(_one_page_for_all(e, address) for address in told)


def _tells_names_apart(e: Evidence) -> bool:
    """A server known to be the target's shows it another page than an innocuous name."""
    trials = [e.page_at(address) for address in e.vouched]
    return any(same_page(e.shown(t.test), e.shown(t.control)) is False for t in trials)


def _one_page_for_all(e: Evidence, address: str) -> bool:
    """A page, not an error of a broken edge; nobody knows the address as the target's.

    A far-away server that proves itself to be another site's, or shows the page of one that nobody
    has set up, may have been given the address since, and it too shows one page to all.
    """
    if address in e.known or e.same_network(address, e.known | e.trusted_public):
        return False
    trial = e.page_at(address)
    shown = e.shown(trial.test)
    others = _is_another_sites(e, address) or (shown is not None and is_unused(shown))
    if others and not e.is_near(address):
        return False
    notice = _status(shown) < 400 or _status(shown) in {403, 451}
    return notice and same_page(shown, e.shown(trial.control)) is True


def _is_another_sites(e: Evidence, address: str) -> bool:
    """Over TLS it presents a valid certificate for another name."""
    shown = (step for step in e.handshakes if step.address == address)
    return any(step.failure is Failure.SSL_INVALID_HOSTNAME for step in shown)


def _status(page: HttpDetail | None) -> int:
    """That of a broken server when there is none."""
    status = None if page is None else page.status
    return _BROKEN if status is None else status


@kept
def page_injected(e: Evidence) -> bool:
    """In the clear, a page the control is not shown comes here, and it is not the site's doing."""
    if not e.doubts_page or (e.leads_to is not None and stays_with(e.host, e.leads_to)):
        return False
    if _status(e.page) >= _BROKEN or same_page(e.page, e.shown(e.secure)) is True:
        return False
    if e.agrees is None:
        return _from_stranger(e) and _true_over_tls(e)
    return _from_stranger(e) or (_not_over_tls(e) and _comes_again(e) and not _untouched(e))


def _comes_again(e: Evidence) -> bool:
    """The page came a second time: it is not one of several that the site shows in turn."""
    again = None if e.final is None else e.again(e.final).test
    return same_reply(e.page, e.shown(again)) is True


def _untouched(e: Evidence) -> bool:
    """A stranger's server treats the name as any other that it does not know."""
    shown, stranger = e.shown(e.swap.test), e.swap.stranger
    if shown is None or stranger is None:
        return False
    if leads_to_host(shown) == e.host and leads_to_host(e.shown(stranger)) == stranger.host:
        return True  # it leads each name to itself
    return same_page(shown, e.shown(stranger)) is not False


def _from_stranger(e: Evidence) -> bool:
    """The very page comes from another server, too, for this name alone.

    A stranger's server has no reason to know the page; it shows another one to a third name. That
    it is no server of the target's shows in the page of its own, which the target's does not have.
    """
    there, own, strangers = (
        e.shown(said) for said in (e.swap.test, e.swap.control, e.swap.stranger)
    )
    if own is None:
        return False
    here = None if e.final is None else e.shown(e.same_address(e.final).control)
    for_all = same_page(own, strangers) is True  # it tells no server from another
    if same_page(here, own) is True and not for_all:
        return False
    return same_reply(e.page, there) is True and same_page(there, strangers) is False


def _true_over_tls(e: Evidence) -> bool:
    """The same server, over TLS, shows us the page that the control is shown in the clear."""
    return same_page(e.shown(e.secure), e.remote.page) is True


def _not_over_tls(e: Evidence) -> bool:
    """The same server, over TLS, shows us what the control is shown in the clear.

    Or it is a site that leads everybody to itself over TLS; we are led, or shown, elsewhere.
    """
    secure, there = e.shown(e.secure), e.remote.page
    if _status(secure) >= 400:
        return False
    upgraded = leads_to_host(there) == e.host and e.leads_to is not None
    return upgraded or same_page(secure, there) is True


def page_frozen(e: Evidence) -> bool:
    """The page breaks off, twice after as many bytes; the control was sent more by the same server.

    A line that loses packets breaks off anywhere; one that takes no large packets, at once.
    """
    frozen = e.frozen
    if frozen is None or not sent_more_elsewhere(e, frozen):
        return False
    again = e.again(frozen)
    if again.control is None or again.test is None or again.test.failure is not frozen.failure:
        return False
    first, second = e.http(frozen).raw_bytes, e.http(again.test).raw_bytes
    return min(first, second) >= _SEVERAL_PACKETS and abs(first - second) <= _ONE_PACKET


def sent_more_elsewhere(e: Evidence, frozen: Step) -> bool:
    """The control was sent the page, or more of it, from the same address."""
    there = e.remote.exchange
    if there is None or there.failure is not None or there.address != frozen.address:
        return False
    return e.http(there).raw_bytes > e.http(frozen).raw_bytes + _ONE_PACKET


def redirect_injected(e: Evidence) -> bool:
    """The injected page is a redirect."""
    return page_injected(e) and e.leads_to is not None


def block_page_injected(e: Evidence) -> bool:
    """The injected page is none."""
    return page_injected(e) and e.leads_to is None


def unconnected_for_all(e: Evidence) -> bool:
    """No address takes a connection, here or from the control."""
    failed = e.unconnected
    if not failed or e.authentic or e.remote.connected or not authentic(e):
        return False
    if ADDRESS_BUSY in e.measurement.context:
        return False
    return all(e.remote.failure_at(StepKind.TCP_CONNECT, s.address) is not None for s in failed)


def handshake_fails_for_all(e: Evidence) -> bool:
    """The handshake fails for the control in the same way, at the same address."""
    stopped = e.stopped
    if stopped is None or stopped.kind is not StepKind.TLS_HANDSHAKE:
        return False
    if e.authentic or e.remote.proved or not authentic(e) or _disturbed(e):
        return False
    return e.remote.failure_at(StepKind.TLS_HANDSHAKE, stopped.address) is stopped.failure


def request_fails_for_all(e: Evidence) -> bool:
    """The request fails for the control in the same way, at the same address."""
    final, there = e.final, e.remote.exchange
    if final is None or there is None or e.page is not None or e.remote.page is not None:
        return False
    same = there.failure is final.failure and there.address == final.address
    return same and authentic(e) and not _disturbed(e)


def _disturbed(e: Evidence) -> bool:
    """A filter on the path stops the name elsewhere, too, or the address is merely busy."""
    return stopped_on_path(e) or ADDRESS_BUSY in e.measurement.context
