"""docker-compose.yml without an engine: every service started for real, as the file declares it."""

import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from heliograph.lab.authority import Authority
from tests.lab.boxes import ROOT, Machine, machine
from tests.lab.compose_fixtures import (
    await_health,
    check,
    compose,
    image_of,
    in_order,
    is_once,
    over,
    services,
)

SERVICES = services()
STAYING = [name for name, service in SERVICES.items() if not is_once(service)]
ONCE = [name for name, service in SERVICES.items() if is_once(service)]
_ASK = """
import http.client, pathlib, sys
c = http.client.HTTPConnection("127.0.0.1", 8443, timeout=5)
token = pathlib.Path("/run/secrets/control/token").read_text() if sys.argv[1] == "token" else "no"
head = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
c.request("POST", "/v1/control", b"{}", head)
print(c.getresponse().status)
"""
_WRITE = """
for place in / /etc /usr /opt /run /tmp /var /var/run/postgresql /var/lib/postgresql/data \\
    /run/secrets/* "$0"; do
  if touch "$place/x" 2>/dev/null; then echo "$place"; rm "$place/x"; fi
done
grep -E "^(CapEff|NoNewPrivs):" /proc/self/status
"""


WRITABLE: dict[str, set[str]] = {
    "secrets": {f"/run/secrets/{name}" for name in ("superuser", "owner", "control")},
    "postgres": {"/tmp", "/var/run/postgresql", "/var/lib/postgresql/data"},
    "migrate": set(),
    "nightly": set(),
    "control": set(),
}


def run(place: Machine, name: str) -> subprocess.CompletedProcess[str]:
    return place.run(SERVICES[name], image_of(SERVICES[name]))


def secrets_of(place: Machine) -> dict[str, tuple[str, str, int]]:
    """Each secret, its mode and when it was written."""
    files = (place.folder / "volumes").glob("*-secret/*")
    return {
        f"{file.parent.name}/{file.name}": (
            file.read_text(encoding="ascii"),
            stat.filemode(file.stat().st_mode),
            file.stat().st_mtime_ns,
        )
        for file in files
    }


def psql(place: Machine, statement: str, database: str = "heliograph") -> str:
    done = place.inside("postgres", "psql", "-XAtqU", "postgres", "-d", database, "-c", statement)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """All of it up, each service started when what it depends on is as it wants it."""
    with machine(tmp_path_factory.mktemp("compose")) as made:
        for name in in_order(SERVICES):
            service = SERVICES[name]
            if is_once(service):
                done = run(made, name)
                assert done.returncode == 0, f"{name}: {done.stderr}"
            else:
                made.start(name, service, image_of(service))
                await_health(made, name, service)
        yield made


def test_secrets_are_made_once_and_for_their_owner_alone(place: Machine) -> None:
    before = secrets_of(place)
    again = run(place, "secrets")

    assert again.returncode == 0, again.stderr
    assert again.stdout == ""
    assert secrets_of(place) == before
    assert set(before) == {
        "superuser-secret/password",
        "owner-secret/password",
        "control-secret/token",
    }
    assert {mode for _, mode, _ in before.values()} == {"-r--------"}
    assert len({text for text, _, _ in before.values()}) == 3
    assert all(re.fullmatch(r"[0-9a-f]{48}", text) for text, _, _ in before.values())


def test_a_secret_that_is_missing_is_made_beside_those_that_are_there(tmp_path: Path) -> None:
    with machine(tmp_path) as fresh:
        (fresh.volume("control-secret") / "token").write_text("mine", encoding="ascii")
        done = run(fresh, "secrets")

        assert done.returncode == 0, done.stderr
        assert secrets_of(fresh)["control-secret/token"][0] == "mine"
        assert len(secrets_of(fresh)) == 3


def test_the_database_has_its_schema_and_a_second_migration_changes_nothing(place: Machine) -> None:
    count = "SELECT string_agg(oid::text, ',' ORDER BY oid) FROM pg_class WHERE relkind = 'r'"
    before = psql(place, count)
    again = run(place, "migrate")

    assert again.returncode == 0, again.stderr
    assert psql(place, count) == before
    assert psql(place, "SELECT count(*) FROM api_v1_measurements") == "0"


