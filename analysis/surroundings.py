"""What the network around a host does to every target: flags, and what they mean in words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from analysis.around import Around, Host
from heliograph.model import (
    ADDRESS_BUSY,
    ADDRESS_UNKNOWN,
    CONTROL_RESTING,
    CONTROL_WOULD_LEARN,
    NO_IPV6,
    NXDOMAIN_REWRITTEN,
    UNKNOWN_COUNTRY,
    Step,
)

MASKING = frozenset(
    {
        "offline",
        "captive_portal",
        "tunnel",
        "resolver_broken",
        "tls_intercepted",
        "shutdown",
        "abroad_unreachable",
    }
)
"""Context flags under which no verdict about a target can be trusted."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Flag:
    """A context flag: when it holds, what it means, and what mends it."""

    name: str
    meaning: str
    mend: str
    holds: Callable[[Around], bool] = field(repr=False, default=lambda _: False)


def _offline(a: Around) -> bool:
    """Whatever was asked stayed silent."""
    return bool(a.steps) and not a.heard


def _captive_portal(a: Around) -> bool:
    """Something answers in a check's place, or every name is led to where names are proved by none.

    One check that passes shows that this host is online.
    """
    if a.check_passed:
        return False
    return a.check_answered or (a.led_as_nowhere and not a.proved)


def _resolver_broken(a: Around) -> bool:
    """It fails, or leads astray, for every innocuous name; others find them."""
    return bool(a.names) and all(
        name.found_elsewhere and (name.failed or (name.misled and (name.elsewhere or a.one_answer)))
        for name in a.names
    )


def _tls_intercepted(a: Around) -> bool:
    """No innocuous name is proved, and two or more are vouched for by one unknown issuer."""
    issuers = a.unknown_issuers
    names = {host for host, _ in issuers}
    same = len({issuer for _, issuer in issuers}) == 1
    return same and len(names) >= 2 and not a.proved and a.visited <= names


def _shutdown(a: Around) -> bool:
    """Nothing harmless abroad is reached, and something in this country is."""
    return a.abroad_lost and a.near_reached


def _abroad_unreachable(a: Around) -> bool:
    """Nothing harmless is reached, resolvers elsewhere included."""
    return a.abroad_lost and not a.near_reached and not a.resolvers_reached and a.heard


def _rewritten(a: Around) -> bool:
    return bool(a.rewriting) and not _captive_portal(a)


def _clock_skew(a: Around) -> bool:
    """Every server that told the time is more than a day off, on the same side."""
    return _off(a.ahead) and (a.check_passed or a.times_agree)


def _seen_elsewhere(a: Around) -> bool:
    """Its operator and its address name two countries."""
    told, seen = a.host.country, a.host.seen_country
    return UNKNOWN_COUNTRY not in {told, seen} and told != seen


def _off(ahead: Sequence[timedelta]) -> bool:
    late, early = (min(ahead), max(ahead)) if ahead else (timedelta(), timedelta())
    return late > _DAY or early < -_DAY


