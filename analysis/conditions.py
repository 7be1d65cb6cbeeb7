"""What must hold for a rule: questions about one measurement's evidence, answered yes or no."""

from collections.abc import Callable

from analysis.chain import authentic
from analysis.challenges import is_challenge
from analysis.evidence import Evidence
from analysis.lookups import LookupFact, as_lookup
from analysis.once import kept
from analysis.pages import leads_nowhere, leads_to_host, same_page
from analysis.reasons import misfortune, own_choice
from analysis.surroundings import masking
from heliograph.detail import TlsDetail
from heliograph.failure import Failure
from heliograph.model import NO_IPV6, PAIR_END, SURROUNDINGS, Step, StepKind

MOST_REDIRECTS = 10
"""A browser gives up not much later."""

_REFUSALS = frozenset({403, 429})
"""Statuses a site gives to some visitors and not to others."""

_FOR_LOCAL_USE = ("private", "carrier-grade NAT", "unique local")
"""How heliograph.address begins to say why an address that a network may use inside is none."""

_DENIALS = frozenset({Failure.DNS_NXDOMAIN_ERROR, Failure.DNS_NO_ANSWER})
_LIKE_INTERCEPTION = frozenset({Failure.SSL_UNKNOWN_AUTHORITY, Failure.SSL_INVALID_HOSTNAME})


def surroundings_masked(e: Evidence) -> bool:
    """A context flag says that nothing can be trusted here."""
    return bool(masking(e.measurement.context))


def surroundings_fine(e: Evidence) -> bool:
    """This is a look at the surroundings, and no flag says that nothing can be trusted."""
    return e.measurement.probe == SURROUNDINGS and not surroundings_masked(e)


def resolver_fails_for_all(e: Evidence) -> bool:
    """The system's resolver failed for the target and for an innocuous name alike."""
    control = e.resolver_control
    if e.withholds_ipv6 and e.gives_ipv6 is False:
        return True
    return e.system_failure is not None and control is not None and _failed(control)


def resolver_misleads_all(e: Evidence) -> bool:
    """An innocuous name is led to a place that can't be its own, too.

    Two names may share a server, but then that server proves the innocuous name.
    """
    control = e.resolver_control
    if control is None or not control.addresses or not e.system_addresses or e.reached:
        return False
    if not control.public or e.control_proved is False:
        return True
    return e.control_proved is None and not control.public.isdisjoint(e.system_public)


def _failed(lookup: LookupFact) -> bool:
    return lookup.step.failure is not None


def answer_injected(e: Evidence) -> bool:
    """Replies to one query contradict each other, and the first is not the target's.

    What is the target's is known by a certificate, or from a resolver nobody can forge.
    """
    return not e.reached and any(
        fact.contradicted and _led_astray(e, fact) for fact in (*e.system, *e.asked_again)
    )


def _led_astray(e: Evidence, fact: LookupFact) -> bool:
    """The first of the replies is not the target's, and no innocent resolver gave it."""
    known = e.known
    return (
        known.isdisjoint(fact.addresses)
        and (e.reaches_elsewhere or not known.isdisjoint(fact.later))
        and (_everywhere(e) or fact.from_two_places or _not_the_targets(e, fact))
    )


def _everywhere(e: Evidence) -> bool:
    """Several resolvers contradict themselves, or one does, about this name alone."""
    several = {f.step.resolver for f in (*e.system, *e.trusted) if f.contradicted}
    return len(several) > 1 or _for_this_name_alone(e)


def injection_proved(e: Evidence) -> bool:
    """An address where no resolver lives answers for this name alone; the default path is led
    by such answers, for it is not led to the target."""
    asked = e.from_nobody
    if asked.test is None or asked.control is None or not e.system or not e.known:
        return False
    forged, other = as_lookup(asked.test), as_lookup(asked.control)
    replied = forged.taken is not None and e.known.isdisjoint(forged.addresses)
    return replied and other.taken is None and e.known.isdisjoint(e.system_addresses)


def _for_this_name_alone(e: Evidence) -> bool:
    """The resolver contradicted itself twice about this name, and not about an innocuous one."""
    control = e.resolver_control
    twice = any(f.contradicted for f in e.system) and any(f.contradicted for f in e.asked_again)
    return twice and control is not None and len(control.detail.replies) == 1


