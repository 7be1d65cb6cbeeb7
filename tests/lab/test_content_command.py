"""A public page looked at by a list: what is announced, what it costs, and what became of it."""

import pytest

from tests.lab.costs import Looked, looked

LIST = (
    "url,expect,control_url,control_expect\n"
    "https://removed.example/,The river rose again tonight,https://removed.example/rules,"
    "Be kind to each other\n"
)


@pytest.fixture(scope="module")
def look(tmp_path_factory: pytest.TempPathFactory) -> Looked:
    """A post that was removed, named by a list."""
    folder = tmp_path_factory.mktemp("content")
    (folder / "posts.csv").write_text(LIST, encoding="utf-8")
    return looked(folder, "removed-post", f"--probe content --targets '{folder}/posts.csv'")


def test_what_a_look_costs_is_announced_and_kept(look: Looked) -> None:
    look.is_within_its_cost()


def test_every_page_is_announced(look: Looked) -> None:
    told = " ".join(str(row.get("what")) for row in look.lines("plan"))

    assert "opens https://removed.example/rules beside it" in told
    assert "look at https://removed.example/ and https://removed.example/rules from there" in told


def test_the_verdict_and_its_reasons_name_what_was_expected(look: Looked) -> None:
    verdict, summary = look.lines("run")

    assert (verdict["state"], verdict["rules"]) == ("removed", ["content.removed"])
    assert "“The river rose again tonight”" in str(verdict["explanation"])
    assert summary["states"] == {"removed": 1}
    assert "the page, from here once more, does not hold what it should (status 404)" in look.why
    assert (
        "another page of the site, as a control elsewhere saw it, holds what it should" in look.why
    )
