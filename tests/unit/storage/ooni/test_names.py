"""A test of OONI's is called as there, unless its name is ours or none that a test can have."""

import pytest

from heliograph.model import SURROUNDINGS
from probes import BUILTIN
from storage.ooni.names import OUR_OWN, is_plain, probe_of


@pytest.mark.parametrize("name", ["web_connectivity", "tor", "dnscheck", "vanilla_tor", "a" * 64])
def test_a_name_that_tests_have_stays(name: str) -> None:
    assert probe_of(name) == name


def test_every_probe_of_ours_has_its_name_to_itself() -> None:
    assert {probe.name for probe in BUILTIN} | {SURROUNDINGS} == OUR_OWN
    assert {probe_of(name) for name in OUR_OWN}.isdisjoint(OUR_OWN)
    assert probe_of("web") == "ooni.web"


@pytest.mark.parametrize(
    "name", ["a\x1b[31mEVIL\x1b]0;t\x07", "tor\n", "Tor", "a" * 65, "\u202etor"]
)
def test_what_is_no_name_is_never_shown(name: str) -> None:
    assert not is_plain(name)
    assert probe_of(name) == "unknown"


@pytest.mark.parametrize("name", [None, ""])
def test_a_document_may_name_no_test(name: str | None) -> None:
    assert is_plain(name)
    assert probe_of(name) == "unknown"