FLAGS = (
    Flag(
        "offline",
        "nothing answers: this host is not connected to the internet",
        "connect it and run the same command again",
        _offline,
    ),
    Flag(
        "captive_portal",
        "this network answers in the place of others, as networks do before one logs in",
        "open a browser and log in, then run the same command again",
        _captive_portal,
    ),
    Flag(
        "tunnel",
        "traffic leaves through a VPN or another tunnel, so what is seen is seen from its far end",
        "switch the VPN off while measuring",
        lambda a: a.host.tunnel is not None,
    ),
    Flag(
        "resolver_broken",
        "this network's resolver fails for innocuous names, too",
        "restart the router, or set network.resolver to the one your provider names",
        _resolver_broken,
    ),
    Flag(
        "tls_intercepted",
        "the certificates of all sites are replaced by those of one unknown issuer, as antivirus"
        " software and office proxies do",
        "switch off HTTPS scanning, or measure from another network",
        _tls_intercepted,
    ),
    Flag(
        "shutdown",
        "nothing abroad is reached, while places in this country are",
        "nothing you can do; results are kept and worth keeping",
        _shutdown,
    ),
    Flag(
        "abroad_unreachable",
        "none of the places known to be harmless is reached",
        "see whether a browser opens any page; if it does, correct network.control_names",
        _abroad_unreachable,
    ),
    Flag(
        NXDOMAIN_REWRITTEN,
        "this network's resolver gives names that do not exist an address",
        "nothing: that address counts as no address",
        _rewritten,
    ),
    Flag(
        "clock_skew",
        "this host's clock is more than a day off",
        "set it (timedatectl set-ntp true)",
        _clock_skew,
    ),
    Flag(
        "seen_elsewhere",
        "the address others see this host with belongs to another country than vantage.country"
        " says: a VPN or a proxy may stand in between, or the table may be wrong",
        "switch a VPN off, in the router too; else correct vantage.country or the table",
        _seen_elsewhere,
    ),
    Flag(
        NO_IPV6,
        "this host has no route to the IPv6 internet",
        "nothing, unless your provider offers IPv6: targets are measured over IPv4",
        lambda a: not a.host.ipv6,
    ),
    Flag("out_of_time", "the look was cut off by its time limit", "nothing"),
    Flag(
        "residual_possible",
        "a filter that was hit shortly before may have stopped others at the same address",
        "nothing: run again later, or let 'heliograph run --wait' do so",
    ),
    Flag(
        ADDRESS_BUSY,
        "an address that took no connection had taken some of this run moments before",
        "nothing: run again later, with a lower limits.per_address_rate",
    ),
    Flag(
        ADDRESS_UNKNOWN,
        "the address others see this host with is not known here, so it could not be taken out of"
        " what was stored",
        "set a control server (control.urls), which tells it; till then, send this to nobody",
    ),
    Flag(
        CONTROL_RESTING,
        "no control was asked: each had failed again and again",
        "nothing: it is tried again after a while; see 'heliograph doctor'",
    ),
    Flag(
        CONTROL_WOULD_LEARN,
        "no control was asked: the site had put this host's address into what it would have been"
        " sent",
        "nothing",
    ),
)
"""Every flag a measurement's context may hold."""

_BY_NAME = {flag.name: flag for flag in FLAGS}


def flags(steps: Iterable[Step], host: Host, started: datetime) -> tuple[str, ...]:
    """What holds of the surroundings these steps were made in, as context flags.

    ``started`` is when, by the host's own clock.
    """
    a = Around(tuple(steps), host, started)
    found = (flag.name for flag in FLAGS if flag.holds(a))
    return tuple(_written(name, a) for name in found)


def _written(name: str, a: Around) -> str:
    return f"{name}:{','.join(sorted(a.rewriting))}" if name == NXDOMAIN_REWRITTEN else name


def must_look_nearer(steps: Iterable[Step], host: Host, started: datetime) -> bool:
    """Whether places in this country would tell a shutdown from a broken line."""
    a = Around(tuple(steps), host, started)
    return a.abroad_lost and not a.near_reached


def clock_ahead(steps: Iterable[Step], host: Host, started: datetime) -> timedelta:
    """By how much certificates must be checked against another time than the host's.

    Zero unless those of all innocuous names are valid at the time their servers tell over TLS:
    nobody on the path can make such certificates, or change that time.
    """
    a = Around(tuple(steps), host, started)
    if not (_off(a.ahead) and a.told_over_tls):
        return timedelta()
    ahead = sorted(a.ahead)[len(a.ahead) // 2]
    valid = a.dated and all(each.valid_at(started - ahead) for each in a.dated)
    return ahead if valid else timedelta()


def masking(context: Iterable[str]) -> tuple[str, ...]:
    """The flags among these under which nothing can be said."""
    return tuple(flag for flag in context if flag.partition(":")[0] in MASKING)


def rewriting(context: Iterable[str]) -> frozenset[str]:
    """The addresses that the resolver gives names that do not exist."""
    found = [flag.partition(":")[2] for flag in context if flag.startswith(NXDOMAIN_REWRITTEN)]
    return frozenset(a for each in found for a in each.split(",") if a)


def _flag(text: str) -> Flag | None:
    """The flag that is meant, with or without what stands after its colon."""
    return _BY_NAME.get(text) or _BY_NAME.get(text.partition(":")[0])


def in_words(flag: str) -> str:
    """What a context flag means; an unknown one as it stands."""
    known = _flag(flag)
    return flag if known is None else known.meaning


def mend_of(flag: str) -> str:
    """What a volunteer can do about a flag."""
    known = _flag(flag)
    return "nothing" if known is None else known.mend


def told(context: Iterable[str]) -> str:
    """Flags as part of a sentence: those that mask if there are any, else all."""
    flags_ = tuple(context)
    return "; ".join(in_words(flag) for flag in masking(flags_) or flags_)
