"""What the lab's tests share: one authority, on the disk as an operator would configure it."""

import pytest

from heliograph.lab.authority import Authority
from tests.lab.net_fixtures import Bench


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The door's surroundings with an authority of their own."""
    authority = Authority()
    ca_file = tmp_path_factory.mktemp("bench") / "ca.pem"
    ca_file.write_bytes(authority.bundle)
    return Bench(authority, ca_file)
