"""A report is one page that runs nothing, asks for nothing, and replaces nothing but a report."""

import json
import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from selectolax.lexbor import LexborHTMLParser

from heliograph.ids import with_id
from heliograph.pages.report import MARK
from storage.store import Store
from tests.lab.lab_fixtures import environment, heliograph
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
    assert done.stderr.splitlines() == [
        f"{len(HOSTILE)} measurements in {out.resolve()}",
        "times are exact to the second: --coarse makes a page for others, with the hour alone",
    ]
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
    out = desk.folder / "r.html"
    done = desk("report", "--out", str(out), "--limit", "2")
    said = "the newest 2; older ones are left out"

    assert f"{said}, and --limit shows more" in done.stderr.splitlines()
    assert said in text_of(out)
    whole = desk("report", "--json", "--out", str(out), "--limit", str(len(HOSTILE)))
    assert json.loads(whole.stdout)["complete"] is True
    assert "left out" not in whole.stderr + text_of(out)


def test_a_report_for_others_tells_the_hour_and_no_more(desk: Desk) -> None:
    newest = json.loads(desk("results", "--json", "--limit", "1").stdout)["measurement_id"]
    with Store.open(str(desk.db)) as store:
        found = store.measurement(newest)
        assert found is not None
        exact = with_id(msgspec.structs.replace(found, started=found.started.replace(minute=34)))
        store.save(exact, None, None)
    out = desk.folder / "r.html"
    desk("report", "--out", str(out))
    assert "12:34:00" in text_of(out)
    done = desk("report", "--out", str(out), "--coarse")
    told = text_of(out)

    assert "times tell the hour and no more" in told
    assert re.findall(r"\d\d:(?!00:00)\d\d:\d\d", told) == []
    assert exact.id not in out.read_text(encoding="utf-8"), "it is made from the second"
    assert "--coarse" not in done.stderr


def test_several_of_a_kind_are_any_of_them(desk: Desk) -> None:
    out = desk.folder / "r.html"
    desk("report", "--out", str(out), "--state", "blocked", "--state", "ok")

    assert "only verdict blocked or ok" in text_of(out)
    states = [
        {json.loads(line)["state"] for line in desk("results", "--json", *wish).stdout.splitlines()}
        for wish in (("--state", "blocked", "--state", "ok"), ("--state", "blocked"))
    ]
    assert states == [{"blocked", "ok"}, {"blocked"}]


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


def test_a_page_on_stdout_is_the_page_and_no_file(desk: Desk) -> None:
    done = desk("report", "--out", "-", "--limit", "1")

    assert done.returncode == 0
    assert done.stdout.startswith("<!doctype html>")
    assert done.stdout.endswith("</html>")
    assert done.stderr.splitlines()[0] == "1 measurement in this page"
    assert not Path("-").exists()
    assert desk("report", "--out", "-", "--json").returncode == 2


@pytest.mark.parametrize("command", [("results",), ("report", "--out", "-")])
@pytest.mark.parametrize(
    ("filters", "words"),
    [
        (("--probe", "wbe"), "--probe 'wbe' is not known; did you mean web?"),
        (("--probe", "nope"), "--probe 'nope' is not known; there are content, dns, "),
        (("--technique", "tls.rest"), "'tls.rest' is not known; did you mean tls.reset"),
        (("--technique", "zzz"), "--technique 'zzz' is not known; there are dns, dns.bogon"),
    ],
)
def test_a_name_that_nobody_knows_is_refused_with_those_near_it(
    desk: Desk, command: tuple[str, ...], filters: tuple[str, ...], words: str
) -> None:
    done = desk(*command, *filters)

    assert done.returncode == 2
    assert words in complaint(done)


def test_a_known_name_that_nothing_bears_is_no_mistake(desk: Desk) -> None:
    for known in (("--probe", "dns"), ("--probe", "surroundings"), ("--technique", "dns.bogon")):
        assert desk("results", *known).returncode == 0


USED = re.compile(r"used ([0-9.]+ [kM]?B|\d+ bytes)")


def test_a_report_adds_up_to_what_the_run_used_and_names_all_who_were_asked(
    tmp_path: Path,
) -> None:
    database, shell = tmp_path / "results.sqlite", tmp_path / "shell"
    shell.write_text(
        "#!/bin/sh\n"
        f"heliograph run --yes --db '{database}' https://secure.example/ https://nobody.example/\n",
        encoding="utf-8",
    )
    shell.chmod(0o700)
    env = {**environment(tmp_path), "SHELL": str(shell), "HELIOGRAPH_DB": str(database)}
    ran = heliograph("lab", "shell", "ok-https", env=env)
    total = USED.search(ran.stderr)
    assert total is not None, ran.stderr

    told, parts = report_of(tmp_path, env)
    assert f"Data used {total[1]} (sent" in told
    assert "of it for 1 look at the surroundings" in told
    few, few_parts = report_of(tmp_path, env, "--host", "nobody.example")
    assert few_parts == parts != set(), "what a filter leaves out is no target's"
    assert "of it for 1 look at the surroundings" in few
    with closing(sqlite3.connect(database)) as connection:
        places = connection.execute(
            "select distinct coalesce(resolver, address) from api_v1_steps"
            " where bytes_sent > 0 and (role <> 'remote_control' or pair = 'asked')"
        ).fetchall()
        ((identity,),) = connection.execute(
            "select measurement_id from api_v1_measurements where probe = 'surroundings'"
        ).fetchall()
    assert places
    assert [place for (place,) in places if place not in told] == []
    assert identity in few
    listed = heliograph("results", env=env)
    assert "and 1 look at the surroundings: heliograph results --probe surroundings" in (
        listed.stderr
    )
    assert identity[:18] in heliograph("results", "--probe", "surroundings", env=env).stdout


def report_of(folder: Path, env: dict[str, str], *filters: str) -> tuple[str, set[str]]:
    """The text of a report, and the purposes in it that are the surroundings'."""
    out = folder / "r.html"
    done = heliograph("report", "--out", str(out), *filters, env=env)
    assert done.returncode == 0, done.stderr
    cells = LexborHTMLParser(out.read_text(encoding="utf-8")).css("td")
    purposes = {cell.text() for cell in cells}
    return text_of(out), {text for text in purposes if text.startswith("surroundings: ")}
