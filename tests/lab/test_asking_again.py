"""A control that fails, is busy, lies low or floods, and where it is looked for."""

import asyncio
import time
from dataclasses import replace

import pytest

from heliograph.config import Resolver
from heliograph.detail import DnsDetail, read
from heliograph.failure import Failure
from heliograph.lab import answers, handshakes, responses
from heliograph.lab.origins import Origin, Site
from heliograph.lab.ports import refused_port
from heliograph.lab.responses import HttpStage
from heliograph.model import CONTROL_RESTING, PAIR_ASKED, Role, Step, StepKind
from heliograph.plugin import RemoteLook, Reply
from probes.net import asking as asking_module
from probes.net.credit import FAILURES_IN_A_ROW, FIRST_REST, Credit
from probes.net.exchange import Caps
from probes.net.spending import Budget
from probes.net.surroundings import Surroundings
from tests.lab.control_stages import TOKEN, URL, Control, asking, at, busy, says, told
from tests.lab.net_fixtures import HERE, Bench, Look, look, serving

SEEN = Step(kind=StepKind.TCP_CONNECT, address="192.0.2.1", port=443, failure=None)
CONTROL = "control.example"


async def asked(around: Surroundings) -> tuple[RemoteLook, Look]:
    async with look(around) as made, asyncio.timeout(8):
        answer = await made.door.control(URL)
    assert answer is not None
    return answer, made


async def of_one(bench: Bench, *stages: HttpStage) -> tuple[RemoteLook, Look, Control]:
    control = Control(stages)
    async with Origin({}, Site(http=control)) as origin:
        answer, made = await asked(bench.around(admitted=(), controls=asking(at(origin))))
    return answer, made, control


@pytest.mark.parametrize(
    ("stage", "word"),
    [
        (told(b"{}", 401), Failure.HTTP_UNEXPECTED_STATUS_CODE),
        (told(b"{}", 500), Failure.HTTP_UNEXPECTED_STATUS_CODE),
        (told(b"", 204), Failure.HTTP_UNEXPECTED_STATUS_CODE),
        (responses.redirect("http://192.0.2.1/"), Failure.HTTP_UNEXPECTED_STATUS_CODE),
        (told(b""), Failure.JSON_PARSE_ERROR),
        (told(b"<html>please log in"), Failure.JSON_PARSE_ERROR),
        (told(b"\xff\xfe{}"), Failure.JSON_PARSE_ERROR),
        (told(b"[]"), Failure.JSON_PARSE_ERROR),
        (told(b'{"software":"x","steps":[{"kind":"telepathy"}]}'), Failure.JSON_PARSE_ERROR),
        (told(b'{"software":"x","steps":[],"y":' + b"[" * 200_000), Failure.JSON_PARSE_ERROR),
        (told(b'{"software":"' + b"x" * (3 << 20) + b'","steps":[]}'), Failure.JSON_PARSE_ERROR),
        (responses.reset(), Failure.CONNECTION_RESET),
        (responses.finish(), Failure.EOF_ERROR),
    ],
    ids=lambda value: str(value) if isinstance(value, Failure) else "",
)
async def test_what_is_no_answer_is_a_failure_of_the_control(
    bench: Bench, stage: HttpStage, word: Failure
) -> None:
    answer, made, control = await of_one(bench, stage)

    assert answer == RemoteLook(failure=word)
    exchange = made.of(StepKind.HTTP_EXCHANGE)
    assert (exchange.failure, exchange.role, exchange.pair) == (
        *(word, Role.REMOTE_CONTROL),
        PAIR_ASKED,
    )
    assert exchange.bytes_received < 3 << 20, "an answer is read up to a cap"
    assert len(control.heard) == 1


async def test_a_silent_control_is_not_waited_for_for_ever(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking_module, "_CAPS", Caps(stall=0.1, whole=0.5, private=True))

    answer, _, _ = await of_one(bench, responses.silence())

    assert answer.failure is Failure.GENERIC_TIMEOUT_ERROR