def _not_the_targets(e: Evidence, fact: LookupFact) -> bool:
    """The first reply leads where no public site is, or where somebody else's certificate is.

    An address that merely stays silent may be one of the target's own that is down; and of two
    servers behind one resolver, one may not have heard of the name yet.
    """
    if not fact.public:
        return bool(fact.addresses) or all(again.contradicted for again in e.asked_again)
    return any(s.failure in _LIKE_INTERCEPTION for s in e.handshakes if s.address in fact.public)


def only_bogons(e: Evidence) -> bool:
    """The system's resolver gives this name alone addresses no public host can have."""
    if not e.system_addresses or e.system_public or not e.lives:
        return False
    if at_home_here(e) or own_choice(e):
        return False
    return e.control_proved is True and not _told_elsewhere(e)


def at_home_here(e: Evidence) -> bool:
    """The target lives in this very network, whose customers may be led to it on a nearer way."""
    own = e.measurement.vantage.asn
    near = all(why.startswith(_FOR_LOCAL_USE) for fact in e.system for why in fact.bogons)
    return near and own in e.networks_of(e.own_addresses)


def _told_elsewhere(e: Evidence) -> bool:
    """A control was told of the name what the system's resolver says here."""
    same_word = e.system_failure is not None and e.remote.dns_failure is e.system_failure
    return same_word or not e.remote.told.isdisjoint(e.system_addresses)


def resolver_lies(word: Failure) -> Callable[[Evidence], bool]:
    """The system's resolver fails so for the target alone, twice, and others find the name."""

    def holds(e: Evidence) -> bool:
        if e.system_failure is not word or not e.lives or word in e.trusted_failures:
            return False
        if _told_elsewhere(e) or own_choice(e) or misfortune(e):
            return False
        if word not in _DENIALS and any(fact.later for fact in e.system):
            return False  # one of two upstreams gave up, the other answered
        if e.withholds_ipv6 and (NO_IPV6 in e.measurement.context or not e.gives_ipv6):
            return False  # nobody here misses them, or nobody is given any
        control = e.resolver_control
        if control is None or not control.public or e.control_proved is False:
            return False
        return e.failure_again is word and not e.fails_innocuous_names

    return holds


def leads_to(word: Failure) -> Callable[[Evidence], bool]:
    """The system's addresses fail to prove the name so, another resolver's prove it.

    A refusal or silence at an address may be an outage there; a certificate of somebody else,
    presented in the target's name, is not. One that is merely for another name may be by right: an
    address the target has given up belongs to another site by now, so it counts in the vantage's
    own network or country alone. That an innocuous name is led to its own server shows that not
    everybody is sent to a portal.
    """

    def holds(e: Evidence) -> bool:
        if not e.reaches_elsewhere or e.reached:
            return False
        if not e.system_public.isdisjoint(e.told_by_others) or not e.control_proved:
            return False
        if _told_elsewhere(e) or e.agrees is True:
            return False
        shown = [s for s in e.handshakes if s.failure is word and s.address in e.system_public]
        return any(_is_led_astray(e, step) for step in shown)

    return holds


def _is_led_astray(e: Evidence, step: Step) -> bool:
    """Where this handshake was made there is no server of the target's, for all that is known."""
    address = step.address or ""
    if e.same_network(address, e.known | e.trusted_public) or _misconfigured(e, step):
        return False
    return e.host in names_of(e.tls(step)) or e.is_near(address)


def _misconfigured(e: Evidence, step: Step) -> bool:
    """The target's own server with a bad certificate: it names the target, a control is shown it
    there as well, and the server tells names apart."""
    chain = e.tls(step).chain
    if not chain or e.host not in chain[0].names:
        return False
    trial = e.page_at(step.address or "")
    apart = same_page(e.shown(trial.test), e.shown(trial.control)) is False
    true = e.remote.leaf_at(step.address)
    return apart and true is not None and chain[0].sha256 == true.sha256