def test_the_owner_owns_the_tables_and_nothing_else(place: Machine) -> None:
    rights = "rolcanlogin, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication"
    roles = psql(
        place, f"SELECT rolname, {rights} FROM pg_roles WHERE rolname LIKE 'helio%' ORDER BY 1"
    )
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"

    assert roles == "heliograph|t|f\nheliograph_reader|f|f"
    assert psql(place, owners) == "heliograph"
    assert "heliograph_reader" in psql(
        place, "SELECT relacl FROM pg_class WHERE relname = 'api_v1_measurements'"
    )


def test_another_password_opens_nothing_until_the_roles_are_told(place: Machine) -> None:
    owner = place.volume("owner-secret") / "password"
    kept = owner.read_text(encoding="ascii")
    owner.unlink()
    assert run(place, "secrets").stdout == "made /run/secrets/owner/password\n"
    assert owner.read_text(encoding="ascii") != kept

    refused = run(place, "migrate")
    told = place.inside(
        "postgres", "psql", "-XU", "postgres", "-f", "/docker-entrypoint-initdb.d/roles.sql"
    )

    assert refused.returncode != 0
    assert "password" in refused.stderr
    assert told.returncode == 0, told.stderr
    assert run(place, "migrate").returncode == 0


def test_what_was_backed_up_is_back_when_it_is_restored(place: Machine) -> None:
    dumped = place.inside(
        *("postgres", "pg_dump", "-U", "postgres", "--format=custom", "--file=/tmp/dump"),
        "heliograph",
    )
    psql(place, "DROP VIEW api_v1_verdicts CASCADE")
    restored = place.inside(
        *("postgres", "pg_restore", "-U", "postgres", "--dbname=postgres", "--create", "--clean"),
        *("--if-exists", "--exit-on-error", "/tmp/dump"),
    )
    owner = "SELECT viewowner FROM pg_views WHERE viewname = 'api_v1_verdicts'"
    access = "SELECT datacl FROM pg_database WHERE datname = 'heliograph'"

    assert dumped.returncode == 0, dumped.stderr
    assert restored.returncode == 0, restored.stderr
    assert psql(place, owner) == "heliograph"
    assert psql(place, access) == "{heliograph=CTc/heliograph,heliograph_reader=c/heliograph}"
    assert run(place, "migrate").returncode == 0


def test_a_night_is_made_at_the_start(place: Machine) -> None:
    assert psql(place, "SELECT state FROM api_v1_freshness") == "done"


def test_the_control_serves_who_has_the_token(place: Machine) -> None:
    without = place.inside("control", "python", "-c", _ASK, "nothing")
    known = place.inside("control", "python", "-c", _ASK, "token")

    assert without.stdout == "401\n", without.stderr
    assert known.stdout == "400\n", "it read the request, and found no URL in it"
    assert "serves everybody" not in place.told("control")


@pytest.mark.parametrize("name", STAYING)
def test_a_health_check_tells_the_well_from_the_dead(place: Machine, name: str) -> None:
    service = SERVICES[name]
    assert check(place, name, service) is None

    test = service["healthcheck"]["test"]
    nobody = [word.replace(":8443", ":8444").replace(":5432", ":5433") for word in test]
    nobody += ["--port=5433"] * (name == "postgres")
    assert check(place, name, {"healthcheck": {"test": nobody}}) is not None


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_writes_where_the_file_says_and_nowhere_else(place: Machine, name: str) -> None:
    service = SERVICES[name]
    probe = {**service, "entrypoint": ["sh", "-c", _WRITE, str(ROOT)], "command": []}
    words = place.run(probe, image_of(service)).stdout.split("\n")

    assert {word for word in words if word.startswith("/")} == WRITABLE[name]
    assert {"CapEff:\t0000000000000000", "NoNewPrivs:\t1"} <= set(words)


def test_with_a_certificate_the_control_speaks_tls(tmp_path: Path) -> None:
    more = compose("deploy/tls.yml")["services"]["control"]
    control = over(SERVICES["control"], more)
    tls = tmp_path / "tls"
    tls.mkdir()
    chain, key = Authority().files("control.example")
    (tls / "chain.pem").write_bytes(chain)
    (tls / "key.pem").write_bytes(key)
    with machine(tmp_path, {"./tls": tls}) as made:
        assert run(made, "secrets").returncode == 0
        made.start("control", control, image_of(control))
        await_health(made, "control", control)

        assert check(made, "control", SERVICES["control"]) is not None, "it spoke in the clear"
        assert "control listening on https://[::]:8443/v1/control" in made.told("control")
