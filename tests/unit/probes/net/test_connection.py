"""A connection gives back what it holds."""

from heliograph.failure import Failure
from heliograph.plugin import TEST
from probes.net.connection import OpenConnection


async def test_closing_gives_back_the_place_once() -> None:
    given_back: list[str] = []
    made = OpenConnection(("192.0.2.1", 443), TEST, None, "site.example")
    made.place.callback(given_back.append, "place")

    await made.close()
    await made.close()

    assert given_back == ["place"]


def test_a_connection_not_made_yet_reads_interrupted() -> None:
    made = OpenConnection(("192.0.2.1", 443), TEST, None, None)

    assert made.failure is Failure.INTERRUPTED
    assert (made.address, made.port) == ("192.0.2.1", 443)
