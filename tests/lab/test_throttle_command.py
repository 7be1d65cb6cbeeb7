"""A page timed by the command: what is announced, what it costs, and what is shown."""

import pytest

from tests.lab.costs import Looked, looked

_HALVES, _MOST_HALVES = 4, 12
"""Of a page that is no slower two pairs are made; six at most."""


@pytest.fixture(scope="module")
def look(tmp_path_factory: pytest.TempPathFactory) -> Looked:
    """A page that comes fast: its server sends on before it hears that there is enough."""
    folder = tmp_path_factory.mktemp("throttle")
    return looked(folder, "quick-server", "https://brisk.example/ --probe throttle")


def test_what_a_look_costs_is_announced_and_kept(look: Looked) -> None:
    look.is_within_its_cost(_HALVES / _MOST_HALVES)


def test_every_name_port_and_kind_of_step_is_announced(look: Looked) -> None:
    assert len([step for step in look.steps if step["kind"] == "http_exchange"]) == _HALVES
    assert look.unannounced() == []


def test_the_pairs_are_shown_with_their_speeds(look: Looked) -> None:
    assert look.lines("run")[0]["state"] == "ok"
    assert look.why.count("brisk.example: status 200") == _HALVES // 2
