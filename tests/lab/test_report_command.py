"""A report is one page that runs nothing, asks for nothing, and replaces nothing but a report."""

import json
import os
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from heliograph.pages.report import MARK
from tests.lab.planted import HOSTILE, plant
from tests.lab.test_commands import Desk, complaint


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    plant(desk.db)
    return desk


def text_of(page: Path) -> str:
    parsed = LexborHTMLParser(page.read_text(encoding="utf-8"))
    assert parsed.body is not None
    return " ".join(parsed.body.text(separator=" ").split())


def test_a_report_tells_what_was_found_at_what_cost_and_who_was_asked(desk: Desk) -> None:
    out = desk.folder / "r.html"
    done = desk("report", "--out", str(out))
    told = text_of(out)

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"{len(HOSTILE)} measurements in {out.resolve()}\n"
    assert "8 blocked what a browser here would do is interfered with" in told
    assert "Data used 30.0 kB (sent 6.0 kB, received 24.0 kB)" in told
    assert "2026-11-01 12:00:00 UTC to 2026-11-15 12:00:00 UTC" in told
    assert "Around it: this host has no route to the IPv6 internet." in told
    assert "203.0.113.10 port 443" in told
    assert "in the name of site.example" in told


def test_a_report_holds_no_script_and_refers_to_nothing_outside(desk: Desk) -> None:
    out = desk.folder / "r.html"
    desk("report", "--out", str(out))
    parsed = LexborHTMLParser(out.read_text(encoding="utf-8"))

    assert parsed.css("script, link, img, iframe, object, form, video, audio, base") == []
    links = [node.attributes.get("href") or "" for node in parsed.css("[href]")]
    assert links
    assert all(link.startswith("#") for link in links)
    assert not [n for n in parsed.css("*") if any(name.startswith("on") for name in n.attributes)]


def test_filters_are_said_at_the_head_and_kept_to(desk: Desk) -> None:
    out = desk.folder / "r.html"
    done = desk(
        *("report", "--json", "--out", str(out)),
        *("--state", "blocked", "--technique", "tls", "--since", "2026-11-10", "--limit", "2"),
    )

    assert json.loads(done.stdout) == {
        "kind": "report",
        "path": str(out.resolve()),
        "measurements": 2,
        "complete": False,
    }
    assert "only verdict blocked, since 2026-11-10, technique tls" in text_of(out)


def test_a_report_left_incomplete_by_its_limit_says_so(desk: Desk) -> None:
    done = desk("report", "--out", str(desk.folder / "r.html"), "--limit", "2")

    assert complaint(done) == "the newest 2; --limit shows more"


def test_only_a_report_is_overwritten_unless_forced(desk: Desk) -> None:
    out = desk.folder / "diary.html"
    out.write_text("<p>my diary", encoding="utf-8")
    refused = desk("report", "--out", str(out))

    assert refused.returncode == 73
    assert complaint(refused) == (
        f"heliograph: {out} is there and is no report of ours; choose another --out, or add --force"
    )
    assert out.read_text(encoding="utf-8") == "<p>my diary"
    assert desk("report", "--out", str(out), "--force").returncode == 0
    assert MARK in out.read_text(encoding="utf-8")
    assert desk("report", "--out", str(out), "--state", "ok").returncode == 0
    assert "only verdict ok" in text_of(out)


def test_a_report_is_for_its_owner_and_leaves_nothing_beside_it(desk: Desk) -> None:
    out = desk.folder / "out" / "r.html"
    out.parent.mkdir()
    desk("report", "--out", str(out))

    assert out.stat().st_mode & 0o777 == 0o600
    assert os.listdir(out.parent) == ["r.html"]


@pytest.mark.parametrize("place", ["none/r.html", "."])
def test_a_place_that_can_not_be_written_is_named(desk: Desk, place: str) -> None:
    done = desk("report", "--out", str(desk.folder / place))

    assert done.returncode == 73
    assert "choose another --out" in complaint(done)


def test_a_link_to_something_else_is_not_followed(desk: Desk) -> None:
    victim, out = desk.folder / "victim", desk.folder / "r.html"
    victim.write_text("precious", encoding="utf-8")
    out.symlink_to(victim)

    assert desk("report", "--out", str(out)).returncode == 73
    assert desk("report", "--out", str(out), "--force").returncode == 0
    assert victim.read_text(encoding="utf-8") == "precious", "the link is replaced, not its end"


def test_where_nothing_matches_nothing_is_written(desk: Desk) -> None:
    out = desk.folder / "r.html"
    done = desk("report", "--out", str(out), "--host", "none.example")

    assert done.returncode == 66
    assert "nothing matches, so nothing was written" in complaint(done)
    assert not out.exists()