async def test_an_answer_that_drips_is_cut(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking_module, "_CAPS", Caps(stall=0.2, whole=0.3, private=True))
    drip = responses.dripped_body(b'{"software":"x","steps":[]}' * 9, pace=0.05)

    answer, _, _ = await of_one(bench, drip)

    assert answer.failure is Failure.JSON_PARSE_ERROR


async def test_a_busy_control_is_asked_again_when_it_says(bench: Bench) -> None:
    began = time.monotonic()
    answer, made, control = await of_one(
        bench, busy(("Retry-After", "0")), busy(("Retry-After", "0")), says(SEEN)
    )

    assert (answer.failure, len(answer.steps), len(control.heard)) == (None, 1, 3)
    exchanges = [s.failure for s in made.steps if s.kind is StepKind.HTTP_EXCHANGE]
    assert exchanges == [Failure.HTTP_UNEXPECTED_STATUS_CODE] * 2 + [None]
    assert time.monotonic() - began < 1.0


async def test_a_control_that_stays_busy_is_given_up(bench: Bench) -> None:
    answer, _, control = await of_one(bench, busy(("Retry-After", "0")))

    assert answer == RemoteLook(failure=Failure.HTTP_UNEXPECTED_STATUS_CODE)
    assert len(control.heard) == 3


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("3", 3.0),
        ("9" * 400, 5.0),
        ("-1", 1.0),
        ("\u0663", 1.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 1.0),
        (None, 1.0),
    ],
)
def test_nobody_waits_longer_than_our_patience(header: str | None, seconds: float) -> None:
    headers = () if header is None else (("retry-after", header),)

    assert asking_module._wait(Reply(failure=None, status=503, headers=headers)) == seconds


# Several, and where they are


async def test_the_next_control_is_asked_when_the_first_is_dead(bench: Bench) -> None:
    control = Control((says(SEEN),))
    with refused_port() as dead:
        async with Origin({}, Site(http=control)) as origin:
            controls = asking(f"http://{HERE}:{dead}", at(origin))
            answer, made = await asked(bench.around(controls=controls))

    assert (answer.failure, len(answer.steps)) == (None, 1)
    assert [(s.kind, s.failure) for s in made.steps if s.pair == PAIR_ASKED] == [
        (StepKind.TCP_CONNECT, Failure.CONNECTION_REFUSED),
        (StepKind.TCP_CONNECT, None),
        (StepKind.HTTP_EXCHANGE, None),
    ]


async def test_when_all_fail_the_last_says_why(bench: Bench) -> None:
    with refused_port() as dead:
        async with Origin({}, Site(http=told(b"{}", 500))) as origin:
            controls = asking(at(origin), f"http://{HERE}:{dead}")
            answer, _ = await asked(bench.around(controls=controls))

    assert answer == RemoteLook(failure=Failure.CONNECTION_REFUSED)


async def test_over_tls_a_control_proves_its_name(bench: Bench) -> None:
    async with Origin({CONTROL: bench.site(says(SEEN), CONTROL)}) as origin:
        controls = asking(f"https://{CONTROL}:{origin.port}@{HERE}")
        answer, made = await asked(bench.around(controls=controls))

    assert answer.failure is None
    assert made.of(StepKind.TLS_HANDSHAKE).pair == PAIR_ASKED


@pytest.mark.parametrize("wrong", ["another name", "nobody's root"])
async def test_who_does_not_prove_the_controls_name_is_told_nothing(
    bench: Bench, wrong: str
) -> None:
    name = wrong == "another name"
    context = bench.authority.context("x.example") if name else bench.authority.self_signed()
    site = Site(handshakes.serve(context), says(SEEN))
    async with Origin({}, site) as origin:
        controls = asking(f"https://{CONTROL}:{origin.port}@{HERE}")
        answer, made = await asked(bench.around(controls=controls))

    assert answer.failure in {
        *(Failure.SSL_INVALID_HOSTNAME, Failure.SSL_INVALID_CERTIFICATE),
        Failure.SSL_UNKNOWN_AUTHORITY,
    }
    assert made.of(StepKind.TLS_HANDSHAKE).failure is answer.failure
    assert origin.count("request") == 0


