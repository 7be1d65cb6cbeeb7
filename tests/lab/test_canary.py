"""The volunteer's address, planted wherever a network can put it, is nowhere in what we keep."""

import asyncio
import io
import json
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.rules import RULESET_VERSION
from heliograph.cli.progress import Progress, line_of
from heliograph.cli.report import entry_of
from heliograph.cli.table import lines
from heliograph.detail import (
    Certificate,
    Detail,
    DnsAnswer,
    DnsDetail,
    DnsReply,
    HttpDetail,
    TcpDetail,
    TlsDetail,
)
from heliograph.fake import FakeNet
from heliograph.limits import LimitsConfig
from heliograph.model import Outcome, Stack, StepKind, Target, Vantage
from heliograph.pages.report import render
from heliograph.plugin import Need, Net, NetContext, Risk
from heliograph.scrub import Scrubber
from heliograph.trace import Trace
from heliograph.url import parse_target
from scheduler.canary import WITHHELD
from scheduler.looks import Finished, Look
from scheduler.runner import Identity, Means, Runner
from storage.store import Store
from tests.unit.heliograph.test_scrub import V4_SPELLINGS, V6_SPELLINGS

SITE = parse_target("site.example")
STACK = Stack(system="Linux", tls_library="OpenSSL", http_library="httpx")
Address = IPv4Address | IPv6Address
Plant = Callable[[Trace, str], None]


def adding(kind: StepKind, detail: Callable[[str], Detail], **places: str) -> Plant:
    """Plants the text in the detail of a step of this kind, and in the places named."""

    def plant(trace: Trace, text: str) -> None:
        spelled = {name: pattern.format(text) for name, pattern in places.items()}
        peer = (spelled.get("address", "203.0.113.10"), 443)
        with trace.step(
            kind,
            host=spelled.get("host", "site.example"),
            resolver=spelled.get("resolver"),
            sni=spelled.get("sni"),
            peer=peer,
        ) as step:
            step.detail = detail(text)

    return plant


def _reply(text: str) -> DnsDetail:
    answers = (
        DnsAnswer(name="whoami.example", type="TXT", value=text),
        DnsAnswer(name=f"{text}.rev.example", type="PTR", value=text),
    )
    return DnsDetail(query_type="A", replies=(DnsReply(after=0.1, answers=answers),))


def _certificate(text: str) -> TlsDetail:
    chain = Certificate(
        sha256="00" * 32,
        subject=f"CN={text}",
        issuer=f"CN=portal of {text}",
        not_before="2026-01-01",
        not_after="2027-01-01",
        names=(text, f"*.{text}"),
    )
    return TlsDetail(completed=True, chain=(chain,), injected=f"GET {text}")


def _page(text: str) -> HttpDetail:
    return HttpDetail(
        url="https://site.example/",
        status=302,
        stage="done",
        headers=(("x-client-ip", text), (f"x-{text}", "1"), ("set-cookie", f"ip={text}")),
        location=f"http://portal.example/?ip={text}",
        title=f"Hello {text}",
        body_text=f"<p>You come from {text}.</p>",
        body_bytes=40,
    )


def _error(trace: Trace, text: str) -> None:
    with trace.step(StepKind.TCP_CONNECT, peer=("203.0.113.10", 443)) as step:
        step.detail = TcpDetail(refusal=f"seen as {text}")
        raise ConnectionResetError(104, f"reset by peer, bound to {text}")


PLANTS: dict[str, Plant] = {
    "page": adding(StepKind.HTTP_EXCHANGE, _page),
    "certificate": adding(StepKind.TLS_HANDSHAKE, _certificate, sni="{}"),
    "resolver's echo": adding(StepKind.DNS_QUERY, _reply, resolver="udp://{}"),
    "redirect": adding(StepKind.TCP_CONNECT, lambda _: TcpDetail(), host="{}.portal.example"),
    "forged answer": adding(StepKind.TCP_CONNECT, lambda _: TcpDetail(), address="{}"),
    "error": _error,
}


class Planting:
    """A probe whose network says the text in every place it can."""

    name = "planting"
    version = 1
    risk = Risk.ORDINARY
    needs: frozenset[Need] = frozenset()

    def __init__(self, act: Callable[[Trace], None]) -> None:
        self._act = act

    async def measure(self, target: Target, net: Net) -> None:
        assert isinstance(net, FakeNet)
        self._act(net._trace)


class OpenFake:
    """A FakeNet on the look's own trace."""

    def __init__(self, trace: Trace) -> None:
        self._net = FakeNet()
        self._net._trace = trace

    async def __aenter__(self) -> Net:
        return self._net

    async def __aexit__(self, *_: object) -> None:
        return


def runner(scrub: Callable[[str], str], identity: Identity | None = None) -> Runner:
    def open_net(trace: Trace) -> NetContext:
        return OpenFake(trace)

    means = Means(
        open_net=open_net,
        refuse=lambda _: None,
        scrub=scrub,
        now=lambda: datetime(2026, 11, 24, 12, tzinfo=UTC),
        clock=lambda: 0.0,
    )
    usual = Identity(lambda: Vantage(country="XA", asn=64500), "heliograph 0", STACK, "1")
    return Runner(identity or usual, LimitsConfig(), means)


def looked(made: Runner, act: Callable[[Trace], None], target: Target = SITE) -> Finished:
    return asyncio.run(made.look(Look(target, Planting(act))))


