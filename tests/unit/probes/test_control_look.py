"""The look of a control: whom it asks, which addresses it tries, and where it opens the URL."""

from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import HttpDetail, Sought, read
from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import Step, StepKind
from heliograph.plugin import Reply, Request
from heliograph.url import parse_target
from probes.control_look import look_for_control

TRUSTED = "tls://resolver.example@192.0.2.1"
OWN, OTHER, LED_TO = "203.0.113.10", "203.0.113.11", "203.0.113.99"
SITE = "site.example"
PAGE = Reply(failure=None, status=200, body=b"page")


def net_with(*trusted: str) -> FakeNet:
    settings = NetworkConfig(
        trusted_resolvers=tuple(Resolver.parse(text) for text in trusted), control_names=()
    )
    return FakeNet(settings)


async def looked(
    net: FakeNet, url: str, *addresses: str, cookie: str = "", sought: tuple[Sought, ...] = ()
) -> list[Step]:
    headers = (("Cookie", cookie),) if cookie else ()
    target = parse_target(url)
    request = Request(url=target.url, headers=headers, sought=sought)
    await look_for_control(target, net, addresses, request)
    return list(net.steps)


def places(steps: list[Step], kind: StepKind) -> list[tuple[str | None, int | None]]:
    return [(step.address, step.port) for step in steps if step.kind is kind]


async def test_the_default_resolver_and_the_trusted_ones_are_asked_for_both_families() -> None:
    net = net_with(TRUSTED)

    steps = await looked(net, SITE)

    assert [step.kind for step in steps] == [StepKind.DNS_QUERY] * 4
    assert [step.resolver for step in steps] == ["udp://192.0.2.53"] * 2 + [TRUSTED] * 2


async def test_a_trusted_resolver_that_is_the_default_one_is_asked_once() -> None:
    net = net_with("udp://192.0.2.53")

    assert len(await looked(net, SITE)) == 2


async def test_the_page_is_searched_for_what_the_vantage_expects() -> None:
    net = net_with()
    net.answers(SITE, OWN)
    net.presents(OWN, 443, SITE)
    net.serves(OWN, "https://site.example/", PAGE)

    steps = await looked(net, SITE, sought=(Sought(text="page"), Sought(text="gone")))

    found = read(steps[-1], HttpDetail).sought
    assert [(one.text, one.found) for one in found] == [("page", "text"), ("gone", None)]


async def test_every_address_is_tried_and_one_page_fetched_from_its_own() -> None:
    net = net_with()
    net.answers(SITE, OWN)
    for address in (OWN, LED_TO):
        net.presents(address, 443, SITE)
        net.serves(address, "https://site.example/", PAGE)

    steps = await looked(net, SITE, LED_TO)

    assert places(steps, StepKind.TCP_CONNECT) == [(OWN, 443), (LED_TO, 443)]
    assert places(steps, StepKind.TLS_HANDSHAKE) == [(OWN, 443), (LED_TO, 443)]
    assert places(steps, StepKind.HTTP_EXCHANGE) == [(OWN, 443)]


async def test_the_page_comes_from_the_vantage_s_address_when_it_alone_proves_the_name() -> None:
    net = net_with()
    net.answers(SITE, OWN)
    net.presents(OWN, 443, SITE, failure=Failure.SSL_INVALID_HOSTNAME)
    net.presents(LED_TO, 443, SITE)

    steps = await looked(net, SITE, LED_TO)

    assert places(steps, StepKind.HTTP_EXCHANGE) == [(LED_TO, 443)]


async def test_nothing_is_fetched_over_https_from_whom_no_certificate_proves() -> None:
    net = net_with()
    net.answers(SITE, OWN)
    net.presents(OWN, 443, SITE, failure=Failure.SSL_UNKNOWN_AUTHORITY)

    steps = await looked(net, SITE, LED_TO)

    assert places(steps, StepKind.TCP_CONNECT) == [(OWN, 443), (LED_TO, 443)]
    assert places(steps, StepKind.HTTP_EXCHANGE) == []


async def test_a_redirect_is_not_followed() -> None:
    net = net_with()
    net.answers(SITE, OWN)
    net.presents(OWN, 443, SITE)
    away = Reply(failure=None, status=302, headers=(("Location", "https://other.example/"),))
    net.serves(OWN, "https://site.example/", away)

    steps = await looked(net, SITE)

    assert {step.host for step in steps} == {SITE}


async def test_an_address_that_serves_plain_http_is_proved_by_a_certificate() -> None:
    net = net_with()
    net.answers(SITE, OWN, OTHER)
    net.accepts(OTHER, 80)
    net.presents(OTHER, 443, SITE)

    steps = await looked(net, "http://site.example/")

    assert places(steps, StepKind.HTTP_EXCHANGE) == [(OTHER, 80)]
    assert places(steps, StepKind.TLS_HANDSHAKE) == [(OTHER, 443)]


async def test_plain_http_at_a_port_of_its_own_is_not_proved_elsewhere() -> None:
    net = net_with()
    net.answers(SITE, OWN)
    net.accepts(OWN, 8080)

    steps = await looked(net, "http://site.example:8080/")

    assert places(steps, StepKind.TCP_CONNECT) == [(OWN, 8080)]
    assert places(steps, StepKind.HTTP_EXCHANGE) == [(OWN, 8080)]


async def test_a_literal_target_needs_no_resolver() -> None:
    net = net_with(TRUSTED)
    net.presents(OWN, 443, OWN)

    steps = await looked(net, f"https://{OWN}/")

    assert places(steps, StepKind.DNS_QUERY) == []
    assert places(steps, StepKind.HTTP_EXCHANGE) == [(OWN, 443)]


async def test_its_own_addresses_leave_room_for_the_vantage_s() -> None:
    net = net_with(TRUSTED)
    net.answers(SITE, *(f"203.0.113.{n}" for n in range(1, 9)))
    net.answers(SITE, "203.0.113.100", *(f"2001:db8::{n}" for n in range(1, 9)), resolver=TRUSTED)
    given = [f"203.0.113.{n}" for n in range(201, 209)]

    steps = await looked(net, SITE, "203.0.113.1", *given)

    assert [address for address, _ in places(steps, StepKind.TCP_CONNECT)] == [
        *("203.0.113.1", "2001:db8::1", "203.0.113.2", "2001:db8::2"),
        *given[:4],
    ]


async def test_a_bogon_of_its_own_resolver_is_not_tried() -> None:
    net = net_with()
    net.answers(SITE, "10.10.34.34", bogon="private")

    assert places(await looked(net, SITE), StepKind.TCP_CONNECT) == []


async def test_the_vantage_s_headers_are_sent() -> None:
    net = net_with()
    sent = []

    async def exchange(connection: object, request: object, *, keep: bool = False) -> Reply:
        sent.append(request)
        return PAGE

    net.exchange = exchange  # type: ignore[method-assign]
    net.answers(SITE, OWN)
    net.presents(OWN, 443, SITE)

    await looked(net, SITE, cookie="a=b")

    assert [getattr(request, "headers", None) for request in sent] == [(("Cookie", "a=b"),)]
