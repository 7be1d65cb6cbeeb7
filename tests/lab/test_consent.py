"""Consent as a volunteer meets it: read, asked, recorded, shown, extended, withdrawn."""

import hashlib
import json
import os
import sqlite3
from pathlib import Path

import pytest

from heliograph.cli.consent_text import text_for
from heliograph.risk import risk_of
from tests.lab.test_plugin_package import PACKAGE
from tests.lab.volunteer import RIGHT, Home

AGREED = ("", *RIGHT, "I agree")
RUN = ("run", "site.example")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def consents(home: Home) -> list[dict[str, object]]:
    done = home("consent", "show", "--json")
    assert done.returncode == 0
    return [json.loads(line) for line in done.stdout.splitlines()]


def change(home: Home, statement: str) -> None:
    with sqlite3.connect(home.db) as connection:
        connection.execute(statement)


def drop_younger_tables(home: Home) -> None:
    """Those that the first schema did not have."""
    first = {"measurements", "steps", "verdicts", "runs", "run_items", "consents", "settings"}
    with sqlite3.connect(home.db) as connection:
        there = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    for name in {name for (name,) in there} - first - {"alembic_version"}:
        change(home, f"DROP TABLE {name}")


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]


def test_agreeing_at_a_terminal_records_all_of_it_and_is_asked_once(home: Home) -> None:
    code, screen = home.typing(*AGREED, command=RUN)

    assert code == 0
    assert screen.index("Risk in IN: MEDIUM") < screen.index("What is run")
    (given,) = consents(home)
    shown = text_for(("ordinary",), risk_of("IN"))
    assert given["standing"] == "in force"
    assert given["how"] == "typed at a terminal"
    assert given["text_sha256"] == hashlib.sha256(shown.encode()).hexdigest()
    assert (given["language"], given["classes"], given["categories"]) == ("en", ["ordinary"], [])
    assert str(given["expires"])[:4] == str(int(str(given["recorded"])[:4]) + 1)
    assert all(line in screen for line in shown.splitlines())
    assert home(*RUN).returncode == 0, "and the next run needs no terminal"


@pytest.mark.parametrize(
    ("typed", "because"),
    [
        (("", *RIGHT, "no"), "did not agree"),
        (("", *RIGHT, "yes"), "did not type the words"),
        (("", *RIGHT, ""), "pressed Enter"),
        (("", "q"), "left the quiz"),
        ((), "ended the input"),
    ],
)
def test_whoever_does_not_agree_leaves_no_trace(
    home: Home, typed: tuple[str, ...], because: str
) -> None:
    code, screen = home.typing(*typed, command=RUN)

    assert code == 77, because
    assert "no consent given; nothing was sent" in screen
    assert not home.data.exists()


def test_enter_answers_nothing_and_wrong_answers_are_explained(home: Home) -> None:
    typed = ("", "", "a", "b", "b", "c", "c", "a", "I agree")
    code, screen = home.typing(*typed, command=RUN)

    assert code == 0
    assert screen.count("Right.") == 3
    assert "Please type one of a, b, c." in screen
    assert "Nothing is hidden" in screen
    assert "The request is seen before it is blocked" in screen
    assert "This version sends no result to anybody" in screen


def test_where_it_is_dangerous_a_sentence_is_asked_before_anything_else(tmp_path: Path) -> None:
    home = Home(tmp_path, country="IR")
    code, screen = home.typing("y", command=RUN)
    assert code == 77
    assert "Risk in IR: HIGH" in screen
    assert "stays on this computer" in screen
    assert "What is run" not in screen

    code, _ = home.typing("I know this can be dangerous", *AGREED, command=RUN)
    assert code == 0


def not_told_where(home: Home) -> None:
    text = home.config.read_text(encoding="utf-8")
    home.config.write_text(text.replace('country = "IN"\n', ""), encoding="utf-8")


def test_where_the_country_is_not_known_it_says_so_and_what_to_write_where(home: Home) -> None:
    not_told_where(home)
    code, screen = home.typing("y", command=RUN)

    assert code == 77
    assert "Risk here: UNKNOWN, to be read as HIGH" in screen
    assert "We do not know which country this is" in screen
    assert "stays on this computer" in screen
    assert f"write under [vantage] in {home.config} this line" in screen
    assert '  country = "XX"' in screen
    assert "What is run" not in screen
    said = home("run", "--yes", "site.example")
    assert (said.returncode, "Risk here: UNKNOWN" in said.stderr) == (0, True)
    assert str(home.config) in said.stderr
    assert str(home.config) in home("consent", "text").stdout


