"""The keyword probe: what it says to whom, after what, and how often."""

from collections.abc import Callable

import pytest

from heliograph.config import NetworkConfig, Resolver
from heliograph.detail import HttpDetail, read
from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import Role, Step
from heliograph.plugin import CannotMeasure, PlannedProbe, Reply, SinkMessage
from heliograph.url import parse_target
from probes.keyword import MOST_REQUESTS, KeywordProbe

SINK = "203.0.113.5"
SETTINGS = NetworkConfig(trusted_resolvers=(), sinks=(f"{SINK}:8000-8099",))
RESET = Reply(failure=Failure.CONNECTION_RESET)
NOTICE = Reply(failure=None, status=200, signed=False)
URL = "http://birds.example/river/kingfisher/nest.html?page=2"
Decide = Callable[[tuple[str, int], SinkMessage], Reply | None]


def text_of(message: SinkMessage) -> str:
    parts = (message.host, message.target, message.header, message.body)
    return " ".join(parts)


def stops(word: str, with_what: Reply = RESET) -> Decide:
    """A filter that keeps no memory."""
    return lambda _, message: with_what if word in text_of(message) else None


def lingers(word: str) -> Decide:
    """One that closes the place for good."""
    closed: set[tuple[str, int]] = set()

    def decide(place: tuple[str, int], message: SinkMessage) -> Reply | None:
        if word in text_of(message):
            closed.add(place)
        return RESET if place in closed else None

    return decide


async def looked(decide: Decide, *, url: str = URL, settings: NetworkConfig = SETTINGS) -> FakeNet:
    net = FakeNet(settings)
    net.filters(decide)
    await KeywordProbe().measure(parse_target(url), net)
    return net


def words_of(step: Step) -> tuple[tuple[str, str], ...]:
    return read(step, HttpDetail).words


@pytest.mark.parametrize("filter_of", [stops, lingers])
async def test_the_word_is_found_in_fewer_than_forty_requests(
    filter_of: Callable[[str], Decide],
) -> None:
    net = await looked(filter_of("kingfisher"))

    last = [step for step in net.steps if step.role is Role.TEST][-1]
    assert words_of(last) == (("path", "kingfisher"),)
    assert last.failure is Failure.CONNECTION_RESET
    assert len(net.steps) <= MOST_REQUESTS < 40


async def test_nothing_is_said_at_a_place_that_was_hit_and_filler_is_said_first() -> None:
    net = await looked(lingers("kingfisher"))

    by_place: dict[int | None, list[Step]] = {}
    for step in net.steps:
        by_place.setdefault(step.port, []).append(step)
    for steps in by_place.values():
        assert words_of(steps[0]) == ()
        assert steps[0].role is Role.CONTROL_BEFORE
        assert all(step.failure is None for step in steps[:-1])


async def test_filler_has_the_form_and_length_of_the_words() -> None:
    sent: list[SinkMessage] = []

    def decide(_: tuple[str, int], message: SinkMessage) -> Reply | None:
        sent.append(message)
        return None

    await looked(decide)

    assert {len(text_of(message)) for message in sent if not message.body} == {
        len(text_of(sent[0]))
    }
    assert "kingfisher" not in text_of(sent[0])
    assert sent[0].target.count("/") == 3


async def test_what_nobody_stops_is_sent_three_times_without_a_body_and_with_one() -> None:
    net = await looked(lambda *_: None)

    tests = [step for step in net.steps if step.role is Role.TEST]
    assert len(tests) == 6
    assert {part for part, _ in words_of(tests[0])} == {"host", "path", "query", "header"}
    assert {part for part, _ in words_of(tests[-1])} == {"body"}


@pytest.mark.parametrize(
    ("part", "decide"),
    [
        ("host", lambda _, m: RESET if "birds" in m.host else None),
        ("query", lambda _, m: RESET if "page=2" in m.query else None),
        ("header", lambda _, m: RESET if "kingfisher" in m.header else None),
        ("body", lambda _, m: NOTICE if "kingfisher" in m.body else None),
    ],
)
async def test_the_part_is_told_that_holds_the_word(part: str, decide: Decide) -> None:
    net = await looked(decide)

    last = [step for step in net.steps if step.role is Role.TEST][-1]
    assert [name for name, _ in words_of(last)] == [part]


async def test_two_parts_that_are_stopped_together_alone_are_both_needed() -> None:
    net = await looked(lambda _, m: RESET if "birds" in m.host and "kingfisher" in m.path else None)

    last = [step for step in net.steps if step.role is Role.TEST][-1]
    assert words_of(last) == (("host", "birds"), ("path", "kingfisher"))


async def test_a_sink_that_answers_nobody_is_left_alone() -> None:
    net = await looked(lambda *_: RESET)

    assert {step.role for step in net.steps} == {Role.CONTROL_BEFORE}
    assert len(net.steps) == 6


@pytest.mark.parametrize(
    ("url", "settings"),
    [(URL, NetworkConfig(trusted_resolvers=())), ("http://203.0.113.9/word", SETTINGS)],
    ids=["no sink", "no name"],
)
async def test_what_can_not_be_looked_at_is_skipped_with_the_reason(
    url: str, settings: NetworkConfig
) -> None:
    with pytest.raises(CannotMeasure):
        await looked(lambda *_: None, url=url, settings=settings)
    resolver = Resolver.parse("udp://192.0.2.53")
    (told,) = KeywordProbe().plan(parse_target(url), settings, resolver)
    assert (told.to, told.when) == ("nobody", "never")


def test_whom_it_contacts_and_what_it_costs_is_said_beforehand() -> None:
    probe = KeywordProbe()
    assert isinstance(probe, PlannedProbe)
    (place,) = probe.plan(parse_target(URL), SETTINGS, Resolver.parse("udp://192.0.2.53"))

    assert SINK in place.to
    assert place.ports == tuple(range(8000, 8100))
    assert probe.cost(parse_target(URL), SETTINGS).connections == MOST_REQUESTS
