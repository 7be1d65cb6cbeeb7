"""Places of sinks: one look each, until filters have forgotten."""

from probes.net.sinks import Sinks

PLACES = (("203.0.113.5", 8000), ("203.0.113.5", 8001))


def test_no_two_looks_share_a_place_until_it_has_cooled() -> None:
    now = 0.0
    sinks = Sinks(PLACES, 200.0, lambda: now)

    assert [sinks.take() for _ in range(3)] == [*PLACES, None]
    now = 199.0
    assert sinks.take() is None
    now = 200.0
    assert sinks.take() == PLACES[0]


def test_without_sinks_there_is_no_place() -> None:
    assert Sinks((), 200.0, lambda: 0.0).take() is None
