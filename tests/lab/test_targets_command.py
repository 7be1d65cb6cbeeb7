"""The ``targets`` commands as a user meets them, and lists as ``run`` takes them."""

import json
from pathlib import Path

import pytest

from tests.lab.test_commands import Desk, complaint

HEADER = "url,category_code,category_description,date_added,source,notes\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def written(desk: Desk, text: str) -> str:
    file = desk.folder / "list.csv"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_list_tells_kind_url_and_why(desk: Desk) -> None:
    name = written(desk, HEADER + "a.example,COMM,,,,=1+1 \x1b[31m\nb.example,ANON,,,,\n")
    done = desk("targets", "list", name)
    rows = [
        json.loads(line) for line in desk("targets", "list", name, "--json").stdout.split("\n")[:-1]
    ]

    assert done.returncode == 0
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["shops", "and", "trade", "https://a.example/", "=1+1", "\\x1b[31m"],
        ["off", "ways", "around", "censorship", "https://b.example/"],
    ]
    assert rows[0]["why"] == "=1+1 \x1b[31m"
    assert [(r["kind"], r["url"], r["category"], r["sensitive"], r["off"]) for r in rows] == [
        ("target", "https://a.example/", "COMM", False, False),
        ("target", "https://b.example/", "ANON", True, True),
    ]
    assert "kinds of sites that a run skips here until you switch them on" in done.stderr


@pytest.mark.parametrize(("country", "off"), [("NL", False), ("IN", False), ("IR", True)])
def test_what_rulers_punish_is_off_where_the_risk_is_high(
    desk: Desk, country: str, off: bool
) -> None:
    text = desk.config.read_text(encoding="utf-8")
    desk.config.write_text(text.replace("XA", country), encoding="utf-8")
    name = written(desk, HEADER + "a.example,NEWS,,,,\nb.example,POLR,,,,\n")
    (listed, _), (dry, _) = (
        [json.loads(line) for line in desk(*words).stdout.splitlines()][:2]
        for words in (
            ("targets", "list", name, "--json"),
            ("run", "--dry-run", "--json", "--probe", "dns", "--targets", name),
        )
    )

    assert (listed["off"], listed["sensitive"]) == (off, False)
    assert (dry["when"] == "never") is off


def test_a_plain_list_says_why_no_kind_is_found_in_it(desk: Desk) -> None:
    (desk.folder / "plain.txt").write_text("a.example\n", encoding="utf-8")
    done = desk("targets", "list", str(desk.folder / "plain.txt"), "--category", "NEWS")

    assert (done.returncode, done.stdout) == (0, "")
    assert "a plain list names no categories" in complaint(done)


def test_list_can_show_some_kinds_only(desk: Desk) -> None:
    done = desk("targets", "list", "@starter", "--category", "ctrl", "--category", "SRCH", "--json")
    codes = {json.loads(line)["category"] for line in done.stdout.splitlines()}

    assert codes == {"CTRL", "SRCH"}
    wrong = desk("targets", "list", "@starter", "--category", "NEWZ")
    assert wrong.returncode == 2
    assert "--category 'NEWZ' is not one of ALDR (alcohol and drugs)" in complaint(wrong)


def test_list_prints_the_good_lines_and_says_that_there_are_bad_ones(desk: Desk) -> None:
    done = desk("targets", "list", "-", stdin="a.example\nftp://x.example/\n")

    assert done.returncode == 65
    assert "https://a.example/" in done.stdout
    assert "1 bad line left out; 'heliograph targets validate -' names them" in complaint(done)


