"""A control with a stub for its looks and little patience, for tests of the time limits."""

import socket
import sys

from heliograph.cli.output import say
from heliograph.collector.app import control_app
from heliograph.collector.control import ControlService
from heliograph.collector.serving import Patience, Place, serve
from heliograph.control import ControlReply


class Quick(ControlService):
    """Answers at once."""

    async def answer(self, body: bytes, caller: str | None) -> ControlReply:
        return ControlReply(steps=(), software="stub", observed_address=caller)


def main() -> None:
    seconds = float(sys.argv[1])
    means = None
    service = Quick(means, token=None, parallel=8)  # type: ignore[arg-type]
    sock = socket.create_server(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    place = Place(
        sock,
        None,
        lambda: say(f"control listening on http://127.0.0.1:{port}/v1/control"),
        Patience(head=seconds, unread=seconds),
    )
    serve(control_app(service, seconds), place)


if __name__ == "__main__":
    main()
