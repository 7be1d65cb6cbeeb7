"""A scripted network for answers, the questions asked of it, and what its steps say."""

from typing import Any

from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import DnsDetail, read
from heliograph.fake import FakeNet
from heliograph.model import Question, QuestionKind, Role, Step, StepKind

HOST, CONTROL = "site.example", "control.example"
HERE, ELSEWHERE = "203.0.113.10", "203.0.113.99"


def net(
    *control_names: str, trusted: tuple[str, ...] = (), nobody: tuple[str, ...] = ()
) -> FakeNet:
    """These innocuous names, trusted resolvers, and addresses where no resolver lives."""
    made = FakeNet(
        NetworkConfig(
            trusted_resolvers=tuple(Resolver.parse(text) for text in trusted),
            control_names=control_names or (CONTROL,),
            injection_probe_addresses=nobody,
        )
    )
    made.answers(CONTROL, ELSEWHERE)
    return made


def asking(kind: QuestionKind, port: int | None = 443, **more: Any) -> Question:
    """A question about the target's name, at its own address unless another is given."""
    return Question(**{"kind": kind, "host": HOST, "address": HERE, "port": port, **more})


def about(kind: QuestionKind, port: int = 443, **more: Any) -> Question:
    """The same of the second hop."""
    return asking(kind, port, hop=2, **more)


def swap(port: int = 443, **more: Any) -> Question:
    return asking(QuestionKind.TARGET_NAME_ON_CONTROL_ADDRESS, port, **more)


def labels(steps: tuple[Step, ...]) -> list[tuple[StepKind, Role, str | None, str | None]]:
    return [(step.kind, step.role, step.pair, step.host) for step in steps]


def asked_again(made: FakeNet) -> list[tuple[str | None, str | None, str]]:
    """The last two steps: who was asked for what, once more."""
    last = made.steps[-2:]
    assert labels(last) == [(StepKind.DNS_QUERY, Role.TEST, "again", HOST)] * 2
    return [(s.pair, s.resolver, read(s, DnsDetail).query_type) for s in last]


def ipv6_asked(made: FakeNet) -> list[tuple[str | None, str | None]]:
    queries = [step for step in made.steps if step.kind is StepKind.DNS_QUERY]
    assert {read(step, DnsDetail).query_type for step in queries} <= {"AAAA"}
    assert {(step.role, step.pair) for step in queries} <= {(Role.CONTROL_AFTER, "ipv6")}
    return [(step.host, step.resolver) for step in queries]
