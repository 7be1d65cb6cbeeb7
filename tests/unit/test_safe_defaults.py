"""The sixteen safe defaults: each has its test, here or elsewhere, or says why it comes later."""

import re
from importlib.metadata import distribution
from pathlib import Path

import pytest

from heliograph.cli import compose
from heliograph.cli.pause import Pause, in_force
from heliograph.config import Config
from heliograph.limits import LimitsConfig
from heliograph.plugin import Reply, Risk
from probes import BUILTIN
from probes.net.exchange import BROWSER_HEADERS
from tests.unit.probes.web_net import NAME, Net, fetched, opened

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guide" / "safety.md").read_text(encoding="utf-8")
ITEMS = {
    int(number): text
    for number, text in re.findall(r"^(\d+)\. (.*?)(?=^\d+\. |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}
CITED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
TELLING = ("censor", "probe", "measur", "block", "vpn", "monitor", "heliograph", "python")
KEBIBYTE = 1024


def cited(item: str) -> list[tuple[str, str]]:
    return CITED.findall(item)


# The page


def test_the_page_has_all_sixteen_in_their_order() -> None:
    assert list(ITEMS) == list(range(1, 17))


@pytest.mark.parametrize("number", range(1, 17))
def test_each_names_its_tests_or_says_why_it_comes_later(number: int) -> None:
    item = ITEMS[number]
    reason = item.partition("Later: ")[2]

    assert cited(item) or reason
    assert ("Shown by: " in item) is bool(cited(item))
    if "Later: " in item:
        assert len(reason.split()) >= 8, "a plain reason, not a word"


@pytest.mark.parametrize(("file", "test"), cited(PAGE))
def test_a_test_that_is_named_is_there(file: str, test: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")

    assert re.search(rf"^(async )?def {test}\(", source, re.MULTILINE)


# What is in force and has no test elsewhere


def test_results_go_to_nobody() -> None:
    config = Config()

    assert config.collector.urls == ()
    assert config.control.urls == ()


def test_probes_that_come_along_need_no_rights_but_one_and_say_what_is_unusual() -> None:
    unlike = {probe.name for probe in BUILTIN if probe.risk is not Risk.ORDINARY}
    privileged = {probe.name for probe in BUILTIN if probe.needs}

    assert privileged == {"trace-raw"}
    assert privileged == {probe.name for probe in BUILTIN if probe.risk is Risk.PRIVILEGED}
    assert not unlike & {"web", "dns", "tcp", "tls", "http", "content"}


RICH = b"""<html><head><link rel=stylesheet href=/a.css><script src=/b.js></script>
<meta http-equiv=refresh content='0;url=/c'></head><body><img src=/d.png><iframe src=/e></iframe>
<form method=post action=/f><input name=g></form></body></html>"""


async def test_of_a_page_nothing_but_the_page_is_fetched() -> None:
    net = Net()
    net.site(NAME, "198.18.0.1")
    html = (("Content-Type", "text/html"),)
    net.serves(
        "198.18.0.1", f"https://{NAME}/", Reply(failure=None, status=200, headers=html, body=RICH)
    )

    await opened(net)

    assert fetched(net) == [(1, f"https://{NAME}/")]


def test_a_run_has_a_budget_and_a_page_a_cap() -> None:
    limits = LimitsConfig()

    assert 0 < limits.run_megabytes <= 500
    assert 0 < limits.body_bytes <= 256 * KEBIBYTE
    assert not limits.on_metered


def test_looks_start_with_random_gaps() -> None:
    gap = compose._gaps(LimitsConfig().jitter_seconds)

    assert len({gap() for _ in range(20)}) == 20
    assert LimitsConfig().per_address_connections <= 2
    assert LimitsConfig().per_address_rate <= 2


@pytest.mark.parametrize(
    "text", [b"", b"until resumed\n", b"until 2999-01-01T00:00:00Z\n", b"until", b"\xff\x00" * 999]
)
def test_whatever_lies_in_the_file_it_pauses(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "x.sqlite-paused").write_bytes(text)

    for location in (f"{tmp_path}/x.sqlite", f"sqlite:///{tmp_path}/x.sqlite"):
        assert in_force(location) is not None
    assert in_force(f"{tmp_path}/other.sqlite") is None
    assert in_force(":memory:") is None


def test_what_can_not_be_read_pauses_and_what_is_over_does_not(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite-paused"
    file.mkdir()
    found = in_force(f"{tmp_path}/x.sqlite")
    assert found is not None
    assert found == Pause(None)
    assert f"to end that: heliograph resume --db {tmp_path}/x.sqlite" in found.words

    file.rmdir()
    file.write_text("until 2020-01-01T00:00:00Z\n", encoding="ascii")
    assert in_force(f"{tmp_path}/x.sqlite") is None


def test_no_name_of_ours_says_what_it_is_for() -> None:
    commands = [
        e.name for e in distribution("heliograph").entry_points if e.group.endswith("scripts")
    ]
    headers = " ".join(value for _, value in BROWSER_HEADERS).lower()

    assert commands == ["heliograph"]
    assert [word for word in TELLING if word in headers] == []
