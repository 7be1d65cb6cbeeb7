"""The Dockerfile and docker-compose.yml as values, and their images as far as a box needs them."""

import re
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import yaml

from tests.lab.boxes import ROOT, Image, Machine
from tests.postgres_server import program

Service = Mapping[str, Any]
_ENTRYPOINT = Path(__file__).with_name("postgres_entrypoint.sh")


def compose(name: str = "docker-compose.yml") -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / name).read_text(encoding="utf-8")))


def services() -> dict[str, Service]:
    return dict(compose()["services"])


def over(base: Service, more: Service) -> Service:
    """A service of one file with that of the next laid over it, by the rules for merging."""
    merged = {**base, **more}
    merged["volumes"] = [*base.get("volumes", ()), *more.get("volumes", ())]
    merged["healthcheck"] = {**base["healthcheck"], **more.get("healthcheck", {})}
    return merged


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions and what follows each, lines joined, comments left out."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    lines = (line.split(maxsplit=1) for line in text.splitlines() if line.strip())
    return [(first, rest) for first, rest in lines]


def last_stage() -> list[tuple[str, str]]:
    found = instructions()
    begins = max(n for n, (word, _) in enumerate(found) if word == "FROM")
    return found[begins:]


def copied(found: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Source and place of what is copied from the context."""
    for word, rest in found:
        if word == "COPY" and not rest.startswith("--from"):
            *sources, place = rest.split()
            yield from ((source, place) for source in sources)


def heliograph_image() -> Image:
    """What the last stage makes, with the checkout's own interpreter behind its programs."""
    stage = last_stage()
    environment = dict(
        word.split("=", 1) for at, rest in stage if at == "ENV" for word in shlex.split(rest)
    )
    environment["PATH"] = environment["PATH"].replace("$PATH", "/usr/local/bin:/usr/bin:/bin")
    (entrypoint,) = (yaml.safe_load(rest) for at, rest in stage if at == "ENTRYPOINT")
    python = f"PYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)}"
    files = {
        f"{place}{Path(source).name}": (ROOT / source).read_text(encoding="utf-8")
        for source, place in copied(stage)
    }
    files["/opt/heliograph/bin/python"] = f'#!/bin/sh\n{python} "$@"\n'
    files["/opt/heliograph/bin/heliograph"] = f'#!/bin/sh\n{python} -m heliograph "$@"\n'
    return Image("heliograph", files, tuple(entrypoint), environment)


def postgres_image() -> Image:
    """The official image, as far as its documentation says what it does."""
    folder = Path(program("postgres")).parent
    environment = {
        "PATH": f"{folder}:/usr/local/bin:/usr/bin:/bin",
        "PGDATA": "/var/lib/postgresql/data",
        "PGHOST": "/var/run/postgresql",
    }
    files = {"/entrypoint.sh": _ENTRYPOINT.read_text(encoding="utf-8")}
    return Image("postgres", files, ("sh", "/entrypoint.sh"), environment)


def image_of(service: Service) -> Image:
    ours = service["image"].startswith("heliograph:")
    return heliograph_image() if ours else postgres_image()


def in_order(given: Mapping[str, Service]) -> list[str]:
    """The services as depends_on lets them start."""
    return list(
        TopologicalSorter({n: s.get("depends_on", {}) for n, s in given.items()}).static_order()
    )


def is_once(service: Service) -> bool:
    return bool(service["restart"] == "no")


def check(place: Machine, name: str, service: Service) -> str | None:
    """What the health check has to say against a service; None when it is well."""
    kind, *command = service["healthcheck"]["test"]
    assert kind == "CMD"
    done = place.inside(name, *command)
    return None if done.returncode == 0 else f"{done.returncode} {done.stdout}{done.stderr}"


def await_health(place: Machine, name: str, service: Service) -> None:
    """Wait until the health check succeeds; fail with the service's words when it ends before."""
    ends = time.monotonic() + 60
    while (wrong := check(place, name, service)) is not None:
        assert place.running[name].process.poll() is None, place.told(name)
        assert time.monotonic() < ends, f"{wrong}\n{place.told(name)}"
        time.sleep(0.05)
