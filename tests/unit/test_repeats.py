"""How often a look says the name of its site: never more than the consent text tells."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from heliograph.cli.consent_text import MOST_TO_STRANGERS, text_for
from heliograph.detail import HttpDetail, read
from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.model import PAIR_SWAP, Measurement, Role, Step, StepKind
from heliograph.plugin import Reply
from heliograph.risk import risk_of
from heliograph.url import parse_target
from probes.net.spending import MOST_CONNECTIONS, MOST_QUERIES, Budget, BudgetExhausted
from probes.web import WebProbe
from scheduler.looks import Look
from tests.unit.scheduler.surroundings import TRUSTED, Surroundings

NAME, INNOCUOUS = "site.example", "control.example"
WORST = (1805, 1611, 1346, 454, 480, 1774, 1542, 1462, 1398, 1292, 621, 497, 1211, 627, 295)
"""Of 2,000 networks, those in which the name was said most often."""
SEEDS = (*range(60), *WORST)
RIGHT = [f"203.0.113.{n}" for n in range(1, 13)]
WRONG = [f"198.51.100.{n}" for n in range(1, 13)]
STRANGER = "203.0.113.99"
URLS = (f"https://{NAME}/", f"http://{NAME}/")
HANDSHAKES = (
    None,
    Failure.CONNECTION_RESET,
    Failure.EOF_ERROR,
    Failure.GENERIC_TIMEOUT_ERROR,
    Failure.SSL_UNKNOWN_AUTHORITY,
)
PAGES = (
    Reply(failure=None, status=200, body=b"hello"),
    Reply(failure=None, status=451, body=b"not here"),
    Reply(failure=Failure.CONNECTION_RESET),
    Reply(failure=Failure.GENERIC_TIMEOUT_ERROR),
)


def adverse(seed: int) -> Callable[[FakeNet], None]:
    """A network that fails in a way of its own, different for every address and every name."""

    def script(net: FakeNet) -> None:
        chance = random.Random(seed)
        pool = chance.choice((RIGHT, WRONG, RIGHT + WRONG))
        net.answers(NAME, *pool[: chance.randrange(1, len(pool) + 1)])
        net.answers(NAME, *RIGHT[: chance.randrange(13)], resolver=TRUSTED)
        net.answers(INNOCUOUS, STRANGER)
        usual = chance.choice(HANDSHAKES)
        for address in (*RIGHT, *WRONG, STRANGER):
            taken = chance.choice((None, None, None, Failure.CONNECTION_RESET))
            for port in (80, 443):
                net.accepts(address, port, taken)
            net.presents(address, 443, NAME, chance.choice((usual, usual, *HANDSHAKES)))
            net.presents(address, 443, INNOCUOUS, chance.choice((None, *HANDSHAKES)))
            for url in (*URLS, f"http://{INNOCUOUS}/"):
                net.serves(address, url, chance.choice(PAGES))
        for url in URLS:
            net.sees(url, *_seen_elsewhere(chance, pool))

    return script


def _seen_elsewhere(chance: random.Random, pool: list[str]) -> list[Step]:
    found: list[Step] = []
    for address in chance.sample(pool, 6):
        seen = Step(
            kind=StepKind.TCP_CONNECT,
            role=Role.REMOTE_CONTROL,
            host=NAME,
            address=address,
            port=443,
            failure=None,
        )
        shaken = '{"version":"TLSv1.3","completed":true}'
        proved = {"kind": StepKind.TLS_HANDSHAKE, "sni": NAME, "detail": shaken}
        found += [seen, msgspec.structs.replace(seen, **proved)]
    return found


async def looked(url: str, seed: int) -> Measurement:
    runner = Surroundings(adverse(seed)).runner()
    return (await runner.look(Look(parse_target(url), WebProbe()))).measurement


def said(measurement: Measurement) -> tuple[int, int]:
    """Connections in which the site's name was said: to addresses said to be its own, to others."""
    steps = [s for s in measurement.steps if s.role is not Role.REMOTE_CONTROL]
    told = [s for s in steps if s.kind is StepKind.TLS_HANDSHAKE and s.sni == NAME]
    told += [
        s
        for s in steps
        if s.kind is StepKind.HTTP_EXCHANGE
        and s.port != 443
        and read(s, HttpDetail).url.startswith(f"http://{NAME}")
    ]
    strangers = sum(step.pair == PAIR_SWAP for step in told)
    return len(told) - strangers, strangers


def test_a_look_that_fails_says_the_name_no_more_often_than_the_text_tells() -> None:
    """By what it asks for alone; beyond that, the budget of a look ends it."""
    own, strangers = Counter[int](), Counter[int]()
    for seed in SEEDS:
        for url in URLS:
            mine, others = said(asyncio.run(looked(url, seed)))
            own[mine] += 1
            strangers[others] += 1

    assert max(own) + max(strangers) <= MOST_CONNECTIONS, own
    assert 1 <= max(strangers) <= MOST_TO_STRANGERS, strangers
    assert max(own) > MOST_CONNECTIONS / 2, "these networks are too kind to try the bound"


@pytest.mark.parametrize(
    ("spend", "most"),
    [(Budget.spend_connection, MOST_CONNECTIONS), (Budget.spend_query, MOST_QUERIES)],
)
def test_a_look_can_spend_what_the_text_tells_and_no_more(
    spend: Callable[[Budget], None], most: int
) -> None:
    budget = Budget()
    for _ in range(most):
        spend(budget)
    with pytest.raises(BudgetExhausted):
        spend(budget)


@pytest.mark.parametrize(
    "words",
    [
        f"up to {MOST_CONNECTIONS} connections",
        f"up to {MOST_QUERIES} questions",
        f"up to {MOST_TO_STRANGERS} connections the name is said to a server of somebody else",
    ],
)
@pytest.mark.parametrize("where", ["text", "page"])
def test_the_text_and_its_page_tell_the_numbers(words: str, where: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "guide" / "consent.md"
    told = text_for((), risk_of("NL")) if where == "text" else page.read_text(encoding="utf-8")
    assert words in " ".join(told.split())
