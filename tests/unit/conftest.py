"""What every unit test shares: nobody pulls the plug, so nothing waits for a disk."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _no_wait_for_a_disk() -> Iterator[None]:
    """What fsync does shows after a power cut alone; that it is called, tests that watch it see."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)
        yield
