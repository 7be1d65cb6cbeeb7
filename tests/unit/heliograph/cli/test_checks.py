"""What a check of this host says, and whether there is anything to mend."""

import pytest

from heliograph.cli import checks


@pytest.mark.parametrize(
    ("routed", "words"),
    [(True, "has a route to the IPv6 internet"), (False, "targets are measured over IPv4")],
)
def test_a_host_without_ipv6_has_nothing_to_mend(
    routed: bool, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "has_route", lambda _: routed)
    row = checks.ipv6().row

    assert (row.ok, row.mend) == (True, None)
    assert words in row.told
