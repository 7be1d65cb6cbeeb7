"""The commands on events: a list with sources, a plan before the data, an answer after."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from heliograph.cli.events import Wish, examine, listing
from heliograph.cli.exits import ExitCode, Stop

CONGRESS = "cn-2017-party-congress"
NO_DAYS = {"before": None, "after": None, "lead": None}


def wish(
    event: str = CONGRESS, csv: Path | None = None, *, plan: bool = False, targets: str = "@starter"
) -> Wish:
    return Wish(event, csv, targets, NO_DAYS, plan, None, None, True)


def test_events_are_lines_with_their_sources(capfd: pytest.CaptureFixture[str]) -> None:
    listing("cn", "2018-01-01", None, json=True)
    found = [json.loads(line) for line in capfd.readouterr().out.splitlines()]

    assert [one["id"] for one in found] == [
        "cn-2018-police-inspection-draft",
        "cn-2018-weibo-reversal",
    ]
    assert {one["kind"] for one in found} == {"event"}
    assert all(one["sources"][0]["url"] for one in found)


def test_events_of_a_country_there_is_not_are_not_said_to_be_none() -> None:
    with pytest.raises(Stop, match="--country 'China'"):
        listing("China", None, None, json=True)


def test_a_plan_needs_no_data(capfd: pytest.CaptureFixture[str]) -> None:
    examine(wish(plan=True))
    told = json.loads(capfd.readouterr().out)

    assert told["kind"] == "plan"
    assert len(told["plan_sha256"]) == 64
    assert told["plan"]["categories"] == ["ANON", "COMT", "NEWS", "POLR"]


def test_two_lists_are_two_plans_and_each_names_its_targets(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    told = []
    for host in ("one.example", "two.example"):
        file = tmp_path / f"{host}.csv"
        file.write_text(f"url,category_code\nhttps://{host}/,NEWS\n", encoding="utf-8")
        examine(wish(plan=True, targets=str(file)))
        told.append(json.loads(capfd.readouterr().out))

    assert [one["plan"]["listed"] for one in told] == [
        ["https://one.example/"],
        ["https://two.example/"],
    ]
    assert told[0]["plan_sha256"] != told[1]["plan_sha256"]


def test_a_file_that_does_not_reach_the_days_can_not_tell(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "daily.csv"
    file.write_text("time,n_ok,n_blocked,country\n2026-01-01,5,0,CN\n", encoding="utf-8")
    examine(wish(csv=file))
    told = json.loads(capfd.readouterr().out)

    assert (told["kind"], told["answer"], told["reason"]) == (
        "impact",
        "cannot tell",
        "too_few_days",
    )


@pytest.mark.parametrize(("since", "file"), [("June", None), (None, Path("none.toml"))])
def test_what_can_not_be_used_ends_with_a_code(since: str | None, file: Path | None) -> None:
    with pytest.raises(Stop) as caught:
        listing(None, since, file, json=True)

    assert caught.value.code in {ExitCode.USAGE, ExitCode.INPUT_MISSING}


def test_an_event_that_is_not_there_is_2_and_those_that_are_there_are_named() -> None:
    with pytest.raises(Stop, match=CONGRESS) as caught:
        examine(wish("none"))

    assert caught.value.code is ExitCode.USAGE


def test_of_a_file_and_a_database_none_is_passed_over(tmp_path: Path) -> None:
    both = replace(wish(csv=tmp_path / "daily.csv"), db=str(tmp_path / "none.sqlite"))
    with pytest.raises(Stop, match="not both") as caught:
        examine(both)

    assert caught.value.code is ExitCode.USAGE


def test_a_target_that_can_not_be_told_is_printed_with_its_reason_and_its_interval(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = ["time,n_ok,n_blocked,country,asn,target"]
    for day in range(56):
        lines += [
            f"{date(2017, 9, 20) + timedelta(day)},5,{5 * (country == 'CN' and day >= 28)},"
            f"{country},{asn},https://{target}.example/"
            for country in ("CN", "XA", "XB")
            for asn in (1, 2)
            for target in "ab"
        ]
    file = tmp_path / "daily.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    examine(
        replace(
            wish(csv=file),
            targets=None,
            days={**NO_DAYS, "before": 28, "after": 28, "lead": 0},
            json=False,
        )
    )
    told = capfd.readouterr().out

    assert "beside 2 other countries" in told
    assert "https://a.example/  cannot tell (too_few_controls), +50 points, -100 to +100" in told