def test_validate_names_every_bad_line_with_place_problem_and_mend(desk: Desk) -> None:
    name = written(
        desk,
        HEADER + "https://ann:secret@a.example/,NEWS,,,,\nb.example,NEWS,,,,\nb.example,NEWS,,,,\n"
        "c.example,ZZZ,,,,\nfile:///etc/passwd,NEWS,,,,\n",
    )
    done = desk("targets", "validate", name)
    records = [
        json.loads(line) for line in desk("targets", "validate", name, "--json").stdout.splitlines()
    ]

    assert done.returncode == 65
    assert [line.partition(": ")[0] for line in done.stdout.splitlines()] == [
        f"{name}:2",
        f"{name}:5",
        f"{name}:6",
    ]
    assert f"{name}: 1 good, 3 bad, 1 repeated" in done.stderr
    assert "secret" not in done.stdout + done.stderr
    assert [(r["kind"], r.get("line"), r.get("mend", "")[:20]) for r in records] == [
        ("bad_line", 2, "leave it out"),
        ("bad_line", 5, "use one of ALDR, ANO"),
        ("bad_line", 6, "use an http or https"),
        ("summary", None, ""),
    ]
    assert (records[-1]["good"], records[-1]["bad"], records[-1]["repeated"]) == (1, 3, 1)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("a.example\n", 0, "1 good, 0 bad, 0 repeated"),
        ("# nothing\n", 65, "holds no target; write one URL a line"),
        ("url,notes\na.example,x\n", 65, "can't be used"),
    ],
)
def test_validate_answers_for_the_whole_list(desk: Desk, text: str, code: int, words: str) -> None:
    done = desk("targets", "validate", written(desk, text))

    assert done.returncode == code
    assert words in complaint(done)


def test_a_table_that_can_not_be_used_is_named_with_its_line(desk: Desk) -> None:
    name = written(desk, "url,notes\na.example,x\n")
    (record,) = [
        json.loads(line) for line in desk("targets", "validate", name, "--json").stdout.splitlines()
    ]

    assert record["place"] == f"{name}:1"
    assert record["problem"] == "the first line has no column category_code"
    assert record["mend"].startswith("it must be like url,category_code")
    for command in (("run", "--dry-run", "--targets", name), ("targets", "list", name)):
        done = desk(*command)
        assert done.returncode == 65
        assert f"{name}:1: the first line has no column category_code" in complaint(done)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none.txt", "none.txt: No such file or directory; check the path"),
        ("@nothing", "there is no target pack @nothing; there are: @starter"),
        ("@../packs/starter", "there is no target pack"),
        (".", "check the path"),
    ],
)
def test_a_list_that_is_not_there_is_named(desk: Desk, name: str, words: str) -> None:
    for command in (("targets", "validate", name), ("run", "--dry-run", "--targets", name)):
        done = desk(*command)
        assert done.returncode == 66
        assert words in complaint(done)


def test_packs_counts_what_ships(desk: Desk) -> None:
    (row,) = [json.loads(line) for line in desk("targets", "packs", "--json").stdout.splitlines()]

    assert (row["kind"], row["name"]) == ("pack", "@starter")
    assert row["targets"] == sum(row["categories"].values())
    assert row["sensitive"] >= row["categories"]["ANON"] > 0
    shown = desk("targets", "packs").stdout
    assert f"@starter  {row['targets']} targets" in shown
    assert "human rights (HUMR)" in shown


def test_run_takes_a_pack(desk: Desk) -> None:
    done = desk("run", "--dry-run", "--json", "--targets", "@starter", "--probe", "tls")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    targets = {row["target"] for row in rows if row["probe"] != "surroundings"}

    assert done.returncode == 0
    assert len(targets) == json.loads(desk("targets", "packs", "--json").stdout)["targets"]


def test_run_takes_a_table_and_keeps_each_bad_row_as_skipped(desk: Desk) -> None:
    name = written(desk, HEADER + "a.example,COMM,,,,\nb.example,ZZZ,,,,\na.example,COMM,,,,\n")
    done = desk("run", "--yes", "--json", "--probe", "dns", "--targets", name)
    rows = [json.loads(line) for line in done.stdout.splitlines()][:-1]

    assert done.returncode == 65
    assert [(row["outcome"], row["target"]) for row in rows] == [
        ("skipped", "b.example"),
        ("measured", "https://a.example/"),
    ]
    assert rows[0]["reason"].startswith(f"{name}:3: category_code 'ZZZ' is not known")
