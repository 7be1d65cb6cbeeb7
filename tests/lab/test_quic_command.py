"""A site looked at over QUIC by the command: what is announced, what it costs, what is shown."""

import pytest

from tests.lab.costs import Looked, looked


@pytest.fixture(scope="module")
def look(tmp_path_factory: pytest.TempPathFactory) -> Looked:
    """A site that closes every handshake, so that everything is tried."""
    folder = tmp_path_factory.mktemp("quic")
    return looked(folder, "quic-down-closing", "https://moody.example/ --probe quic")


def test_what_a_look_costs_is_announced_and_kept(look: Looked) -> None:
    look.is_within_its_cost()


def test_every_name_port_and_kind_of_step_is_announced(look: Looked) -> None:
    assert len({step["sni"] for step in look.steps}) == 4, "nobody, control, target, stranger"
    assert look.unannounced() == []


def test_a_volunteer_and_a_reader_are_told_what_was_seen(look: Looked) -> None:
    verdict = look.lines("run")[0]

    assert (verdict["state"], verdict["techniques"]) == ("inconclusive", [])
    assert "are closed" in str(verdict["explanation"])
    assert "moody.example was closed with code 7, recipes.example was answered" in look.why