def name_stopped(kind: StepKind, word: Failure) -> Callable[[Evidence], bool]:
    """It is the name, on this path, that fails: at a stranger's server, too, and nothing says no.

    That is not enough, for a strict server turns strangers' names away: at the target's own server
    an innocuous name is answered, or a control elsewhere is served. Those two without a stranger's
    server are not enough either: a server may turn a country away by name.
    """

    def holds(e: Evidence) -> bool:
        stopped = e.stopped
        if stopped is None or stopped.kind is not kind or stopped.failure is not word:
            return False
        here = e.answered(e.same_address(stopped).control)
        if stopped_on_path(e):
            return here or served_elsewhere(e, stopped)
        if e.remote.failure_at(kind, stopped.address) is not None or _passes_elsewhere(e):
            return False
        return here and _stopped_elsewhere(e, word)

    return holds


def stopped_on_path(e: Evidence) -> bool:
    """The name fails at a stranger's server as at its own, where any other name is answered."""
    stopped, stranger = e.stopped, e.swap.stranger
    if stopped is None or stranger is None:
        return False
    return _stopped_elsewhere(e, stopped.failure) and _server_answered(e, stranger)


def fails_here_alone(e: Evidence, step: Step) -> bool:
    """The control is served at that address; here it failed again while another was reached."""
    again = e.again(step)
    repeated = bool(again.tests) and all(test.failure is step.failure for test in again.tests)
    return repeated and again.control is not None and served_elsewhere(e, step)


def served_elsewhere(e: Evidence, step: Step) -> bool:
    """The control found the target itself at the address of this step."""
    if not e.plain:
        return step.address in e.remote.proved
    vouched = e.known | e.remote.addresses
    return not e.remote.poisoned and step.address in vouched & e.remote.showed_page


def _passes_elsewhere(e: Evidence) -> bool:
    """Another server heard the name and answered as servers do: nothing stopped it on the way."""
    return any(_server_answered(e, step) for step in e.said_elsewhere)


def _stopped_elsewhere(e: Evidence, word: Failure | None) -> bool:
    """A stranger's server, which proved itself, fails at the name, and not at any strange name."""
    swap = e.swap
    if swap.test is None or not _proved_itself(e, swap.control) or swap.test.failure is not word:
        return False
    return swap.stranger is None or swap.stranger.failure is not word


def _proved_itself(e: Evidence, step: Step | None) -> bool:
    """The control's server answered as itself, not somebody who catches every name."""
    if step is not None and step.kind is StepKind.TLS_HANDSHAKE:
        return step.failure is None
    return e.answered(step)


def _server_answered(e: Evidence, step: Step) -> bool:
    """A real server's way of answering a name it does not host: a page, a certificate, an alert."""
    return e.answered(step) or e.alert(step) is not None


def plaintext_instead(e: Evidence) -> bool:
    """What answers the target's name does not speak TLS; two servers do, for another name."""
    return name_stopped(StepKind.TLS_HANDSHAKE, Failure.X_TLS_PLAINTEXT_INJECTED)(e)


def certificate_minted(e: Evidence) -> bool:
    """A certificate for the target's name, by the same unknown issuer, on an unrelated server."""
    stopped, swap = e.stopped, e.swap
    if stopped is None or swap.test is None:
        return False
    if swap.control is None or swap.control.failure is not None:
        return False
    if {stopped.failure, swap.test.failure} != {Failure.SSL_UNKNOWN_AUTHORITY}:
        return False
    here, there = e.tls(stopped), e.tls(swap.test)
    return _issuer(here) == _issuer(there) and e.host in names_of(there)


def _issuer(detail: TlsDetail) -> str | None:
    return detail.chain[0].issuer if detail.chain else None


def names_of(detail: TlsDetail) -> tuple[str, ...]:
    """The names the presented certificate is for."""
    return detail.chain[0].names if detail.chain else ()


@kept
def _authentic_status(e: Evidence) -> int | None:
    """The status of the site's own answer at the end of a way nobody could bend."""
    final = e.final
    if final is None or final.failure is not None or not authentic(e):
        return None
    return e.http(final).status if not e.plain or e.sees_same_page else None


def _there(e: Evidence) -> int:
    """The status the control got; 0 when it got none."""
    status = None if e.remote.page is None else e.remote.page.status
    return 0 if status is None else status


def page_arrived(e: Evidence) -> bool:
    """The site itself answered over TLS, with a status that needs no comparison."""
    return not e.plain and (_arrived(e) or _headers_without_end(e))


def same_page_arrived(e: Evidence) -> bool:
    """The page that came in the clear is the one the control is shown."""
    return e.plain and _arrived(e)