def looked_up(made: Look) -> list[tuple[str | None, Failure | None]]:
    """Its IPv4 queries; the others are asked beside them."""
    queries = [step for step in made.steps if step.kind is StepKind.DNS_QUERY]
    kinds = [read(step, DnsDetail).query_type for step in queries]
    assert kinds.count("A") == kinds.count("AAAA")
    queries = [s for s, kind in zip(queries, kinds, strict=True) if kind == "A"]
    assert {(s.host, s.role, s.pair) for s in queries} <= {
        (CONTROL, Role.REMOTE_CONTROL, PAIR_ASKED)
    }
    return [(step.resolver, step.failure) for step in queries]


async def test_its_name_is_looked_up_once_a_run_where_nobody_can_lie(bench: Bench) -> None:
    liar = {CONTROL: answers.addresses("192.0.2.66")}
    async with (
        Origin({CONTROL: bench.site(says(SEEN), CONTROL)}) as origin,
        serving(bench, {CONTROL: answers.addresses(HERE)}, "tls") as trusted,
        serving(bench, liar, "udp") as system,
    ):
        around = bench.around(
            system.resolver,
            trusted=(trusted.resolver,),
            controls=asking(f"https://{CONTROL}:{origin.port}"),
        )
        first, made = await asked(around)
        second, later = await asked(around)

    assert (first.failure, second.failure) == (None, None)
    assert looked_up(made) == [(str(trusted.resolver), None)]
    assert looked_up(later) == []
    assert TOKEN not in str(made.steps)


async def test_where_the_trusted_ones_are_cut_off_the_systems_is_asked(bench: Bench) -> None:
    with refused_port() as dead:
        trusted = Resolver.parse(f"tls://dns.example:{dead}@{HERE}")
        plain = Resolver.parse("udp://192.0.2.53")
        async with (
            Origin({CONTROL: bench.site(says(SEEN), CONTROL)}) as origin,
            serving(bench, {CONTROL: answers.addresses(HERE)}, "udp") as system,
        ):
            around = bench.around(
                system.resolver,
                trusted=(plain, trusted),
                controls=asking(f"https://{CONTROL}:{origin.port}"),
            )
            answer, made = await asked(around)

    assert answer.failure is None
    assert looked_up(made) == [
        (str(trusted), Failure.CONNECTION_REFUSED),
        (str(system.resolver), None),
    ]


async def test_a_control_whose_name_is_not_found_is_not_asked(bench: Bench) -> None:
    controls = asking(f"https://{CONTROL}")
    async with serving(bench, {}, "udp") as system:
        answer, made = await asked(bench.around(system.resolver, controls=controls))

    assert answer == RemoteLook(failure=Failure.DNS_NO_ANSWER)
    assert looked_up(made) == [(str(system.resolver), Failure.DNS_NXDOMAIN_ERROR)]


# Which of its addresses


async def met(bench: Bench, *given: str, at: str) -> tuple[RemoteLook, Look]:
    """Asked where its name has these addresses, and a server at one of them."""
    async with (
        Origin({CONTROL: bench.site(says(SEEN), CONTROL)}, address=at) as origin,
        serving(bench, {CONTROL: answers.addresses(*given)}, "udp") as system,
    ):
        controls = asking(f"https://{CONTROL}:{origin.port}")
        return await asked(bench.around(system.resolver, admitted=given, controls=controls))


async def test_a_control_with_ipv6_alone_is_found(bench: Bench) -> None:
    answer, made = await met(bench, "::1", at="::1")

    assert answer.failure is None
    assert next(s.address for s in made.steps if s.kind is StepKind.TCP_CONNECT) == "::1"


