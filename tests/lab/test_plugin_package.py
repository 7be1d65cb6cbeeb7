"""A probe of another package is found, listed and run; a broken one beside it stops nobody."""

import json
import os
import subprocess
import sys
from pathlib import Path

from heliograph.failure import Failure
from heliograph.fake import FakeNet
from heliograph.url import parse_target

PACKAGE = Path(__file__).parents[1] / "plugin_package"


def heliograph(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command with the third-party package on its path."""
    return subprocess.run(
        [sys.executable, "-m", "heliograph", *arguments],
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_third_party_probe_is_listed_and_a_broken_one_named() -> None:
    done = heliograph("probes", "--json")

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    origins = {row["name"]: row["origin"] for row in rows}
    assert done.returncode == 0
    assert origins["greeting"] == "heliograph-greeting"
    assert origins["dns"] == "heliograph"
    assert "broken" not in origins
    assert "probe 'broken' of heliograph-greeting is left out: AttributeError" in done.stderr


def test_a_third_party_probe_runs_through_the_command(tmp_path: Path) -> None:
    config = tmp_path / "heliograph.toml"
    config.write_text(
        '[network]\nresolver = "udp://127.0.0.1:9"\ntrusted_resolvers = []\ncontrol_names = []\n',
        encoding="utf-8",
    )
    done = heliograph(
        *("run", "--yes", "--json", "--probe", "greeting", "site.example"),
        *("--config", str(config), "--db", str(tmp_path / "x.sqlite")),
    )

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert [line["kind"] for line in lines] == ["verdict", "summary"]
    assert lines[0]["probe"] == "greeting"
    assert lines[0]["state"] == "inconclusive"


async def test_a_probe_author_tests_with_the_fake_net() -> None:
    from tests.plugin_package.heliograph_greeting import PROBE

    net = FakeNet()
    net.answers("site.example", "192.0.2.1")
    net.accepts("192.0.2.1", 443, failure=Failure.CONNECTION_REFUSED)

    await PROBE.measure(parse_target("site.example"), net)

    assert [step.failure for step in net.steps] == [None, Failure.CONNECTION_REFUSED]
