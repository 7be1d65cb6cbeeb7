"""Hosts of their own on one machine: network namespaces below an unprivileged user namespace.

Outside: whether that is allowed here, and how the inside is started so that all of it ends with
its parent. Inside: hosts, links, and commands run on a host. Nothing leads out.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_UNSHARE = ("unshare", "-Urnm", "-pf", "--kill-child", "--mount-proc")
_TOOLS = {"unshare": "util-linux", "nsenter": "util-linux", "ip": "iproute2"}
_GATES = (
    ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    ("user/max_user_namespaces", "0", "user.max_user_namespaces=10000"),
)
"""Where systems shut them, what that looks like, and what opens them again."""
_SECONDS = 10
_PR_SET_PDEATHSIG = 1


def obstacle() -> str | None:
    """Why namespaces are not to be had here, with a mend; None when they are."""
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        packages = " ".join(sorted({_TOOLS[tool] for tool in missing}))
        return f"{' and '.join(missing)} not found; install {packages}"
    try:
        tried = subprocess.run(
            [*_UNSHARE, "ip", "link", "add", "one", "type", "veth", "peer", "name", "two"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"unshare can't be run ({error}); install util-linux"
    if tried.returncode == 0:
        return None
    told = " ".join(tried.stderr.split()) or f"exit code {tried.returncode}"
    return f"this system allows no namespaces ({told}); {_mend()}"


def _mend() -> str:
    """What to do where namespaces are refused."""
    for path, shut, command in _GATES:
        with contextlib.suppress(OSError):
            if Path("/proc/sys", path).read_text(encoding="ascii").strip() == shut:
                return f"to allow them: sudo sysctl -w {command}"
    return (
        "allow unprivileged user namespaces; a container needs the right to make them (SYS_ADMIN)"
    )


def enter(module: str, arguments: Sequence[str], alive: int) -> list[str]:
    """The command that runs a module inside; ``alive`` is the read end of a pipe the parent keeps
    open: at its end, and with its parent, the inside ends."""
    return [*_UNSHARE, sys.executable, "-m", module, str(alive), *arguments]


def die_with_parent() -> None:
    """End this process when its parent does; called in a child before it runs a command."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Host:
    """A network namespace with a name; commands run in it see its links and nothing else."""

    def __init__(self, name: str) -> None:
        self.name = name

    def start(
        self,
        command: Sequence[str],
        *,
        environment: dict[str, str] | None = None,
        stdin: int | None = subprocess.DEVNULL,
        stdout: int | None = subprocess.PIPE,
        stderr: int | None = subprocess.PIPE,
    ) -> "subprocess.Popen[bytes]":
        """Run a command on this host; it ends when this process does."""
        return subprocess.Popen(
            self.command(command), env=environment, stdin=stdin, stdout=stdout, stderr=stderr
        )

    def command(self, command: Sequence[str]) -> list[str]:
        """What runs a command on this host."""
        return ["nsenter", f"--net=/run/netns/{self.name}", "--", *command]


class Network:
    """Makes hosts and links; all of it is gone with the process that is first in here."""

    def __init__(self) -> None:
        """All files of the lab are in memory, and seen by nobody outside."""
        run(["mount", "-t", "tmpfs", "lab", "/run"])
        self.files = Path("/run/lab")
        self.files.mkdir()
        tempfile.tempdir = str(self.files)  # keys pass through files on their way into OpenSSL
        Path("/run/netns").mkdir()
        _ip("link set lo up")
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1", encoding="ascii")

    def host(self, name: str, *, silent: bool = False) -> Host:
        """A new host; a ``silent`` one speaks no IPv6 of its own and only carries frames."""
        _ip(f"netns add {name}")
        made = Host(name)
        _ip("link set lo up", name)
        if silent:
            run(made.command(["sh", "-c", _NO_IPV6]))
        return made

    def link(self, one: tuple[str | None, str], other: tuple[str | None, str]) -> None:
        """A cable between two interfaces, each on a host or (None) in the world itself."""
        (here, left), (there, right) = one, other
        _ip(f"link add {left} type veth peer name {right}")
        for host, interface in ((here, left), (there, right)):
            if host is not None:
                _ip(f"link set {interface} netns {host}")
            _ip(f"link set {interface} up", host)

    def addresses(self, host: str | None, interface: str, cidrs: Sequence[str]) -> None:
        """Give an interface addresses, usable at once."""
        lines = [
            f"address add {cidr} dev {interface}" + (" nodad" if ":" in cidr else "")
            for cidr in cidrs
        ]
        _ip("\n".join(lines), host)

    def forget(self, cidrs: Sequence[str]) -> None:
        """Take addresses of the world's own away again."""
        _ip("\n".join(f"address del {cidr} dev lo" for cidr in cidrs))

    def default_route(self, host: str, gateway: str) -> None:
        """Where a host sends what it has no other way for."""
        _ip(f"route add {'::/0' if ':' in gateway else '0.0.0.0/0'} via {gateway}", host)

    def route(self, host: str | None, cidr: str, gateway: str) -> None:
        """The way from a host, or from the world itself, to a network."""
        _ip(f"route add {cidr} via {gateway}", host)

    def no_default_route(self, host: str, gateway: str) -> None:
        """Take that way away again."""
        _ip(f"route del {'::/0' if ':' in gateway else '0.0.0.0/0'} via {gateway}", host)


_NO_IPV6 = "for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $f; done"


def _ip(lines: str, host: str | None = None) -> None:
    """Run iproute2's commands on a host, or in the world itself."""
    inside = ["-n", host] if host is not None else []
    done = subprocess.run(
        ["ip", *inside, "-batch", "-"], input=lines, text=True, capture_output=True, check=False
    )
    if done.returncode != 0:
        raise OSError(f"ip {lines!r}: {done.stderr.strip()}")


def run(command: Sequence[str]) -> None:
    """Run a command to its end. Raises OSError with its words when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")


def end_with(alive: int) -> None:
    """Wait until the parent's end of the pipe is closed, then end everything in here."""
    while os.read(alive, 64):
        continue
    os._exit(0)  # the first process of a namespace can't be killed from within, not even by itself
