"""What takes minutes is asked for by its name."""

import pytest

from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.lab import run


@pytest.mark.parametrize(("names", "every"), [((), False), (("tls-reset",), True)])
def test_rows_are_named_or_all_are_asked_for_and_never_both(
    names: tuple[str, ...], every: bool
) -> None:
    with pytest.raises(Stop, match="name rows, or --all") as caught:
        run(names, every=every, repeat=1, json=False)

    assert caught.value.code is ExitCode.USAGE
