"""The lab's namespaces: none is left behind, nothing gets out, and a refusal is told plainly."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from heliograph.lab import netns
from heliograph.lab.netns import enter, obstacle

CHILD = "tests.lab.netns_child"
_GONE_WITHIN = 5.0

# A parent that starts the inside as the lab's commands do, tells its process, and waits.
PARENT = f"""
import os, subprocess, sys
from heliograph.lab.netns import die_with_parent, enter
alive, ours = os.pipe()
preexec = die_with_parent if sys.argv[1] == "both" else None
inside = subprocess.Popen(enter({CHILD!r}, [sys.argv[2]], alive), pass_fds=(alive,),
                          stdin=subprocess.DEVNULL, preexec_fn=preexec)
os.close(alive)
sys.exit(inside.wait())
"""


@pytest.fixture(autouse=True, scope="module")
def _allowed() -> None:
    problem = obstacle()
    assert problem is None, f"these tests need namespaces: {problem}"


# What is there: processes with this test's mark, namespaces, mounts, files


def _processes(mark: str) -> set[int]:
    found = set()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (place / "cmdline").read_bytes():
                found.add(int(place.name))
        except OSError:
            continue
    return found - {os.getpid()}


def _namespaces(processes: set[int]) -> set[str]:
    """Network, mount, process and user namespaces other than our own."""
    found = set()
    for process in processes:
        if _is_dead(process):
            continue
        for kind in ("net", "mnt", "pid_for_children", "user"):
            try:
                found.add(os.readlink(f"/proc/{process}/ns/{kind}"))
            except OSError:
                continue
    return found - {os.readlink(f"/proc/self/ns/{k}") for k in ("net", "mnt", "pid", "user")}


def _is_dead(process: int) -> bool:
    """An orphan that ended stays in the list until the machine's first process looks at it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] in "ZX"
    except OSError:
        return True


def _everywhere() -> set[str]:
    return _namespaces({int(place.name) for place in Path("/proc").glob("[0-9]*")})


def _outside() -> dict[str, object]:
    """All of this machine that a lab must leave as it was."""
    return {
        "mounts": Path("/proc/self/mounts").read_text(),
        "links": sorted(os.listdir("/sys/class/net")),
        "run": sorted(os.listdir("/run")),
        "netns": sorted(os.listdir("/run/netns")) if Path("/run/netns").is_dir() else [],
    }


