"""The keyword probe over lines that lose requests by chance, its looks judged by its rules."""

import random
from collections import Counter

import pytest

from analysis.judge import judge
from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import State
from heliograph.plugin import Reply, SinkMessage
from heliograph.url import parse_target
from probes.keyword import KeywordProbe
from tests.unit.analysis.builders import measured
from tests.unit.probes.test_keyword import SETTINGS, URL, text_of

LOST = Reply(failure=Failure.GENERIC_TIMEOUT_ERROR)
RESET = Reply(failure=Failure.CONNECTION_RESET)


async def states(looks: int, loss: float, word: str | None = None) -> Counter[State]:
    """Of so many looks over a line that loses that share of requests, with a filter or without."""
    found: Counter[State] = Counter()
    for seed in range(looks):
        found[await _state(random.Random(seed), loss, word)] += 1
    return found


async def _state(chance: random.Random, loss: float, word: str | None) -> State:
    def decide(_: tuple[str, int], message: SinkMessage) -> Reply | None:
        if chance.random() < loss:
            return LOST
        return RESET if word is not None and word in text_of(message) else None

    net = FakeNet(SETTINGS)
    net.filters(decide)
    await KeywordProbe().measure(parse_target(URL), net)
    verdict = judge(measured(*net.steps, probe="keyword", url=URL))
    assert verdict is not None
    return verdict.state


@pytest.mark.parametrize("loss", [0.05, 0.2, 0.4])
async def test_a_line_with_losses_is_next_to_never_called_a_filter(loss: float) -> None:
    assert (await states(150, loss))[State.BLOCKED] <= 2


async def test_a_filter_is_found_over_a_line_with_losses() -> None:
    assert (await states(50, 0.02, "kingfisher"))[State.BLOCKED] >= 45
