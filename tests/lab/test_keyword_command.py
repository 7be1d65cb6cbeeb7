"""Words tried by the command at a sink: what is announced, what it costs, and what is shown."""

import pytest

from tests.lab.costs import Looked, looked


@pytest.fixture(scope="module")
def look(tmp_path_factory: pytest.TempPathFactory) -> Looked:
    """A word in the host, found while every place that was hit stays closed."""
    folder = tmp_path_factory.mktemp("keyword")
    return looked(folder, "keyword-host", "http://www.redwing.example/ --probe keyword")


def test_what_a_look_costs_is_announced_and_kept(look: Looked) -> None:
    assert len([step for step in look.steps if step["kind"] == "http_exchange"]) < 40
    look.is_within_its_cost()


def test_every_request_is_on_record_and_only_to_the_sink(look: Looked) -> None:
    (plan,) = [row for row in look.lines("plan") if row.get("probe") == "keyword" and "to" in row]

    assert {step["address"] for step in look.steps} == {str(plan["to"]).partition(":")[0]}
    assert isinstance(plan["ports"], list)
    assert {step["port"] for step in look.steps} <= set(plan["ports"])


def test_the_word_is_named_and_every_try_is_shown(look: Looked) -> None:
    verdict = look.lines("run")[0]

    assert (verdict["state"], verdict["anomalies"]) == ("blocked", ["keyword host redwing"])
    assert "“redwing” in the host ended in connection_reset" in look.why
    assert "filler alone was answered as it was sent" in look.why