@contextmanager
def _lab(mark: str, how: str = "both") -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, how, mark], stdout=subprocess.PIPE, process_group=0
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def _ready(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"


def _gone(mark: str, namespaces: set[str]) -> str:
    """What is still there after a while; empty when nothing is."""
    end = time.monotonic() + _GONE_WITHIN
    while True:
        left = _processes(mark), namespaces & _everywhere()
        if not any(left):
            return ""
        if time.monotonic() > end:
            return f"processes {left[0]}, namespaces {left[1]}"
        time.sleep(0.02)


@pytest.fixture
def mark(request: pytest.FixtureRequest) -> str:
    return f"lab-{os.getpid()}-{abs(hash(request.node.name))}"


def test_a_killed_parent_leaves_nothing_behind(mark: str) -> None:
    before = _outside()
    with _lab(mark) as process:
        _ready(process)
        made = _namespaces(_processes(mark))
        assert len(_processes(mark)) >= 3, "parent, unshare, inside, and its sleeper"
        assert len(made) >= 4
        process.kill()
        process.wait()

        assert _gone(mark, made) == ""
    assert _outside() == before


def test_the_end_of_the_pipe_alone_is_enough(mark: str) -> None:
    """Where no signal comes when a parent dies, the inside still sees its pipe close."""
    with _lab(mark, "pipe") as process:
        _ready(process)
        made = _namespaces(_processes(mark))
        process.kill()
        process.wait()

        assert _gone(mark, made) == ""


@pytest.mark.parametrize("moment", [0.0, 0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3])
def test_a_parent_killed_at_any_moment_leaves_nothing_behind(mark: str, moment: float) -> None:
    before, namespaces = _outside(), _everywhere()
    with _lab(mark) as process:
        time.sleep(moment)
        process.kill()
        process.wait()

        assert _gone(mark, _everywhere() - namespaces - _others(mark)) == ""
    assert _outside() == before


def _others(mark: str) -> set[str]:
    """Namespaces of somebody else's processes, who may be at work on this machine too."""
    strangers = {int(p.name) for p in Path("/proc").glob("[0-9]*")} - _processes(mark)
    return _namespaces(strangers)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_parent_asked_to_end_leaves_nothing_behind(mark: str, sent: signal.Signals) -> None:
    with _lab(mark) as process:
        _ready(process)
        made = _namespaces(_processes(mark))
        process.send_signal(sent)
        process.wait()

        assert _gone(mark, made) == ""


def test_an_inside_that_ends_leaves_nothing_behind(mark: str) -> None:
    before = _outside()
    with _lab(mark) as process:
        _ready(process)
        made = _namespaces(_processes(mark))
        _inside_of(mark).send_signal()
        process.wait()

        assert _gone(mark, made) == ""
    assert _outside() == before


class _Inside:
    def __init__(self, process: int) -> None:
        self._process = process

    def send_signal(self) -> None:
        os.kill(self._process, signal.SIGKILL)


def _inside_of(mark: str) -> _Inside:
    for process in _processes(mark):
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        if words[0] == sys.executable.encode() and CHILD.encode() in words:
            return _Inside(process)
    raise AssertionError("there is no inside")


# Nothing gets out


def test_nothing_is_put_on_an_interface_outside(mark: str) -> None:
    """A machine of our own around the lab, with a way out; no packet takes it."""
    script = """
        set -e
        ip link add out0 type veth peer name out1
        ip link set out0 addrgenmode none; ip link set out1 addrgenmode none
        ip link set lo up; ip link set out1 up; ip link set out0 up
        ip address add 192.0.2.1/24 dev out0; ip -6 address add 2001:db8::1/64 dev out0 nodad
        ip route add default via 192.0.2.254; ip -6 route add default via 2001:db8::ff
        sleep 1.5
        cat /proc/net/dev
        echo ==
        "$0" -c "$1" both "$2"
        echo ==
        cat /proc/net/dev
    """
    done = subprocess.run(
        [*netns._UNSHARE, "sh", "-c", script, sys.executable, PARENT, f"{mark}-busy"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    before, inside, after = done.stdout.split("==")
    assert json.loads(inside.replace("up\n", "")) == {"vantage": "served", "island": "errno 101"}
    assert before.splitlines() == after.lstrip("\n").splitlines()
    assert "out0" in before
    assert "lo" in before


def test_a_packet_outside_would_have_been_counted() -> None:
    """The same count sees one that is sent: to itself, in a namespace of its own."""
    script = """
        ip link set lo up; grep lo: /proc/net/dev; echo ==
        python3 -c 'import socket; socket.socket(2, 2).sendto(b"x", ("127.0.0.1", 9))'
        grep lo: /proc/net/dev
    """
    done = subprocess.run(
        ["unshare", "-Urn", "sh", "-c", script], capture_output=True, text=True, check=True
    )

    before, after = done.stdout.split("==")
    assert before.split() != after.split()


# Where namespaces are forbidden


def _with_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    tool = tmp_path / "unshare"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


def test_a_refusal_is_told_in_a_sentence_with_a_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(netns, "_GATES", ())
    refusal = "echo 'unshare: unshare failed: Operation not permitted' >&2; exit 1"
    _with_tool(tmp_path, monkeypatch, refusal)

    told = obstacle()

    assert told is not None
    assert "Operation not permitted" in told
    assert "allow unprivileged user namespaces" in told
    assert "\n" not in told


def test_the_mend_is_the_setting_that_shuts_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut = tmp_path / "shut"
    shut.write_text("0\n")
    monkeypatch.setattr(netns, "_GATES", ((str(shut), "0", "user.gate=1"),))
    _with_tool(tmp_path, monkeypatch, "exit 1")

    told = obstacle()

    assert told is not None
    assert told.endswith("to allow them: sudo sysctl -w user.gate=1")


def test_a_tool_that_hangs_is_no_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netns, "_SECONDS", 0.2)
    _with_tool(tmp_path, monkeypatch, "exec sleep 5")

    told = obstacle()

    assert told is not None
    assert "timed out" in told


def test_missing_tools_are_named_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    told = obstacle()

    assert told is not None
    assert "unshare and nsenter and ip not found" in told
    assert "install iproute2 util-linux" in told


def test_namespaces_and_links_are_made_without_any_privilege() -> None:
    """What the lab does first, by nobody; where this test is root, it becomes that."""
    nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    nobody += ["--inh-caps=-all", "--bounding-set=-all"]
    script = "mount -t tmpfs lab /run && mkdir /run/netns && ip netns add a && ip link add one"
    script += " netns a type veth peer name two && nsenter --net=/run/netns/a ip link set one up"
    done = subprocess.run(
        [*(nobody if os.geteuid() == 0 else []), *netns._UNSHARE, "sh", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )

    assert done.returncode == 0, done.stderr


def test_the_command_runs_this_python() -> None:
    assert enter("some.module", ["word"], 7)[-5:] == [
        sys.executable, "-m", "some.module", "7", "word",
    ]  # fmt: skip
