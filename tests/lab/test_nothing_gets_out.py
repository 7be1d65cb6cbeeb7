"""A rehearsal inside a machine with a way out: not one packet takes it, and not one file stays."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from heliograph.lab.netns import obstacle
from tests.lab.lab_fixtures import COMMAND, environment, heliograph

# A throw-away network namespace around the command. Its way out is a dummy interface, or where
# the kernel has none one end of a cable whose other end nobody listens at.
MACHINE = """
set -e
ip link add out0 type dummy 2>/dev/null || ip link add out0 type veth peer name out1
for each in $(ip -o link show | grep -o 'out[01]' | sort -u); do
  ip link set "$each" addrgenmode none
  ip link set "$each" up
done
ip link set lo up
ip address add 198.51.100.2/24 dev out0
ip route add default via 198.51.100.1
sleep 0.5
cat /proc/net/dev > "$1"
shift
after=$1
shift
code=0
"$@" || code=$?
cat /proc/net/dev > "$after"
exit $code
"""


@pytest.fixture(autouse=True, scope="module")
def _allowed() -> None:
    problem = obstacle()
    assert problem is None, f"these tests need namespaces: {problem}"


def on_the_machine(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """The command there; what each interface counted lies in two files."""
    return subprocess.run(
        ["unshare", "-Urn", "sh", "-c", MACHINE, "machine",
         str(folder / "before"), str(folder / "after"), *command],
        env=environment(folder), capture_output=True, text=True, check=False, timeout=90,
    )  # fmt: skip


def packets(counted: Path) -> dict[str, tuple[int, int]]:
    """Received and sent by each interface."""
    found = {}
    for line in counted.read_text(encoding="ascii").splitlines():
        name, mark, numbers = line.partition(":")
        if mark:
            fields = [int(field) for field in numbers.split()]
            found[name.strip()] = (fields[1], fields[9])
    return found


def test_no_packet_is_put_on_any_interface_outside(tmp_path: Path) -> None:
    done = on_the_machine(tmp_path, *COMMAND, "lab", "run", "tls-reset")

    assert done.returncode == 0, done.stderr
    assert "1/1" in done.stdout
    before, after = packets(tmp_path / "before"), packets(tmp_path / "after")
    assert {"lo", "out0"} <= set(after)
    assert after == before
    assert after["out0"] == (0, 0)


def test_a_packet_that_did_get_out_would_be_counted(tmp_path: Path) -> None:
    """As the test above, with a command that sends one: into the throw-away namespace alone."""
    leak = "import socket; socket.socket(2, 2).sendto(b'x', ('198.51.100.1', 9))"
    done = on_the_machine(tmp_path, COMMAND[0], "-c", leak)

    assert done.returncode == 0, done.stderr
    before, after = packets(tmp_path / "before"), packets(tmp_path / "after")
    assert after["out0"] > before["out0"]


def entries(place: Path) -> Iterator[str]:
    yield from sorted(entry.name for entry in place.iterdir()) if place.is_dir() else ()


def test_no_file_is_ever_made_outside_not_even_for_a_moment(tmp_path: Path) -> None:
    """Private keys pass through files on their way into OpenSSL: in the lab's own memory."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    changed, netns = temporary.stat().st_mtime_ns, [*entries(Path("/run/netns"))]
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    env = {**environment(tmp_path), "TMPDIR": str(temporary)}

    done = heliograph("lab", "run", "tls-reset", env=env)

    assert done.returncode == 0, done.stderr
    assert temporary.stat().st_mtime_ns == changed
    assert [*entries(Path("/run/netns"))] == netns
    assert not Path("/run/lab").exists()
    lab = re.compile(r"/run/netns/(vantage|island|control|path\w)|tmpfs lab ")
    after = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    assert lab.findall(after) == lab.findall(mounts) == []
