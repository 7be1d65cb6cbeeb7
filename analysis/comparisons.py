"""What must hold for a rule that compares this vantage with a control elsewhere."""

from collections.abc import Callable

from analysis.conditions import fails_here_alone
from analysis.evidence import Evidence
from analysis.pages import leads_to_host, same_page
from heliograph.failure import CERTIFICATE_FAILURES, NOT_ATTEMPTED, Failure
from heliograph.model import Step, StepKind

UNCONNECTED = {
    "timeout": frozenset({Failure.GENERIC_TIMEOUT_ERROR, Failure.TIMED_OUT}),
    "refused": frozenset({Failure.CONNECTION_REFUSED, Failure.CONNECTION_RESET}),
    "unreachable": frozenset({Failure.HOST_UNREACHABLE, Failure.NETWORK_UNREACHABLE}),
}
"""What a connection that was not made ended with, by technique."""


def address_stopped(words: frozenset[Failure]) -> Callable[[Evidence], bool]:
    """No address of the default path takes a connection here; one that fails so, twice and while
    another server is reached, serves the control."""

    def holds(e: Evidence) -> bool:
        return any(step.failure in words and fails_here_alone(e, step) for step in e.unconnected)

    return holds


def certificate_here_alone(e: Evidence) -> bool:
    """An address shows the control a valid certificate, and here, twice, another one.

    Meanwhile an innocuous server proves itself here, so not every name is intercepted.
    """
    stopped = e.stopped
    if stopped is None or stopped.kind is not StepKind.TLS_HANDSHAKE:
        return False
    if stopped.failure not in CERTIFICATE_FAILURES or not e.tls(stopped).completed:
        return False
    control = e.again(stopped).control
    return control is not None and control.failure is None and fails_here_alone(e, stopped)


def alert_here_alone(e: Evidence) -> bool:
    """The handshake ends in an alert here, twice, though the same address serves the control.

    And another name is answered there, or a stranger's server sends the very same alert.
    """
    stopped = e.stopped
    if stopped is None or stopped.kind is not StepKind.TLS_HANDSHAKE:
        return False
    number = e.tls(stopped).alert
    if number is None or e.tls(stopped).completed or not fails_here_alone(e, stopped):
        return False
    there = e.swap.test
    same = there is not None and e.tls(there).alert == number
    proved = e.swap.control is not None and e.swap.control.failure is None
    return (same and proved) or _completed(e, e.same_address(stopped).control)


def _completed(e: Evidence, step: Step | None) -> bool:
    return step is not None and e.tls(step).completed


def led_to_stranger(e: Evidence) -> bool:
    """The system's resolver leads this name, again and again, to a server with one page for all.

    The target is elsewhere: an address from other resolvers proves its name, or, where it has no
    TLS, shows the control another page. An innocuous name is led to its own server.
    """
    if e.reached or not e.answers_differ or e.control_proved is not True:
        return False
    if not (e.reaches_elsewhere or (e.plain and e.sees_other_page and e.vouched)):
        return False
    told = e.system_public & e.addresses_again
    return any(_one_page_for_all(e, address) for address in told)


def _one_page_for_all(e: Evidence, address: str) -> bool:
    trial = e.page_at(address)
    if address in e.remote.proved or e.same_network(address, e.known | e.trusted_public):
        return False
    if trial.test is None or trial.control is None:
        return False
    return same_page(e.http(trial.test), e.http(trial.control))


def page_injected(e: Evidence) -> bool:
    """In the clear, a page the control is not shown comes here, and it is not the site's doing."""
    return e.sees_other_page and (_from_stranger(e) or _not_over_tls(e))


def _from_stranger(e: Evidence) -> bool:
    """The very page comes from another server, too, for this name alone.

    A stranger's server, in another network, has no reason to know the page; it shows another one
    to a third name.
    """
    swap = e.swap
    if e.page is None or swap.test is None or swap.stranger is None:
        return False
    if not (e.answered(swap.test) and e.answered(swap.stranger) and e.answered(swap.control)):
        return False
    if e.same_network(swap.test.address or "", e.known | e.default_addresses):
        return False
    there = e.http(swap.test)
    return same_page(e.page, there) and not same_page(there, e.http(swap.stranger))


def _not_over_tls(e: Evidence) -> bool:
    """The same server, over TLS, shows us what the control is shown in the clear.

    Or it is a site that leads everybody to itself over TLS; we are led, or shown, elsewhere.
    """
    secure, there = e.secure_page, e.remote.page
    if secure is None or there is None or e.page is None or same_page(secure, e.page):
        return False
    if same_page(secure, there):
        return True
    upgraded = leads_to_host(there) == e.host and secure.status is not None and secure.status < 400
    return upgraded and e.leads_to is not None and e.leads_to != e.host


def redirect_injected(e: Evidence) -> bool:
    """The injected page is a redirect."""
    return page_injected(e) and e.leads_to is not None


def block_page_injected(e: Evidence) -> bool:
    """The injected page is none."""
    return page_injected(e) and e.leads_to is None


def unconnected_for_all(e: Evidence) -> bool:
    """No address takes a connection, here or from the control."""
    failed = e.unconnected
    if not failed or e.remote.connected or not e.remote.answered:
        return False
    return all(e.remote.failure_at(StepKind.TCP_CONNECT, s.address) is not None for s in failed)


def handshake_fails_for_all(e: Evidence) -> bool:
    """The handshake fails for the control in the same way, at the same address."""
    stopped = e.stopped
    if stopped is None or stopped.kind is not StepKind.TLS_HANDSHAKE or e.remote.proved:
        return False
    there = e.remote.failure_at(StepKind.TLS_HANDSHAKE, stopped.address)
    return stopped.failure is not None and there is stopped.failure


def request_fails_for_all(e: Evidence) -> bool:
    """The request fails for the control in the same way."""
    final, there = e.final, e.remote.exchange
    if final is None or there is None or e.page is not None or e.remote.page is not None:
        return False
    return (
        final.failure is not None
        and final.failure not in NOT_ATTEMPTED
        and there.failure is final.failure
    )