async def test_another_of_its_addresses_is_tried_when_one_fails(bench: Bench) -> None:
    """The one that answered comes first from then on."""
    given = ("127.0.0.8", HERE)
    async with (
        Origin({CONTROL: bench.site(says(SEEN), CONTROL)}) as origin,
        serving(bench, {CONTROL: answers.addresses(*given)}, "udp") as system,
    ):
        controls = asking(f"https://{CONTROL}:{origin.port}")
        around = bench.around(system.resolver, admitted=given, controls=controls)
        first, made = await asked(around)
        second, later = await asked(around)

    connects = [
        [(s.address, s.failure) for s in each.steps if s.kind is StepKind.TCP_CONNECT and s.pair]
        for each in (made, later)
    ]
    assert (first.failure, second.failure) == (None, None)
    assert connects == [[("127.0.0.8", Failure.CONNECTION_REFUSED), (HERE, None)], [(HERE, None)]]


async def test_a_name_whose_addresses_all_fail_is_looked_up_again(bench: Bench) -> None:
    with refused_port() as dead:
        async with serving(bench, {CONTROL: answers.addresses(HERE)}, "udp") as system:
            controls = asking(f"https://{CONTROL}:{dead}")
            around = bench.around(system.resolver, controls=controls)
            first, _ = await asked(around)
            _, later = await asked(around)

    assert first.failure is Failure.CONNECTION_REFUSED
    assert len(looked_up(later)) == 1


# What the looks of a run know of it together


async def test_a_control_that_keeps_failing_is_left_alone_and_the_record_says_so(
    bench: Bench,
) -> None:
    control = Control((told(b"{}", 500),))
    async with Origin({}, Site(http=control)) as origin:
        around = bench.around(controls=asking(at(origin)))
        looks = [await asked(around) for _ in range(6)]

    assert len(control.heard) == FAILURES_IN_A_ROW
    assert {answer.failure for answer, _ in looks} == {Failure.HTTP_UNEXPECTED_STATUS_CODE}
    flags = [tuple(made.trace.flags) for _, made in looks]
    assert flags == [()] * 3 + [(CONTROL_RESTING,)] * 3
    assert [len(made.steps) for _, made in looks] == [2] * 3 + [0] * 3, "no step tells of nothing"


async def test_meanwhile_the_next_control_is_asked(bench: Bench) -> None:
    well = Control((says(SEEN),))
    broken = Control((told(b"<html>"),))
    async with Origin({}, Site(http=broken)) as first, Origin({}, Site(http=well)) as second:
        around = bench.around(controls=asking(at(first), at(second)))
        looks = [await asked(around) for _ in range(5)]

    assert (len(broken.heard), len(well.heard)) == (FAILURES_IN_A_ROW, 5)
    assert {answer.failure for answer, _ in looks} == {None}
    assert not any(made.trace.flags for _, made in looks)


async def test_one_look_tries_it_when_the_rest_is_over(bench: Bench) -> None:
    times = [0.0, 0.0, 0.0, FIRST_REST, FIRST_REST, 3 * FIRST_REST, 3 * FIRST_REST]
    now = [0.0]
    control = Control((*[told(b"{}", 500)] * 4, says(SEEN)))
    async with Origin({}, Site(http=control)) as origin:
        controls = replace(asking(at(origin)), credit=Credit(lambda: now[0]))
        around = bench.around(controls=controls)
        for now[0] in times:
            answer, _ = await asked(around)

    assert len(control.heard) == 6
    assert answer.failure is None


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_control_that_does_not_want_this_very_look_is_well(
    bench: Bench, status: int
) -> None:
    control = Control((told(b"{}", status),))
    async with Origin({}, Site(http=control)) as origin:
        around = bench.around(controls=asking(at(origin)))
        looks = [await asked(around) for _ in range(5)]

    assert len(control.heard) == 5
    assert not any(made.trace.flags for _, made in looks)


async def test_a_look_whose_own_bytes_are_spent_says_nothing_of_the_control(bench: Bench) -> None:
    control = Control((says(SEEN),))
    async with Origin({}, Site(http=control)) as origin:
        around = bench.around(controls=asking(at(origin)))
        for _ in range(FAILURES_IN_A_ROW):
            async with look(around, Budget(received_bytes=1)) as made:
                await made.door.control(URL)
        answer, _ = await asked(around)

    assert answer.failure is None
