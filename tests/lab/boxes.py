"""Services of a compose file, run without an engine as their containers would be.

Each has a root of its own that can't be written, the mounts that the file declares at their
places, the user 999 without any right, and a network that has nothing but loopback.
"""

import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
UID = 999
_HOSTS = "127.0.0.1 localhost postgres\n"
_DEVICES = ("null", "zero", "urandom")
_IN_THE_MACHINE = ("unshare", "-Urn", "sh", "-c", "ip link set lo up && echo up && exec sleep 1000")


@dataclass(frozen=True)
class Image:
    """What an image brings: files by their place, the entrypoint, and the environment."""

    user: str
    files: Mapping[str, str]
    entrypoint: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Running:
    """A service that was started, and the environment of whatever is run beside it."""

    process: "subprocess.Popen[str]"
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Machine:
    """A host with volumes; ``files`` stand for what an operator put beside the compose file."""

    folder: Path
    pid: int
    files: Mapping[str, Path] = field(default_factory=dict)
    running: "dict[str, Running]" = field(default_factory=dict)

    def volume(self, name: str) -> Path:
        """The folder of a named volume, made when missing, as the image's folder is."""
        made = self.folder / "volumes" / name
        made.mkdir(mode=0o700, parents=True, exist_ok=True)
        return made

    def run(self, service: Mapping[str, Any], image: Image) -> subprocess.CompletedProcess[str]:
        """A service that ends."""
        return subprocess.run(
            self._words(service, image), capture_output=True, text=True, check=False, timeout=60
        )

    def start(self, name: str, service: Mapping[str, Any], image: Image) -> None:
        """A service that stays; it ends with the machine."""
        with (self.folder / f"{name}.log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                self._words(service, image), stdout=log, stderr=log, text=True
            )
        self.running[name] = Running(process, _environment(service, image))

    def inside(self, name: str, *command: str) -> subprocess.CompletedProcess[str]:
        """A command in the root of a service that runs, as its health check is run."""
        beside = self.running[name]
        enter = ("nsenter", "--target", str(beside.process.pid), "--mount")
        words = (*self._enter(), *enter, *_as_nobody(beside.environment), *command)
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)

    def told(self, name: str) -> str:
        """What a service wrote so far."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")

    def _enter(self) -> tuple[str, ...]:
        return ("nsenter", "-t", str(self.pid), "-U", "--preserve-credentials", "-n")

    def _words(self, service: Mapping[str, Any], image: Image) -> list[str]:
        entrypoint = service.get("entrypoint", image.entrypoint)
        script = "\n".join(self._mounts(service, image))
        nobody = _as_nobody(_environment(service, image))
        within = [*nobody, *entrypoint, *service.get("command", ())]
        script += f"\nexec {shlex.join(within)}"
        return [*self._enter(), "unshare", "--mount", "sh", "-ec", script]

    def _mounts(self, service: Mapping[str, Any], image: Image) -> Iterator[str]:
        """Shell lines that make the root and go there."""
        root = self.folder / "root"
        root.mkdir(exist_ok=True)
        yield f"mount -t tmpfs -o mode=755 box {root}; cd {root}; mkdir -p etc dev/shm proc"
        yield "for each in bin lib lib64 sbin; do ln -s usr/$each $each; done"
        for folder in dict.fromkeys(("/usr", sys.base_prefix, sys.prefix, str(ROOT))):
            yield _bound(folder, folder, read_only=True)
        for name in _DEVICES:
            yield _bound(f"/dev/{name}", f"/dev/{name}", read_only=False)
        yield "mount --rbind /proc proc; mount -t tmpfs shm dev/shm"
        yield _written("/etc/passwd", f"{image.user}:x:{UID}:{UID}::/nonexistent:/bin/sh\n")
        yield _written("/etc/hosts", _HOSTS)
        yield _written("/etc/resolv.conf", "nameserver 127.0.0.1\n")
        for place, text in image.files.items():
            yield _written(place, text)
        for each in service.get("tmpfs", ()):
            place, _, options = each.partition(":")
            mode = [o for o in options.split(",") if o.startswith("mode=")]  # uid: ours already
            yield f"mkdir -p .{place}; mount -t tmpfs -o {','.join(['size=64m', *mode])} t .{place}"
        for each in service.get("volumes", ()):
            source, place, *options = each.split(":")
            yield _bound(str(self._source(source)), place, read_only=options == ["ro"])
        if service.get("read_only"):
            yield f"mount -o remount,ro {root}"
        yield "pivot_root . .; umount -l .; cd /"

    def _source(self, source: str) -> Path:
        if source in self.files:
            return self.files[source]
        return ROOT / source if source.startswith("./") else self.volume(source)


@contextmanager
def machine(folder: Path, files: Mapping[str, Path] | None = None) -> Iterator[Machine]:
    """A machine whose services end when it is left."""
    holder = subprocess.Popen(_IN_THE_MACHINE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "up\n"
    made = Machine(folder, holder.pid, files or {})
    try:
        yield made
    finally:
        for each in reversed(made.running.values()):
            each.process.terminate()
            each.process.wait(30)
        holder.kill()
        holder.wait()
        holder.stdout.close()


def _environment(service: Mapping[str, Any], image: Image) -> dict[str, str]:
    told: Mapping[str, str] = service.get("environment", {})
    return {"HOME": "/nonexistent", **image.environment, **told}


def _as_nobody(environment: Mapping[str, str]) -> tuple[str, ...]:
    """No root, no capability, and none to be had."""
    user = ("unshare", "--user", f"--map-user={UID}", f"--map-group={UID}")
    bare = ("setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--", "env", "-i")
    return (*user, *bare, *(f"{name}={value}" for name, value in environment.items()))


def _bound(source: str, place: str, *, read_only: bool) -> str:
    make = "mkdir -p" if Path(source).is_dir() else "install -D /dev/null"
    bind = (
        f"{make} .{shlex.quote(place)}; mount --rbind {shlex.quote(source)} .{shlex.quote(place)}"
    )
    return bind + (f"; mount -o remount,bind,ro .{shlex.quote(place)}" if read_only else "")


def _written(place: str, text: str) -> str:
    quoted = shlex.quote(f".{place}")
    return f"install -D -m 755 /dev/null {quoted}; printf %s {shlex.quote(text)} > {quoted}"
