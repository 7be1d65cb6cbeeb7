"""The web probe through the real door: redirects, cookies, addresses that fail, and the cost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import HttpDetail, read
from heliograph.failure import Failure
from heliograph.lab import answers, handshakes, responses
from heliograph.lab.answers import Answer
from heliograph.lab.nameserver import Nameserver
from heliograph.lab.origins import Origin, Site
from heliograph.lab.ports import black_hole
from heliograph.lab.request import Request as Heard
from heliograph.lab.responses import HttpStage
from heliograph.lab.wire import Stream
from heliograph.model import Role, Step, StepKind
from heliograph.plugin import Net
from heliograph.url import parse_target
from probes.net.surroundings import Controls
from probes.web import MOST_HOPS, WebProbe, cost
from tests.lab.control_stages import Control, asking, at, says
from tests.lab.net_fixtures import HERE, NAME, Bench, Look, look

OTHER = "other.example"
PAGE = responses.page(b"<title>The page</title>")
THERE, SIX = "127.0.0.2", "::1"


@dataclass
class World:
    """Sites on loopback, a resolver that knows them, and what looks there are made with."""

    bench: Bench
    origin: Origin
    names: Nameserver
    trusted: tuple[Resolver, ...] = ()
    controls: Controls | None = None

    async def opened(self, url: str) -> Look:
        """One look of the web probe at a URL."""
        around = self.bench.around(
            Resolver.parse(f"udp://{HERE}:{self.names.port}"),
            trusted=self.trusted,
            admitted=(HERE, THERE, SIX),
            controls=self.controls,
        )
        async with look(around) as made, asyncio.timeout(8):
            net: Net = made.door
            await WebProbe().measure(parse_target(url), net)
        return made

    def url(self, scheme: str, name: str = NAME, path: str = "/") -> str:
        return f"{scheme}://{name}:{self.origin.port}{path}"


@asynccontextmanager
async def world(
    bench: Bench, sites: dict[str, Site], found: Answer | None = None, port: int = 0
) -> AsyncIterator[World]:
    """All sites at one port of one address, plain and over TLS; names lead there, or elsewhere."""
    zone = {name: found or answers.addresses(HERE) for name in sites}
    context = bench.authority.context("dns.example")
    async with Origin(sites, port=port) as origin, Nameserver(zone, tls=context) as names:
        yield World(bench, origin, names)


def of(made: Look, kind: StepKind) -> list[Step]:
    return [step for step in made.steps if step.kind is kind]


def fetched(made: Look) -> list[tuple[int, str, int | None]]:
    """Hop, URL and status of every exchange with a site."""
    details = [
        (s.hop, read(s, HttpDetail))
        for s in of(made, StepKind.HTTP_EXCHANGE)
        if s.resolver is None and s.role is Role.TEST
    ]
    return [(hop, detail.url, detail.status) for hop, detail in details]


def moving(get_location: dict[str, str], heard: list[Heard], *cookies: str) -> HttpStage:
    """Redirects each path to a location, sets cookies, and keeps the requests."""

    async def stage(stream: Stream, request: Heard) -> None:
        heard.append(request)
        location = get_location.get(request.path)
        if location is None:
            await PAGE(stream, request)
            return
        headers = [("Location", location), *(("Set-Cookie", cookie) for cookie in cookies)]
        await responses.page(status=302, headers=headers)(stream, request)

    return stage


async def test_from_the_clear_over_tls_to_another_host_with_cookies(bench: Bench) -> None:
    here: list[Heard] = []
    there: list[Heard] = []
    leads: dict[str, str] = {}
    cookies = ("seen=1; Path=/", "safe=2; Secure", "wide=3; Domain=other.example")
    sites = {
        NAME: bench.site(moving(leads, here, *cookies)),
        OTHER: bench.site(moving({}, there), OTHER),
    }
    control = Control((says(),))
    async with world(bench, sites) as at_hand, Origin({}, Site(http=control)) as elsewhere:
        at_hand.controls = asking(at(elsewhere))
        first, second = at_hand.url("http"), at_hand.url("https", path="/in")
        third = at_hand.url("https", OTHER)
        leads |= {"/": second, "/in": third}
        made = await at_hand.opened(first)

    assert fetched(made) == [(1, first, 302), (2, second, 302), (3, third, 200)]
    assert [request.headers.get("cookie") for request in here] == [None, "seen=1; safe=2"]
    assert there[0].headers.get("cookie") is None
    assert sorted(set(at_hand.names.names())) == sorted([NAME, OTHER])
    assert len(at_hand.names.names()) == 4, "each name is looked up once, in both families"
    assert {step.failure for step in made.steps} == {None, Failure.DNS_NO_ANSWER}
    assert [
        b'"url":"%s"' % url.encode() in request.body
        for url, request in zip((first, second, third), control.heard, strict=True)
    ] == [True] * 3
    assert b'["Cookie","seen=1; safe=2"]' in control.heard[1].body
    pages = [step.detail for step in made.steps if step.kind is StepKind.HTTP_EXCHANGE]
    assert '"seen=[1 characters]; Path=/"' in "".join(pages)
    assert '"seen=[1 characters]; safe=[1 characters]"' in "".join(pages)
    assert "seen=1" not in "".join(pages), "what a site gave this visitor is not on record"


async def test_a_loop_ends(bench: Bench) -> None:
    async with world(bench, {NAME: Site(http=responses.redirect("/"))}) as at_hand:
        made = await at_hand.opened(at_hand.url("http"))

    assert [hop for hop, _, _ in fetched(made)] == list(range(1, MOST_HOPS + 1))
    assert at_hand.origin.count("connection") == MOST_HOPS


async def test_a_black_holed_second_address_is_recorded_and_holds_nothing_up(bench: Bench) -> None:
    found = answers.addresses(HERE, THERE)
    async with (
        black_hole(THERE) as port,
        world(bench, {NAME: bench.site(PAGE)}, found, port) as at_hand,
    ):
        made = await at_hand.opened(at_hand.url("https"))

    attempts = {step.address: step for step in of(made, StepKind.TCP_CONNECT)}
    (page,) = of(made, StepKind.HTTP_EXCHANGE)
    assert {address: step.failure for address, step in attempts.items()} == {
        HERE: None,
        THERE: Failure.GENERIC_TIMEOUT_ERROR,
    }
    assert (page.failure, page.address) == (None, HERE)
    dropped = attempts[THERE]
    assert page.started + page.seconds < dropped.started + dropped.seconds


async def test_a_black_holed_first_address_has_a_head_start_and_no_more(bench: Bench) -> None:
    found = answers.addresses(THERE, HERE)
    async with (
        black_hole(THERE) as port,
        world(bench, {NAME: bench.site(PAGE)}, found, port) as at_hand,
    ):
        made = await at_hand.opened(at_hand.url("https"))

    dropped, taken = of(made, StepKind.TCP_CONNECT)
    assert (dropped.address, taken.address) == (THERE, HERE)
    assert 0.24 < taken.started - dropped.started < 0.45
    assert [status for _, _, status in fetched(made)] == [200]
    assert dropped.failure is Failure.GENERIC_TIMEOUT_ERROR


async def test_ipv6_that_refuses_leads_to_ipv4_at_once(bench: Bench) -> None:
    found = answers.addresses(SIX, HERE)
    async with world(bench, {NAME: bench.site(PAGE)}, found) as at_hand:
        made = await at_hand.opened(at_hand.url("https"))

    refused, taken = of(made, StepKind.TCP_CONNECT)
    assert (refused.address, refused.failure) == (SIX, Failure.CONNECTION_REFUSED)
    assert (taken.address, taken.failure) == (HERE, None)
    assert taken.started - refused.started < 0.2
    assert [status for _, _, status in fetched(made)] == [200]


async def test_another_address_is_asked_where_the_first_lets_no_name_pass(bench: Bench) -> None:
    found = answers.addresses(THERE, HERE)
    async with world(bench, {NAME: bench.site(PAGE)}, found) as at_hand:
        port = at_hand.origin.port
        async with Origin({NAME: Site(handshakes.reset())}, address=THERE, port=port):
            made = await at_hand.opened(at_hand.url("https"))

    shaken = [(s.address, s.failure) for s in of(made, StepKind.TLS_HANDSHAKE)]
    assert sorted(shaken, key=str) == sorted(
        [(THERE, Failure.CONNECTION_RESET), (HERE, None), (HERE, None)], key=str
    )
    (page,) = of(made, StepKind.HTTP_EXCHANGE)
    assert (page.address, page.failure) == (HERE, None)


async def test_a_forged_first_answer_is_where_we_go_and_the_window_stays_open(
    bench: Bench,
) -> None:
    staged = answers.in_order(answers.addresses("192.0.2.66"), answers.addresses(HERE), gap=0.05)
    async with world(bench, {NAME: bench.site(PAGE)}, staged) as at_hand:
        made = await at_hand.opened(at_hand.url("https"))

    v4 = next(s for s in of(made, StepKind.DNS_QUERY) if "192.0.2.66" in s.detail)
    assert HERE in v4.detail
    assert of(made, StepKind.TCP_CONNECT) == [], "documentation addresses are bogons"


@pytest.mark.parametrize(
    "location", ["http://127.0.0.9:8080/", "http://192.168.0.1/", "http://[::2]/"]
)
async def test_a_redirect_into_our_own_network_is_recorded_and_not_followed(
    bench: Bench, location: str
) -> None:
    async with world(bench, {NAME: Site(http=responses.redirect(location))}) as at_hand:
        made = await at_hand.opened(at_hand.url("http"))

    last = of(made, StepKind.TCP_CONNECT)[-1]
    assert (last.hop, last.failure) == (2, Failure.X_ADDRESS_REFUSED)
    assert len(fetched(made)) == 1


async def test_hostile_headers_break_no_look(bench: Bench) -> None:
    """Historical note: one letter beyond ASCII beside a cookie ended a look as broken."""
    headers = [("Location", "/next"), ("Set-Cookie", "a=1"), ("X-Name", "caf\xc3\xa9")]
    stage = responses.by_path({"/": responses.page(status=302, headers=headers)}, PAGE)
    async with world(bench, {NAME: Site(http=stage)}) as at_hand:
        made = await at_hand.opened(at_hand.url("http"))

    assert [status for _, _, status in fetched(made)] == [302, 200]


async def test_a_location_longer_than_what_is_kept_is_not_followed_half_way(bench: Bench) -> None:
    long = f"http://{NAME}:8080/" + "x" * 3000
    async with world(bench, {NAME: Site(http=responses.redirect(long))}) as at_hand:
        made = await at_hand.opened(at_hand.url("http"))

    assert len(fetched(made)) == 1


# What a healthy target costs


def with_trusted(at_hand: World, front: Origin) -> World:
    """Two encrypted resolvers and a plain one beside the system's, as the usual configuration."""
    texts = (
        f"https://dns.example:{front.port}/dns-query@{HERE}",
        f"tls://dns.example:{at_hand.names.tls_port}@{HERE}",
        f"udp://{HERE}:{at_hand.names.port}",
    )
    return replace(at_hand, trusted=tuple(map(Resolver.parse, texts)))


