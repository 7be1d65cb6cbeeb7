"""A request to a sink of one's own, and whether the answer is the sink's to this very request."""

import secrets

import msgspec

from heliograph.control import sink_signature
from heliograph.detail import HttpDetail
from heliograph.plugin import Label, Reply, Request, SinkMessage
from heliograph.trace import OpenStep
from probes.net.door import Door
from probes.net.exchange import Caps

_CAPS = Caps(stall=2.0, whole=5.0, body=4096)
"""A sink answers at once; longer silence is a filter's, or costs one more try."""


async def send(door: Door, place: tuple[str, int], message: SinkMessage, label: Label) -> Reply:
    """Connect, ask once, and check the signature. A failed connection is the reply's failure."""
    made = await door.open(*place, host=message.host, label=label)
    if made.failure is not None:
        return Reply(failure=made.failure)
    nonce = secrets.token_hex(8)
    token = door.around.controls.token or ""
    parts = (message.method, message.target, message.host, message.header)
    line = f"{nonce} {sink_signature(token, nonce, parts, message.body.encode())}".encode()
    referer = (("Referer", message.header),) if message.header else ()
    request = Request(
        url=f"http://{message.host}{message.target}",
        method=message.method,
        headers=(("Cookie", f"s={nonce}"), *referer),
        body=message.body.encode(),
        words=message.words,
    )

    def finish(step: OpenStep, reply: Reply) -> None:
        assert isinstance(step.detail, HttpDetail)
        step.detail = msgspec.structs.replace(step.detail, signed=line in reply.body)

    reply = await door.converse(made, request, _CAPS, finish)
    await made.close()
    answered = None if reply.status is None or reply.failure is not None else line in reply.body
    return msgspec.structs.replace(reply, signed=answered)
