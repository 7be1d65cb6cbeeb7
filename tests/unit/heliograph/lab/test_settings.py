"""The lab's configuration files are such as the product reads, and as its reference describes."""

from pathlib import Path

import pytest

from heliograph.config import Config, load
from heliograph.lab.scene import CONTROL, INNOCUOUS, ISP_RESOLVER, NETWORKS, NO_RESOLVER
from heliograph.lab.settings import control_settings, vantage_settings

ROOT = Path(__file__).parents[4]


def read(folder: Path, text: str) -> Config:
    for name in ("ca.pem", "asn.csv", "control.token"):
        (folder / name).write_text("a word", encoding="utf-8")
    file = folder / "lab.toml"
    file.write_text(text, encoding="utf-8")
    return load(file, {})


def test_a_volunteers_settings(tmp_path: Path) -> None:
    found = read(tmp_path, vantage_settings(CONTROL))

    assert (found.vantage.country, found.vantage.asn) == ("XA", 64500)
    assert found.network.resolver is not None
    assert found.network.resolver.host == ISP_RESOLVER
    assert {each.scheme for each in found.network.trusted_resolvers} == {"https", "tls", "udp"}
    assert found.network.control_names == INNOCUOUS
    assert found.network.injection_probe_addresses == (NO_RESOLVER,)


def test_the_vantage_is_in_the_network_it_says_it_is_in() -> None:
    assert NETWORKS["198.18.1.0/24"] == (64500, "XA", "Example ISP")


def test_files_are_looked_for_beside_the_settings(tmp_path: Path) -> None:
    found = read(tmp_path, vantage_settings(CONTROL))

    assert found.network.ca_file == tmp_path / "ca.pem"
    assert found.network.asn_table == tmp_path / "asn.csv"
    assert found.control.token_file == tmp_path / "control.token"


@pytest.mark.parametrize("parallel", [None, 7])
def test_how_many_looks_at_once(tmp_path: Path, parallel: int | None) -> None:
    found = read(tmp_path, vantage_settings(CONTROL, parallel))

    assert found.limits.parallel == (parallel or Config().limits.parallel)


def test_the_control_asks_another_resolver_and_shares_the_token(tmp_path: Path) -> None:
    control, vantage = (
        read(tmp_path, text) for text in (control_settings(), vantage_settings(CONTROL))
    )

    assert control.network.resolver != vantage.network.resolver
    assert control.vantage.country != vantage.vantage.country
    assert control.control.token_file == vantage.control.token_file


@pytest.mark.parametrize("text", [vantage_settings(CONTROL, 7), control_settings()])
def test_every_setting_is_in_the_reference(text: str) -> None:
    reference = (ROOT / "docs" / "reference" / "config.md").read_text(encoding="utf-8")
    keys = {line.partition(" = ")[0] for line in text.splitlines() if " = " in line}

    assert [key for key in sorted(keys) if key not in reference] == []
