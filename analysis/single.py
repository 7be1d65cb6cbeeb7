"""What must hold for a rule about a look that was made once, by a tool that can't be asked again.

Other people's measurements (heliograph.model.Measurement.source) hold one try of everything, and
what a control elsewhere saw of it. A hiccup is not ruled out then, and silence may be one: these
rules ask that the control was served where we were not, and weigh less than their likes; of silence
they make a signal. What resolvers said is in analysis.single_names.
"""

from collections.abc import Callable

from analysis.challenges import is_challenge
from analysis.evidence import Evidence
from analysis.outlines import is_notice, same_server, says_whose_it_is
from analysis.pages import same_page
from heliograph.failure import Failure
from heliograph.model import Step, StepKind

JUDGED = frozenset({"web_connectivity"})
"""Tests of others that our rules are made for; what the rest mean is not ours to say."""

SILENCE = frozenset({Failure.GENERIC_TIMEOUT_ERROR, Failure.TIMED_OUT})
STRANGE = frozenset({Failure.SSL_UNKNOWN_AUTHORITY, Failure.SSL_INVALID_HOSTNAME})
"""How a handshake ends where somebody else's certificate is presented."""

_BROKEN = 500
_TURNED_AWAY = frozenset({403, 429, 451})
"""Statuses that a site gives to visitors it does not like: such a control saw nothing."""


def ended_well(e: Evidence) -> bool:
    """The control came to the end of the way, and was served there."""
    status = _there(e)
    return 0 < status < _BROKEN and status not in _TURNED_AWAY


def _there(e: Evidence) -> int:
    """The status the control got; 0 when it got none."""
    status = None if e.remote.page is None else e.remote.page.status
    return 0 if status is None else status


def unconnected_once(words: frozenset[Failure]) -> Callable[[Evidence], bool]:
    """No address of the default path takes a connection; one that fails so takes the control's.

    Where no IPv6 address takes one, the line may have no IPv6 that works.
    """

    def holds(e: Evidence) -> bool:
        return any(
            step.failure in words and ":" not in _address(step) and _connects_there(e, step)
            for step in e.unconnected
        )

    return holds


def _address(step: Step) -> str:
    """Nothing where nobody wrote it down."""
    return "" if step.address is None else step.address


def _connects_there(e: Evidence, step: Step) -> bool:
    """At the address, if the control tried it; and it was answered in the end."""
    address = _address(step)
    if not e.is_told(address) or e.remote.page is None:
        return False
    made = e.remote.made_at(StepKind.TCP_CONNECT, address)
    return ended_well(e) if made is None else made.failure is None


def stopped_once(kind: StepKind, words: frozenset[Failure]) -> Callable[[Evidence], bool]:
    """The default path ends so where the name was said; the same server serves the control."""

    def holds(e: Evidence) -> bool:
        step = e.stopped
        if step is None or step.kind is not kind or step.failure not in words:
            return False
        return _served_there(e, step)

    return holds


def _served_there(e: Evidence, step: Step) -> bool:
    """The control was answered, at this address as far as it says where."""
    address = _address(step)
    if e.remote.page is None or e.remote.failure_at(step.kind, address) is not None:
        return False
    if not e.plain and address in e.remote.proved:
        return True
    return ended_well(e) and e.is_told(address)


def false_certificate_once(e: Evidence) -> bool:
    """The name is not proved here by the very address that serves the control."""
    step = e.stopped
    if step is None or step.failure not in STRANGE:
        return False
    return step.address in e.remote.proved | e.remote.addresses and _served_there(e, step)


def reset_untold(e: Evidence) -> bool:
    """A request over TLS is reset, and nobody wrote down how far the handshake had come.

    Silence or an end, at an unknown point, may be a slow site's doing or one that wants no robots.
    """
    if e.plain or e.handshakes or not ended_well(e):
        return False
    made = e.on_default_path(e.exchanges)
    return any(s.failure is Failure.CONNECTION_RESET and e.is_told(_address(s)) for s in made)


def shown_another_once(e: Evidence) -> bool:
    """In the clear, a notice comes in the place of a greater page, and not from its server.

    Sites show other pages to other countries, too, and small ones to visitors they doubt; but the
    server is the same then.
    """
    page, there = e.page, e.remote.page
    if not e.plain or page is None or there is None or {page.status, there.status} != {200}:
        return False
    if not is_notice(page) or page.body_bytes >= there.body_bytes:
        return False
    if is_challenge(page) or says_whose_it_is(page):
        return False
    return same_page(page, there) is False and not same_server(page, there)


def fails_for_control_too(e: Evidence) -> bool:
    """The control's request fails in the same way as the way ends here."""
    there = e.remote.exchange
    if there is None or e.remote.page is not None:
        return False
    ours = next((s for s in (*e.unconnected, e.stopped, e.final) if s is not None), None)
    if ours is None or ours.failure is Failure.UNKNOWN_FAILURE:
        return False
    return _kind(ours.failure) == _kind(there.failure)


def _kind(word: Failure | None) -> str:
    return "silence" if word in SILENCE else str(word)


def challenged_once(e: Evidence) -> bool:
    """In the clear, a test for robots comes from an address others know; the control is served."""
    if not e.plain or not is_challenge(e.page) or is_challenge(e.remote.page):
        return False
    return ended_well(e) and e.is_told("" if e.final is None else _address(e.final))
