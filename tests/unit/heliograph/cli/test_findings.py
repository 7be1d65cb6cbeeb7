"""The command on anybody's file: lines for programs, a table for people, errors with a way out."""

import json
from pathlib import Path

import msgspec
import pytest

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.findings import detect_in, in_number
from heliograph.finding import Finding, FindingType
from tests.unit.analysis.detection.tables import rows


@pytest.fixture
def blocked(tmp_path: Path) -> Path:
    """Four months of one site, blocked from 2026-03-02 to 2026-03-16."""
    file = tmp_path / "daily.csv"
    lines = [
        f"2026-{1 + row.at // 28:02}-{1 + row.at % 28:02},{row.ok},{row.blocked},bad\x1b[31m"
        for row in rows(112, (57, 71, 0.9))
    ]
    file.write_text("time,n_ok,n_blocked,target\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_with_json_there_is_a_line_for_each_finding_and_words_are_elsewhere(
    blocked: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    detect_in(blocked, json=True)
    out, err = capfd.readouterr()

    (line,) = out.splitlines()
    told = json.loads(line)
    assert (told["kind"], told["type"], told["country"]) == ("finding", "blocking", "ZZ")
    assert told["onset"].startswith("2026-03-02")
    assert "1 series, 1" in err
    assert "1 finding" in err


def test_without_it_there_is_a_table_in_which_nothing_hostile_is_left(
    blocked: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    detect_in(blocked, json=False)
    out, _ = capfd.readouterr()

    head = "type onset end where target technique how sure"
    assert " ".join(out.splitlines()[0].split()) == head
    assert "blocking  2026-03-02" in out
    assert "\x1b" not in out


def test_nothing_found_is_said_in_words(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "calm.csv"
    file.write_text("time,n_ok,n_blocked,colour\n2026-01-01,5,0,red\n", encoding="utf-8")
    detect_in(file, json=False)
    out, err = capfd.readouterr()

    assert out == ""
    assert "columns not used: colour" in err
    assert "0 findings" in err


def test_a_file_that_is_not_there_is_66(tmp_path: Path) -> None:
    with pytest.raises(Stop) as caught:
        detect_in(tmp_path / "none.csv", json=True)

    assert caught.value.code is ExitCode.INPUT_MISSING


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"time,n_ok\n", "two are needed"), (b"time,n_ok,n_blocked\n\xff\xfe", "no text in UTF-8")],
)
def test_a_file_that_can_not_be_read_is_65_and_says_why(
    tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "odd.csv"
    file.write_bytes(content)
    with pytest.raises(Stop, match=said) as caught:
        detect_in(file, json=True)

    assert caught.value.code is ExitCode.BAD_INPUT


def test_findings_are_counted_in_one_way_and_a_silence_is_one_of_them(
    blocked: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    detect_in(blocked, json=True)
    (one,) = capfd.readouterr().out.splitlines()
    blocking = msgspec.json.decode(one, type=Finding)
    silence = msgspec.structs.replace(blocking, type=FindingType.SILENCE)

    assert in_number([]) == "0 findings"
    assert in_number([blocking]) == "1 finding"
    assert in_number([blocking, blocking, silence]) == "3 findings (1 of silence)"


@pytest.mark.parametrize(
    ("code", "is_one"), [("UK", False), ("EU", False), ("gb", True), ("XA", True)]
)
def test_a_code_that_is_no_countrys_is_not_counted_as_another_country(
    tmp_path: Path, code: str, is_one: bool
) -> None:
    file = tmp_path / "daily.csv"
    file.write_text(f"time,country,n_ok,n_blocked\n2026-01-01,{code},5,0\n", encoding="utf-8")
    if is_one:
        detect_in(file, json=True)
        return
    with pytest.raises(Stop, match=f"country {code} is no code of ISO 3166-1") as caught:
        detect_in(file, json=True)
    assert caught.value.code is ExitCode.BAD_INPUT