def everything_kept(finished: Finished) -> str:
    """All that stays of a look: the database's bytes, the log, the page, the table."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "results.sqlite"
        log = io.StringIO()
        with Store.open(str(file)) as store:
            store.activate(RULESET_VERSION)
            store.save(finished.measurement, finished.verdict, None)
            with redirect_stderr(log), Progress(1) as progress:
                progress.advance(line_of(finished.measurement, finished.verdict))
            row = store.row(finished.measurement.id)
            assert row is not None
            page = render("t", [entry_of(store, row)], "now")
            table = "".join(lines([row]))
            records = json.dumps(list(store.records(finished.measurement.id)), default=str)
            kept = b"".join(part.read_bytes() for part in Path(name).iterdir())
    return "\n".join((kept.decode("latin-1"), log.getvalue(), page, table, records))


def core(spelled: str) -> str:
    """What of a spelling names the address."""
    return spelled.removesuffix(".in-addr.arpa").removesuffix("/64").removesuffix("::1")


def check(address: Address, spelled: str, plant: str) -> None:
    known = Scrubber()
    known.add(str(address))
    finished = looked(runner(known.scrub), lambda trace: PLANTS[plant](trace, spelled))
    kept = everything_kept(finished)

    assert finished.measurement.outcome is Outcome.MEASURED, finished.measurement.reason
    assert finished.measurement.steps
    assert core(spelled).lower() not in kept.lower()


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("spelling", V4_SPELLINGS)
def test_an_ipv4_address_is_nowhere(spelling: str, plant: str) -> None:
    address = IPv4Address("203.0.114.77")
    check(address, V4_SPELLINGS[spelling](address), plant)


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("spelling", V6_SPELLINGS)
def test_an_ipv6_address_is_nowhere(spelling: str, plant: str) -> None:
    address = IPv6Address("2001:db8:7:1a::77")
    check(address, V6_SPELLINGS[spelling](address), plant)


@pytest.mark.parametrize("plant", PLANTS)
def test_nothing_but_the_scrubber_keeps_it_out(plant: str) -> None:
    unaware = looked(runner(Scrubber().scrub), lambda t: PLANTS[plant](t, "203.0.114.77"))

    assert "203.0.114.77" in everything_kept(unaware)


@st.composite
def spelled_addresses(draw: st.DrawFn) -> tuple[Address, str]:
    """An address a host may have, and one of the ways to write it."""
    if draw(st.booleans()):
        v4 = IPv4Address(draw(st.integers(0x40000000, 0x7EFFFFFF)))
        return v4, V4_SPELLINGS[draw(st.sampled_from([*V4_SPELLINGS]))](v4)
    v6 = IPv6Address(draw(st.integers(0x2A << 120, (0x2B << 120) - 1)))
    return v6, V6_SPELLINGS[draw(st.sampled_from([*V6_SPELLINGS]))](v6)


@given(spelled_addresses(), st.sampled_from([*PLANTS]))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_address_in_any_spelling_and_place_is_nowhere(
    planted: tuple[Address, str], plant: str
) -> None:
    address, spelled = planted
    known = Scrubber()
    known.add(str(address))
    finished = looked(runner(known.scrub), lambda trace: PLANTS[plant](trace, spelled))

    assert not known.leaks(everything_kept(finished).replace("\x00", " "))


# What is left when the scrubbing of steps fails: the canary.


def for_whole_records(address: str) -> Callable[[str], str]:
    """Takes nothing out of single texts: only the canary has a whole record in its hands."""
    known = Scrubber()
    known.add(address)
    return lambda text: known.scrub(text) if '"probe":"planting"' in text else text


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("address", ["203.0.114.77", "2001:db8:7:1a::77"])
def test_what_scrubbing_missed_is_withheld_and_the_reason_tells_nothing(
    address: str, plant: str
) -> None:
    late = runner(for_whole_records(address))
    finished = looked(late, lambda trace: PLANTS[plant](trace, address))
    measurement = finished.measurement

    assert (measurement.outcome, measurement.reason) == (Outcome.BROKEN, WITHHELD)
    assert (measurement.steps, finished.verdict) == ((), None)
    assert measurement.target == SITE
    assert address not in everything_kept(finished)


def test_a_bug_that_tells_the_address_is_withheld_too() -> None:
    def fail(_: Trace) -> None:
        raise ValueError("no route from 203.0.114.77")

    finished = looked(runner(for_whole_records("203.0.114.77")), fail)

    assert finished.measurement.reason == WITHHELD
    assert "203.0.114.77" not in everything_kept(finished)


def test_the_target_that_somebody_typed_is_theirs() -> None:
    known = Scrubber()
    known.add("203.0.114.77")
    typed = parse_target("https://203-0-114-77.isp.example/?from=203.0.114.77")
    act = adding(StepKind.TCP_CONNECT, lambda _: TcpDetail(), host=typed.host)
    finished = looked(runner(known.scrub), lambda trace: act(trace, ""), typed)

    assert finished.measurement.outcome is Outcome.MEASURED
    assert finished.measurement.target == typed
    assert finished.measurement.steps[0].host == typed.host


@given(st.ip_addresses(v=4), st.text())
@settings(deadline=None)
def test_a_stranger_s_address_is_no_reason_to_withhold(stranger: IPv4Address, text: str) -> None:
    known = Scrubber()
    known.add("203.0.114.77")
    if known.leaks(str(stranger)) or known.leaks(text):
        return
    finished = looked(runner(known.scrub), lambda t: PLANTS["page"](t, f"{text} {stranger}"))

    assert finished.measurement.outcome is Outcome.MEASURED