@pytest.mark.parametrize("hops", [1, 3])
async def test_a_healthy_target_costs_what_was_said(bench: Bench, hops: int) -> None:
    leads: dict[str, str] = {}
    sites = {
        NAME: bench.site(moving(leads, [])),
        OTHER: bench.site(moving({}, []), OTHER),
    }
    found = answers.addresses(HERE, THERE)
    context = bench.authority.context("dns.example")
    async with world(bench, sites, found) as at_hand:
        port = at_hand.origin.port
        doh = Site(handshakes.serve(context), at_hand.names.over_https)
        async with (
            Origin(sites, address=THERE, port=port) as second,
            Origin({"dns.example": doh}) as front,
        ):
            whole = with_trusted(at_hand, front)
            if hops > 1:
                leads |= {"/": whole.url("https", path="/in"), "/in": whole.url("https", OTHER)}
            made = await whole.opened(whole.url("https" if hops == 1 else "http"))

    settings = NetworkConfig(trusted_resolvers=whole.trusted)
    seen = whole.names.seen
    connections = (
        whole.origin.count("connection")
        + second.count("connection")
        + front.count("connection")
        + sum(not one.name for one in seen)
    )
    queries = len(whole.names.names())
    assert len(fetched(made)) == hops
    assert connections == len(of(made, StepKind.TCP_CONNECT))
    assert queries == len(of(made, StepKind.DNS_QUERY))
    assert connections == {1: 4, 3: 6}[hops]
    assert queries == {1: 8, 3: 16}[hops]
    assert connections <= min(cost(settings).connections, 12)
    assert queries <= min(cost(settings).queries, 40)
