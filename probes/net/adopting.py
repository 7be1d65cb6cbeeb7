"""A control's steps made ours: what nobody could read or store is left out, words are cleaned."""

from collections.abc import Callable, Iterable

import msgspec

from heliograph.detail import DnsDetail, HttpDetail, TcpDetail, TlsDetail
from heliograph.model import Role, Step, StepKind
from heliograph.plugin import Label
from heliograph.text import for_terminal
from heliograph.valid import is_address
from probes.net.headers import without_values

MOST_STEPS = 64
_NAME_CHARACTERS = 255
_LARGEST = 2**31 - 1
_SHAPES: dict[StepKind, type[DnsDetail | TcpDetail | TlsDetail | HttpDetail]] = {
    StepKind.DNS_QUERY: DnsDetail,
    StepKind.TCP_CONNECT: TcpDetail,
    StepKind.TLS_HANDSHAKE: TlsDetail,
    StepKind.HTTP_EXCHANGE: HttpDetail,
}
"""What a control's look consists of."""


def adopted(
    steps: Iterable[Step], began: float, label: Label, scrub: Callable[[str], str]
) -> tuple[Step, ...]:
    """The sound ones among the first, on our time axis; ``began`` is when the control was asked.

    They take hop and pair of the label for which it was asked.
    """
    first = tuple(steps)[:MOST_STEPS]
    return tuple(_ours(step, began, label, scrub) for step in first if _is_sound(step))


def _ours(step: Step, began: float, label: Label, scrub: Callable[[str], str]) -> Step:
    """The words of a step are a stranger's."""

    def word(text: str | None) -> str | None:
        return None if text is None else scrub(for_terminal(text, _NAME_CHARACTERS))

    exchange = step.kind is StepKind.HTTP_EXCHANGE and step.detail != "{}"
    return msgspec.structs.replace(
        step,
        role=Role.REMOTE_CONTROL,
        pair=label.pair,
        hop=label.hop,
        started=round(began + step.started, 6),
        source_port=None,
        host=word(step.host),
        resolver=word(step.resolver),
        sni=word(step.sni),
        detail=without_values(step.detail) if exchange else step.detail,
    )


def _is_sound(step: Step) -> bool:
    """Whether rules can read it and a database can hold it, whoever wrote it."""
    numbers = (step.port or 0, step.bytes_sent, step.bytes_received, step.started, step.seconds)
    in_range = all(0 <= number <= _LARGEST for number in numbers)
    placed = step.address is None or is_address(step.address)
    return in_range and placed and _is_readable(step)


def _is_readable(step: Step) -> bool:
    shape = _SHAPES.get(step.kind)
    if shape is None or step.detail == "{}":
        return shape not in {None, DnsDetail}
    try:
        msgspec.json.decode(step.detail, type=shape)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True
