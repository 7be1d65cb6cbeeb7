"""The trace probe as a volunteer runs it, behind five routers: what it leaves on record."""

import re
from pathlib import Path

import pytest

from heliograph.detail import SweepDetail, read
from heliograph.lab.chain import FAR
from heliograph.lab.rehearsal import rehearse
from heliograph.lab.rows import named
from heliograph.model import Measurement, StepKind
from probes.trace import RawTraceProbe, TraceProbe
from storage.store import Store
from tests.lab.lab_fixtures import environment, heliograph

ROWS = ("trace-reset-on-path", "trace-raw-on-path")
OWN_SIDE = re.compile(r"198\.18\.(3|4|6)\.\d+")
"""Routers of the vantage's own network, and the first one beyond."""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("trace") / "results.sqlite"
    scores = rehearse(named(ROWS), 1, str(file), lambda _: None)
    assert [score.wrong for score in scores] == [()] * len(ROWS)
    return file


@pytest.fixture(scope="module")
def looks(database: Path) -> list[Measurement]:
    with Store.open_to_read(str(database)) as store:
        rows = [row for row in store.rows() if row.probe.startswith("trace")]
        found = [store.measurement(row.measurement_id) for row in rows]
    return [look for look in found if look is not None]


def test_no_router_near_the_volunteer_is_on_record(looks: list[Measurement]) -> None:
    assert len(looks) == len(ROWS)
    for look in looks:
        texts = [step.detail for step in look.steps if step.kind is StepKind.HOP_PROBE]

        assert not [text for text in texts if FAR in text or OWN_SIDE.search(text)]
        assert any("198.18.7.2" in text for text in texts), "farther ones are"


def test_without_rights_nothing_is_captured_and_with_them_it_is(looks: list[Measurement]) -> None:
    for look in looks:
        sweeps = [read(s, SweepDetail) for s in look.steps if s.kind is StepKind.HOP_PROBE]

        assert any(sweep.captured for sweep in sweeps) is (look.probe == "trace-raw")


def test_a_look_stays_within_what_it_says_it_costs(looks: list[Measurement]) -> None:
    from heliograph.config import NetworkConfig

    for look in looks:
        probe = RawTraceProbe() if look.probe == "trace-raw" else TraceProbe()
        cost = probe.cost(look.target, NetworkConfig())
        sweeps = [read(s, SweepDetail) for s in look.steps if s.kind is StepKind.HOP_PROBE]
        over_tcp = sum(len(s.trials) for s in sweeps if s.said in {"tls", "http"})
        in_datagrams = sum(len(s.trials) for s in sweeps if s.said not in {"tls", "http"})

        assert over_tcp <= cost.connections
        assert in_datagrams < cost.queries
        assert sum(s.bytes_sent + s.bytes_received for s in look.steps) < cost.bytes
        assert look.seconds < cost.seconds


def test_show_draws_the_hops(database: Path, looks: list[Measurement], tmp_path: Path) -> None:
    identity = next(look.id for look in looks if look.target.host == "watched.example")
    done = heliograph("show", identity, "--db", str(database), env=environment(tmp_path))
    hops = [line for line in done.stdout.splitlines() if line.strip().startswith(". hop ")]

    assert done.returncode == 0, done.stderr
    assert len(hops) == 6
    assert "inside the vantage's network" in hops[0]
    assert hops[2].rstrip().endswith("<- here")
    assert "the server" in hops[5]
