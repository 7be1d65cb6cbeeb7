"""Whatever a probe's question sends is announced, whether it is answered or fails."""

from itertools import product

import msgspec
import pytest

from heliograph.cli.announced import announced
from heliograph.config import Config, NetworkConfig, Resolver
from heliograph.detail import Sought
from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import Question, QuestionKind, Step, StepKind
from heliograph.plugin import Contact, Expectation, Probe, Reply
from heliograph.url import parse_target
from probes.announcing import MAY, NEVER
from probes.answers import answer, stranger_for
from probes.content import ContentProbe
from probes.dns import DnsProbe
from probes.http import HttpProbe
from probes.tls import TlsProbe
from probes.web import WebProbe

HOST, HERE = "site.example", "203.0.113.10"
HOMES = {
    HOST: HERE,
    "control.example": "203.0.113.20",
    "other.example": "203.0.113.21",
    "check.example": "203.0.113.22",
}
NAMES = (*HOMES, stranger_for(HOST))
SETTINGS = NetworkConfig(
    resolver=Resolver.parse("udp://192.0.2.53"),
    trusted_resolvers=(
        Resolver.parse("https://dns.example/dns-query@192.0.2.1"),
        Resolver.parse("tls://dot.example@192.0.2.2"),
        Resolver.parse("udp://192.0.2.3"),
    ),
    injection_probe_addresses=("192.0.2.99",),
    connectivity_checks=("http://check.example/204",),
    control_names=("control.example", "other.example"),
)
URLS = (f"https://{HOST}/", f"https://{HOST}:8443/", f"http://{HOST}/", f"http://{HOST}:8080/")
NAMED_BY_TLS = {QuestionKind.VALIDATE_ADDRESS, QuestionKind.CONTROL_NAME_SAME_RESOLVER}
IN_THE_CLEAR_ALONE = {QuestionKind.SECURE_PAGE}
OVER_TLS_ALONE = {QuestionKind.OTHER_SHAPE, QuestionKind.PACE}


def scripted(connecting: Failure | None, shaking: Failure | None) -> FakeNet:
    """A net in which every place is there, and all end alike."""
    net = FakeNet(SETTINGS)
    for name, address in HOMES.items():
        net.answers(name, address)
    for name, address, port in product(NAMES, HOMES.values(), (80, 443, 8080, 8443)):
        net.accepts(address, port, connecting)
        net.presents(address, port, name, shaking)
        for scheme in ("http", "https"):
            shown = "" if port == {"http": 80, "https": 443}[scheme] else f":{port}"
            net.serves(address, f"{scheme}://{name}{shown}/", Reply(failure=None, status=200))
    return net


def asked_of(kind: QuestionKind, url: str) -> Question:
    target = parse_target(url)
    plain = target.scheme == "http"
    by_tls = kind in NAMED_BY_TLS
    port = 443 if by_tls and plain else target.port
    return Question(
        kind=kind, host=HOST, address=HERE, port=port, plaintext=plain and not by_tls, path="/"
    )


def places_of(url: str, probe: Probe) -> list[Contact]:
    return list(announced(Config(network=SETTINGS), parse_target(url), probe))


def unannounced(steps: tuple[Step, ...], places: list[Contact]) -> list[str]:
    """Steps that no place speaks of."""
    return [
        f"{step.kind} {step.host} {step.resolver or step.port}"
        for step in steps
        if not any(_speaks_of(place, step) for place in places)
    ]


def _speaks_of(place: Contact, step: Step) -> bool:
    """A connection that carries queries is announced with them, and no other is by that."""
    if (step.resolver is not None) != (StepKind.DNS_QUERY in place.kinds):
        return False
    if step.resolver is not None:
        at = {step.resolver, f"{step.resolver.removeprefix('udp://')} port 53"}
        return place.to in at and step.host in place.hosts and step.kind in place.kinds
    said = step.host in place.hosts or (step.host == step.address and "no name" in place.what)
    return said and step.port in place.ports and step.kind in place.kinds


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        (url, kind)
        for url, kind in product(URLS, QuestionKind)
        if kind not in (OVER_TLS_ALONE if url.startswith("http:") else IN_THE_CLEAR_ALONE)
    ],
)
@pytest.mark.parametrize(
    ("connecting", "shaking"),
    [(None, None), (Failure.CONNECTION_REFUSED, None), (None, Failure.CONNECTION_RESET)],
)
async def test_no_question_sends_what_was_not_announced(
    url: str, kind: QuestionKind, connecting: Failure | None, shaking: Failure | None
) -> None:
    for probe in (WebProbe(), HttpProbe()):
        net = scripted(connecting, shaking)
        await answer(asked_of(kind, url), net)

        assert unannounced(net.steps, places_of(url, probe)) == []
        assert net.steps or kind is QuestionKind.REMOTE_CONTROL


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("probe", [WebProbe(), HttpProbe(), TlsProbe(), DnsProbe()])
async def test_no_first_look_sends_what_was_not_announced_as_sent_always(
    url: str, probe: Probe
) -> None:
    places = places_of(url, probe)
    if places[0].when == NEVER:
        assert isinstance(probe, TlsProbe)
        assert url.startswith("http:")
        return
    net = scripted(None, None)
    await probe.measure(parse_target(url), net)

    always = [place for place in places if place.when == "always"]
    assert unannounced(net.steps, always) == []


def test_an_address_is_never_looked_up() -> None:
    places = places_of("https://198.51.100.7/", WebProbe())

    assert not [p for p in places if p.to.startswith(("udp:", "tls:")) and "198.51" in p.what]
    assert places[0].to == "198.51.100.7, port 443"
    (nobody,) = places_of("https://198.51.100.7/", DnsProbe())
    assert nobody.when == NEVER


def test_every_name_that_is_said_beside_the_targets_is_written_out() -> None:
    for place in places_of(URLS[0], WebProbe()):
        written = f"{place.to} {place.what}"
        names = [n for n in place.hosts if n != HOST and not n.startswith("192.")]
        assert [name for name in names if name not in written] == []
        assert place.kinds or place.when == MAY
    assert msgspec.json.encode(places_of(URLS[0], WebProbe()))


def test_a_look_at_a_page_announces_the_way_as_a_web_look_and_the_other_page() -> None:
    target, other = parse_target(f"https://{HOST}/7"), parse_target(f"https://{HOST}/rules")
    expected = Expectation(
        sought=Sought(text="words"), control=other, control_sought=Sought(text="rules")
    )
    config = Config(network=SETTINGS)
    told = list(announced(config, target, ContentProbe({target.url: expected})))
    as_web = list(announced(config, target, WebProbe()))

    assert told[: len(as_web)] == as_web
    assert [place.when for place in told[len(as_web) :]] == ["always", "always"]
    assert other.url in told[-1].what


def test_a_page_of_which_nothing_is_expected_is_not_looked_at() -> None:
    (place,) = announced(Config(), parse_target(HOST), ContentProbe())

    assert place.when == NEVER
    assert "nothing is expected of this page" in place.what
