"""A control's steps become ours: on our axis, readable, and without cookies' values."""

import msgspec
import pytest

from heliograph.detail import HttpDetail, TcpDetail, read
from heliograph.model import Role, Step, StepKind
from heliograph.plugin import Label
from probes.net.adopting import MOST_STEPS, adopted

SEEN = Step(
    kind=StepKind.TCP_CONNECT,
    role=Role.CONTROL_AFTER,
    pair="x",
    host="site.example",
    address="192.0.2.1",
    port=443,
    source_port=41000,
    started=0.5,
    failure=None,
)


def ours(*steps: Step) -> tuple[Step, ...]:
    return adopted(steps, 2.0, Label(hop=3), lambda text: text.replace("secret", "[scrubbed]"))


def test_a_step_stands_on_our_axis_and_at_our_hop() -> None:
    changed = msgspec.structs.replace(
        SEEN, role=Role.REMOTE_CONTROL, pair=None, hop=3, started=2.5, source_port=None
    )
    assert ours(SEEN) == (changed,)


def test_so_many_at_most_are_taken() -> None:
    assert len(ours(*[SEEN] * 100)) == MOST_STEPS


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": StepKind.DATAGRAM},
        {"kind": StepKind.DNS_QUERY},
        {"detail": "no JSON"},
        {"address": "no address"},
        {"port": -1},
        {"started": -1.0},
        {"bytes_sent": 2**40},
    ],
    ids=str,
)
def test_what_nobody_could_read_or_store_is_left_out(changed: dict[str, object]) -> None:
    assert ours(msgspec.structs.replace(SEEN, **changed), SEEN) == ours(SEEN)


def test_words_are_cleaned_and_scrubbed() -> None:
    (step,) = ours(msgspec.structs.replace(SEEN, host="a\x1b[2J", sni="secret", resolver="x" * 999))

    assert (step.host, step.sni) == ("a\\x1b[2J", "[scrubbed]")
    assert len(step.resolver or "") == 255


def test_cookies_of_a_controls_look_lose_their_values() -> None:
    detail = HttpDetail(url="https://site.example/", headers=(("Set-Cookie", "id=7; Secure"),))
    exchange = msgspec.structs.replace(
        SEEN, kind=StepKind.HTTP_EXCHANGE, detail=msgspec.json.encode(detail).decode()
    )
    bare = msgspec.structs.replace(exchange, detail="{}")
    found, empty = ours(exchange, bare)

    assert read(found, HttpDetail).headers == (("Set-Cookie", "id=[1 characters]; Secure"),)
    assert empty.detail == "{}"
    plain = msgspec.structs.replace(
        SEEN, detail=msgspec.json.encode(TcpDetail(refusal="x")).decode()
    )
    assert ours(plain)[0].detail == plain.detail


def test_steps_take_the_pair_for_which_the_control_was_asked() -> None:
    label = Label(role=Role.CONTROL_AFTER, pair="platform", hop=2)
    (step,) = adopted([SEEN], 0.0, label, lambda text: text)

    assert (step.role, step.pair, step.hop) == (Role.REMOTE_CONTROL, "platform", 2)