def _arrived(e: Evidence) -> bool:
    """An authentic answer, whose status is no refusal or error, or a refusal of everybody."""
    status = _authentic_status(e)
    if status is None or status >= 500 or loops(e) or leads_nowhere(e.page) or e.went_no_further:
        return False
    if e.plain and status in _REFUSALS | {401}:
        return False  # a forged refusal and a firewall's to the control look the same
    everybody = 400 <= _there(e) < 500 and _there(e) != 429  # a control asked to wait saw nothing
    return status not in _REFUSALS or everybody


def _headers_without_end(e: Evidence) -> bool:
    final = e.final
    return final is not None and final.failure is Failure.X_HTTP_HEADER_OVERFLOW and authentic(e)


def refused_here(e: Evidence) -> bool:
    """The site itself turns this vantage away and serves the control."""
    status = _authentic_status(e)
    return status in _REFUSALS and 200 <= _there(e) < 400


def challenged_here(e: Evidence) -> bool:
    """The site itself shows this vantage a test for robots, and the control its page."""
    served = 200 <= _there(e) < 400 and _authentic_status(e) is not None
    return served and is_challenge(e.page) and not is_challenge(e.remote.page)


def error_for_all(e: Evidence) -> bool:
    """The site itself answers everybody with an error of its own."""
    status = _authentic_status(e)
    return status is not None and status >= 500 and _there(e) >= 500


def loops(e: Evidence) -> bool:
    """The way still goes on after more redirects than a browser follows."""
    return e.hop > MOST_REDIRECTS and e.leads_to is not None


def loops_for_all(e: Evidence) -> bool:
    """The control is redirected as well after so many redirects, or gave up on them."""
    led_on = leads_to_host(e.remote.page) is not None
    return loops(e) and authentic(e) and (led_on or _gave_up_there(e))


def leads_nowhere_for_all(e: Evidence) -> bool:
    """The control is redirected nowhere as well, or came to no end."""
    nowhere = leads_nowhere(e.remote.page) or _gave_up_there(e)
    return leads_nowhere(e.page) and authentic(e) and nowhere


def _gave_up_there(e: Evidence) -> bool:
    """The control followed the redirects by itself, and came to no end."""
    end = e.remote.exchange
    return end is not None and end.pair == PAIR_END and end.failure is not None


def name_proved(e: Evidence) -> bool:
    """The tls probe saw the target prove its name on the default path."""
    return e.measurement.probe == "tls" and bool(e.reached)


def address_connected(e: Evidence) -> bool:
    """The tcp probe got through to an address that is known to be the target's."""
    taken = {s.address for s in e.on_default_path(e.connects) if s.failure is None}
    return e.measurement.probe == "tcp" and not taken.isdisjoint(e.authentic | e.vouched)


def right_answer(e: Evidence) -> bool:
    """The dns probe's system answers are the target's, or agree with what can't be forged."""
    known = e.authentic | e.vouched
    return e.measurement.probe == "dns" and not e.system_public.isdisjoint(known)


def gone_for_all(e: Evidence) -> bool:
    """Every encrypted resolver that answered, or the control's, fails as the system's does."""
    found = any(fact.addresses for fact in (*e.trusted, *e.remote.lookups))
    witnesses = e.trusted_failures | ({e.remote.dns_failure} if e.remote.lookups else set())
    agreed = witnesses == {e.system_failure} and not found
    return (
        agreed
        and not e.remote.poisoned
        and authentic(e)
        and e.system_failure
        in {
            Failure.DNS_NXDOMAIN_ERROR,
            Failure.DNS_NO_ANSWER,
            Failure.DNS_SERVFAIL_ERROR,
        }
    )


def private_for_all(e: Evidence) -> bool:
    """Everybody is given addresses no public host can have."""
    if not e.system_addresses or e.system_public or e.trusted_public or e.remote.addresses:
        return False
    told = any(fact.addresses for fact in e.trusted if fact.encrypted) or bool(e.remote.told)
    return told and authentic(e)


def unavailable_for_legal_reasons(e: Evidence) -> bool:
    """The authentic final status is 451 (RFC 7725)."""
    return _authentic_status(e) == 451


def needs_comparison(e: Evidence) -> int | None:
    """The authentic final status when only a control could say whether it is for everybody."""
    status = _authentic_status(e)
    return status if status is not None and (status in _REFUSALS or status >= 500) else None
