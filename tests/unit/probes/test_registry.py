"""Built-in probes and those of other packages, side by side."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from heliograph.fake import FakeNet
from heliograph.model import Target
from heliograph.plugin import Need, Net, Risk
from heliograph.url import parse_target
from probes import BUILTIN
from probes.registry import GROUP, DuplicateProbe, collect, installed


class Stranger:
    """A probe of another package."""

    name = "stranger"
    version = 3
    risk = Risk.UNUSUAL
    needs: frozenset[Need] = frozenset()

    async def measure(self, target: Target, net: Net) -> None:
        await net.resolve(target.host)


class Clashing(Stranger):
    name = "tls"


class Unfinished:
    name = "unfinished"
    version = 1


class Breaking:
    def __init__(self) -> None:
        raise RuntimeError("no licence")


READY = Stranger()


def entry(what: str) -> EntryPoint:
    return EntryPoint(what.lower(), f"{__name__}:{what}", GROUP)


def test_the_built_in_probes_come_with_heliograph() -> None:
    registry = collect(BUILTIN, [])

    assert list(registry.probes) == [probe.name for probe in BUILTIN]
    assert set(registry.origins.values()) == {"heliograph"}
    assert registry.problems == ()


def test_built_in_probes_have_different_names_and_whole_versions() -> None:
    assert len({probe.name for probe in BUILTIN}) == len(BUILTIN)
    assert all(probe.version >= 1 and probe.risk in Risk for probe in BUILTIN)


def test_what_is_installed_holds_the_built_in_ones() -> None:
    assert {probe.name for probe in BUILTIN} <= set(installed().probes)


@pytest.mark.parametrize("what", ["Stranger", "READY"])
async def test_a_class_or_an_object_of_another_package_is_a_probe(what: str) -> None:
    registry = collect(BUILTIN, [entry(what)])
    net = FakeNet()

    await registry.probes["stranger"].measure(parse_target("site.example"), net)

    assert registry.origins["stranger"] == f"{__name__}:{what}"
    assert len(net.steps) == 1


def test_two_probes_of_one_name_are_refused_naming_both_packages() -> None:
    with pytest.raises(DuplicateProbe, match=r"from heliograph and from .*Clash"):
        collect(BUILTIN, [entry("Clashing")])


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("Unfinished", "it has no risk, needs, measure"),
        ("Breaking", "RuntimeError: no licence"),
        ("Missing", "AttributeError: "),
    ],
)
def test_a_probe_that_can_not_be_used_is_left_out_and_named(what: str, why: str) -> None:
    registry = collect(BUILTIN, [entry(what), entry("Stranger")])

    (problem,) = registry.problems
    assert problem.startswith(f"probe {what.lower()!r} of {__name__}:{what} is left out: {why}")
    assert "stranger" in registry.probes


def test_a_plugin_is_known_by_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "stranger-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger-pkg\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\nstranger = {__name__}:READY\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    assert installed().origins["stranger"] == "stranger-pkg"
