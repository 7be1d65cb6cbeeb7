"""The dns probe asks every resolver for both kinds of address."""

import pytest

from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import DnsDetail, read
from heliograph.fake import FakeNet
from heliograph.model import Question, QuestionKind, StepKind
from heliograph.plugin import AnsweringProbe, CannotMeasure
from heliograph.url import parse_target
from probes.dns import DnsProbe

TRUSTED = ("https://resolver.example/dns-query@192.0.2.1", "udp://192.0.2.2")


def net() -> FakeNet:
    return FakeNet(
        NetworkConfig(
            trusted_resolvers=tuple(Resolver.parse(text) for text in TRUSTED),
            control_names=("control.example",),
        )
    )


async def test_every_resolver_is_asked_for_a_and_aaaa() -> None:
    made = net()
    made.answers("site.example", "203.0.113.10")

    await DnsProbe().measure(parse_target("site.example"), made)

    asked = {(step.resolver, read(step, DnsDetail).query_type) for step in made.steps}
    resolvers = (str(made.resolver), *TRUSTED)
    assert asked == {(resolver, kind) for resolver in resolvers for kind in ("A", "AAAA")}
    assert {step.kind for step in made.steps} == {StepKind.DNS_QUERY}


async def test_an_address_has_no_name_to_look_up() -> None:
    made = net()

    with pytest.raises(CannotMeasure, match="no name to look up"):
        await DnsProbe().measure(parse_target("https://203.0.113.10/"), made)

    assert made.steps == ()


async def test_it_answers_questions() -> None:
    made, probe = net(), DnsProbe()
    assert isinstance(probe, AnsweringProbe)

    await probe.answer(
        Question(kind=QuestionKind.CONTROL_NAME_SAME_RESOLVER, host="site.example"), made
    )

    assert [step.host for step in made.steps] == ["control.example", *["site.example"] * 2] * 2