def test_the_file_that_is_named_is_the_one_that_is_read(home: Home) -> None:
    """Without any file: the one to make, and that it then is read."""
    usual = home.folder / "config" / "heliograph" / "config.toml"
    assert not usual.exists()
    del home.settings["HELIOGRAPH_CONFIG"]
    assert f"in {usual} this line" in home("consent", "text").stdout

    usual.parent.mkdir(parents=True)
    usual.write_text('[vantage]\ncountry = "IR"\n')
    assert "Risk in IR: HIGH" in home("consent", "text").stdout


@pytest.mark.parametrize(
    "interrupted", [(), ("",), ("", "b"), ("", *RIGHT)], ids=["kinds", "first", "second", "words"]
)
def test_ctrl_c_in_the_talk_says_that_nothing_was_sent(
    home: Home, interrupted: tuple[str, ...]
) -> None:
    code, screen = home.typing(*interrupted, "\x03", command=RUN)

    assert code == 130
    assert last_line(screen) == "heliograph: interrupted; nothing was sent"
    assert not home.data.exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("I agree", 0),
        ("i AGREE", 0),
        ("'I agree'", 77),
        ("I agree.", 77),
        ("I  agree", 77),
        ("I agree not", 77),
    ],
)
def test_the_words_count_and_capitals_do_not_as_the_prompt_says(
    home: Home, words: str, code: int
) -> None:
    ended, screen = home.typing("", *RIGHT, words, command=RUN)

    assert ended == code
    assert "Type  I agree  (capitals or not) to go on, anything else to leave: " in screen


def test_yes_asks_nothing_even_at_a_terminal_and_opts_into_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path, country="IR")
    code, screen = home.typing(command=("run", "--yes", "--targets", str(home.list)))

    assert code == 0
    assert "Risk in IR: HIGH" in screen
    (given,) = consents(home)
    assert (given["how"], given["categories"]) == ("acknowledged by --yes", [])


def test_without_a_terminal_there_is_one_line_and_no_run(home: Home) -> None:
    done = home(*RUN)

    assert done.returncode == 77
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "no consent is recorded" in done.stderr


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE consents SET expires = '2020-01-01T00:00:00Z'", "consent expired on 2020-01-01"),
        ("UPDATE consents SET text_sha256 = 'aa'", "the text has changed since you agreed"),
        ("UPDATE consents SET expires = NULL", "consent was given to an older version"),
        ("DELETE FROM consents", "no consent is recorded"),
    ],
)
def test_it_is_asked_again_with_the_reason(home: Home, statement: str, words: str) -> None:
    home("run", "--yes", "site.example")
    change(home, statement)

    done = home(*RUN)
    assert (done.returncode, words in last_line(done.stderr)) == (77, True)
    code, screen = home.typing(*AGREED, command=RUN)
    assert code == 0
    assert f"Why you are asked: {words}" in screen
    assert home(*RUN).returncode == 0


def test_a_probe_of_another_risk_class_is_asked_for(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(PACKAGE)]))
    home.typing("GMB", *RIGHT, "I agree", command=RUN)
    unusual = (*RUN, "--probe", "greeting")

    done = home(*unusual)
    assert done.returncode == 77
    assert "you have not agreed to unusual probes yet" in last_line(done.stderr)
    assert home(*unusual, "--yes").returncode == 0
    last = consents(home)[-1]
    assert (last["classes"], last["categories"]) == (["ordinary", "unusual"], ["GMB"])
    assert home(*RUN).returncode == 0, "and the ordinary ones are still agreed to"


def test_sensitive_kinds_of_a_list_are_skipped_by_name(home: Home) -> None:
    done = home("run", "--yes", "--json", "--targets", str(home.list))

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    outcomes = {line["target"]: line["outcome"] for line in lines[:-1]}
    assert done.returncode == 0
    assert outcomes == {"https://bet.example/": "skipped", "https://news.example/": "measured"}
    assert "GMB (gambling)" in lines[0]["reason"]
    assert (lines[-1]["measured"], lines[-1]["skipped"]) == (1, 1)
    assert "skipped, since these kinds of sites are off: 1 gambling" in done.stderr


def test_what_is_named_on_the_command_line_is_not_filtered(home: Home) -> None:
    done = home("run", "--yes", "--json", "bet.example", "--targets", str(home.list))

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["outcome"] for line in lines[:-1]] == ["measured", "measured"]


