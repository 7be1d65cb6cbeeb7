"""Looks are values: the same one twice is one."""

from heliograph.url import parse_target
from probes.tls import TlsProbe
from scheduler.looks import Finished, Look
from tests.unit.analysis.builders import measured


def test_a_look_at_the_same_place_by_the_same_probe_is_the_same() -> None:
    probe = TlsProbe()

    assert len({Look(parse_target("site.example"), probe) for _ in range(2)}) == 1
    assert Look(parse_target("site.example"), probe) != Look(parse_target("a.example"), probe)


def test_what_came_of_a_first_look_taught_nothing_unless_it_is_said() -> None:
    finished = Finished(measured(), None)

    assert (finished.hits, finished.is_second) == ((), False)