def test_a_dry_run_shows_what_a_run_would_do_about_them(home: Home) -> None:
    wish = ("run", "--dry-run", "--json", "--targets", str(home.list))

    def planned() -> set[str]:
        lines = [json.loads(line) for line in home(*wish).stdout.splitlines()]
        return {line["when"] for line in lines if line["target"] == "https://bet.example/"}

    assert planned() == {"never"}
    home.typing("gmb", *RIGHT, "I agree", command=RUN)
    assert "always" in planned()


def test_kinds_are_switched_on_when_asked_or_later(home: Home) -> None:
    home.typing("strange", "", *RIGHT, "I agree", command=RUN)
    wish = ("run", "--targets", str(home.list))

    code, screen = home.typing("", command=wish)
    assert (code, "kinds of sites that are off" in screen) == (0, True)
    code, screen = home.typing("gmb", command=wish)
    assert (code, "Switched on: gambling." in screen) == (0, True)
    assert [given["categories"] for given in consents(home)] == [[], ["GMB"]]
    assert [given["standing"] for given in consents(home)] == [
        "replaced by a later one",
        "in force",
    ]
    done = home(*wish, "--json", "--fresh")
    assert json.loads(done.stdout.splitlines()[-1])["skipped"] == 0


def test_withdrawing_makes_the_next_run_ask(home: Home) -> None:
    assert "no consent to withdraw" in home("consent", "withdraw").stderr
    assert not home.data.exists()
    home("run", "--yes", "site.example")

    done = home("consent", "withdraw")
    assert done.returncode == 0
    assert "The next run asks again" in done.stderr
    again = home(*RUN)
    assert (again.returncode, "consent was withdrawn on" in again.stderr) == (77, True)
    assert json.loads(home("consent", "withdraw", "--json").stdout)["consents"] == 0
    assert "withdrawn" in home("consent", "show").stdout


def test_texts_are_printed_with_their_hashes(home: Home) -> None:
    lines = [json.loads(line) for line in home("consent", "text", "--json").stdout.splitlines()]
    words = home("consent", "text").stdout

    assert [len(line["classes"]) for line in lines] == [1, 2, 2, 3]
    for line in lines:
        assert line["sha256"] == hashlib.sha256(line["text"].encode()).hexdigest()
        assert line["sha256"] in words
    assert words.startswith(lines[0]["text"])
    added = words.removeprefix(lines[0]["text"])
    for name in ("unusual", "privileged"):
        assert f"Added only for a run with {name} probes:" in added
    assert "Raw packets" in added


def test_another_country_is_told_as_the_reason_and_changed_words_are_not(home: Home) -> None:
    home("run", "--yes", "site.example")
    text = home.config.read_text(encoding="utf-8")
    home.config.write_text(text.replace('"IN"', '"NL"'), encoding="utf-8")

    reason = "another country is set: you agreed to the text for IN, not for NL"
    assert [given["standing"] for given in consents(home)] == [reason]
    assert reason in last_line(home(*RUN).stderr)


def test_where_the_risk_is_high_what_rulers_punish_is_skipped_until_it_is_switched_on(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path, country="IR")
    wish = ("run", "--json", "--targets", str(home.list))
    done = home(*wish, "--yes")
    outcomes = [json.loads(line)["outcome"] for line in done.stdout.splitlines()[:-1]]
    assert outcomes == ["skipped", "skipped"]
    assert "1 gambling, 1 news" in done.stderr

    code, screen = home.typing("news", command=(*wish, "--fresh"))
    assert (code, "Switched on: news." in screen) == (0, True)
    assert consents(home)[-1]["categories"] == ["NEWS"]


def test_a_run_brings_an_older_database_along(home: Home) -> None:
    home("run", "--yes", "site.example")
    change(home, "DROP VIEW api_v1_verdicts")
    for name in ("expires", "classes", "categories", "withdrawn"):
        change(home, f"ALTER TABLE consents DROP COLUMN {name}")
    drop_younger_tables(home)
    change(home, "UPDATE alembic_version SET version_num = '0001'")

    assert home("results").returncode == 65
    done = home(*RUN)
    assert done.returncode == 77
    assert "consent was given to an older version" in done.stderr
    assert home("run", "--yes", "site.example").returncode == 0
    assert [given["how"] for given in consents(home)] == ["acknowledged by --yes"] * 2
