"""``heliograph doctor`` as a user meets it, against real resolvers and servers on loopback."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from heliograph.cli import checks_net
from heliograph.cli.checks import Found, fine, namespaces
from heliograph.cli.exits import ExitCode, Stop
from heliograph.config import Config, Resolver, load
from heliograph.lab import answers, handshakes, responses
from heliograph.lab.nameserver import Nameserver
from heliograph.lab.origins import Origin, Site
from heliograph.lab.request import Request as Heard
from heliograph.lab.responses import HttpStage
from heliograph.lab.wire import Stream
from tests.lab.net_fixtures import HERE, Bench
from tests.lab.test_commands import Desk, complaint

CONTROL = "control.example"
LINE = "connectivity.example"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def rows(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, object]]:
    """The checks by the first word of their names."""
    assert "Traceback" not in done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(list(r) == ["kind", "name", "ok", "told", "mend"] for r in records)
    assert all((r["mend"] is not None) is (r["ok"] is False) for r in records)
    return {record["name"].split()[0]: record for record in records}


TOKEN = "an-open-sesame"


@dataclass
class Gate:
    """A control's front: whoever has no token, or another one than ours, gets a 401."""

    stage: HttpStage
    token: str | None = None
    heard: list[Heard] = field(default_factory=list)

    async def __call__(self, stream: Stream, request: Heard) -> None:
        self.heard.append(request)
        wanted = None if self.token is None else f"Bearer {self.token}"
        refused = wanted is not None and request.headers.get("authorization") != wanted
        await (responses.page(status=401) if refused else self.stage)(stream, request)


@dataclass(frozen=True)
class Town:
    """A resolver and a control server on loopback."""

    resolver: Nameserver
    control: Origin
    gate: Gate


@asynccontextmanager
async def town(bench: Bench, desk: Desk, *, hours: int = 0) -> AsyncIterator[Town]:
    """Both running, their clocks set off by so much, and the desk's configuration for them."""
    told = datetime.now(UTC) + timedelta(hours=hours)
    date = ("Date", format_datetime(told, usegmt=True))
    page = Gate(responses.page(status=400, headers=[date]))
    # no public address: what looks at the surroundings must not look beyond this host
    zone = {CONTROL: answers.addresses("127.0.0.7")}
    async with (
        Nameserver(zone) as resolver,
        Origin({CONTROL: bench.site(page, CONTROL)}) as control,
    ):
        desk.config.write_text(
            f"""\
[network]
resolver = "udp://{HERE}:{resolver.port}"
trusted_resolvers = ["tcp://{HERE}:{resolver.port}", "udp://{HERE}:9"]
control_names = ["{CONTROL}"]
assume_public = ["198.18.0.0/15"]
ca_file = "{bench.ca_file}"
[control]
urls = ["https://{CONTROL}:{control.port}/v1/control@{HERE}"]
""",
            encoding="utf-8",
        )
        yield Town(resolver, control, page)


async def asked(desk: Desk, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command run while the servers of this process answer."""
    return await asyncio.to_thread(desk, "doctor", *arguments)


async def test_a_host_that_is_ready_gets_exit_code_0(bench: Bench, desk: Desk) -> None:
    async with town(bench, desk) as running:
        done = await asked(desk, "--json")
    found = rows(done)

    assert done.returncode == 0
    for name in ("python", "configuration", "database", "disk", "resolver", "control", "clock"):
        assert found[name]["ok"] is True, found[name]
    assert found["control"]["told"] == f"{HERE} proves to be {CONTROL} and wants no token"
    assert found["connectivity"]["ok"] is None
    assert {n for n in running.resolver.names() if not n.endswith(".com")} == {CONTROL}
    assert found["surroundings"]["ok"] is True, found["surroundings"]
    assert not desk.db.exists(), "looking makes no database"


FIRST = "(as each run does first)"


async def test_every_destination_is_named_before_anything_is_sent(bench: Bench, desk: Desk) -> None:
    async with town(bench, desk) as running:
        done = await asked(desk)
        told = [line for line in done.stderr.splitlines() if line.startswith("contacts ")]
        names = f"asks for {CONTROL}, a name that nobody has"
        assert told == [
            f"contacts udp://{HERE}:{running.resolver.port}: asks for {CONTROL}",
            f"contacts tcp://{HERE}:{running.resolver.port}: asks for {CONTROL}",
            f"contacts udp://{HERE}:9: asks for {CONTROL}",
            f"contacts {HERE} port {running.control.port}: connects, checks the certificate for"
            f" {CONTROL} and asks for the time",
            f"contacts udp://{HERE}:{running.resolver.port}: {names} {FIRST}",
            f"contacts tcp://{HERE}:{running.resolver.port}: {names} {FIRST}",
            f"contacts udp://{HERE}:9: {names} {FIRST}",
            f"contacts the address of {CONTROL}, port 443 or 80: checks its certificate, asks for"
            f" the time {FIRST}",
            f"contacts https://{CONTROL}:{running.control.port}/v1/control: asks it to look at"
            f" https://{CONTROL}/ from there {FIRST}",
        ]
    assert "ok       resolver: " in done.stdout
    assert "problem  trusted resolver udp://127.0.0.1:9: " in done.stdout
    assert "         mend: " in done.stdout


async def test_offline_sends_nothing_and_names_what_it_left_out(bench: Bench, desk: Desk) -> None:
    async with town(bench, desk) as running:
        done = await asked(desk, "--offline", "--json")
    found = rows(done)

    assert done.returncode == 0
    assert (running.resolver.seen, running.control.seen) == ([], [])
    for name in ("resolver", "trusted", "control", "clock", "surroundings"):
        assert (found[name]["ok"], found[name]["told"]) == (None, "not tested: --offline")


async def test_a_wrong_clock_is_told(bench: Bench, desk: Desk) -> None:
    async with town(bench, desk, hours=2):
        done = await asked(desk, "--json")
    clock = rows(done)["clock"]

    assert done.returncode == 78
    assert clock["ok"] is False
    assert " s behind every server" in str(clock["told"])
    assert "timedatectl" in str(clock["mend"])


def test_a_silent_resolver_means_offline(desk: Desk) -> None:
    desk.config.write_text(
        '[network]\nresolver = "udp://127.0.0.1:9"\ntrusted_resolvers = []\n', encoding="utf-8"
    )
    done = desk("doctor", "--json")

    assert done.returncode == 68
    assert "connection refused" in str(rows(done)["resolver"]["told"])
    assert "not ready to measure: resolver" in complaint(done)


@pytest.mark.parametrize(
    ("text", "check", "words"),
    [
        ("[network]\nresolvr = 'x'\n", "configuration", "unknown key network.resolvr"),
        ("[control]\nurls = ['gopher://x']\n", "configuration", "control.urls"),
        ("[network]\nconnectivity_checks = ['ftp://x']\n", "configuration", "no http or https URL"),
        (
            "[network]\nconnectivity_checks = ['http://x.local/']\n",
            *("configuration", "network.connectivity_checks"),
        ),
        ("[control]\nurls = ['http://x.example']\n", "configuration", "is not encrypted"),
        ("[network]\nca_file = 'heliograph.toml'\n", "ca_file", "no certificate"),
        ("[network]\nasn_table = 'heliograph.toml'\n", "asn_table", "the first line must be"),
    ],
)
def test_a_configuration_that_can_not_be_used_ends_with_78(
    desk: Desk, text: str, check: str, words: str
) -> None:
    desk.config.write_text(text, encoding="utf-8")
    done = desk("doctor", "--json", "--offline")
    found = rows(done)

    assert done.returncode == 78
    assert found[check]["ok"] is False
    assert words in str(found[check]["told"])
    assert found["resolver"]["ok"] is None
    assert found["database"]["ok"] is True, "what can be checked is checked all the same"


@pytest.mark.parametrize(
    ("place", "code", "words"),
    [
        ("/proc/heliograph/results.sqlite", 73, "can't be written"),
        ("{folder}/heliograph.toml", 65, "is not a SQLite database"),
        ("postgresql://u:secret@db/x", 65, "refused"),
    ],
)
def test_a_database_that_can_not_be_used_is_named(
    desk: Desk, place: str, code: int, words: str
) -> None:
    done = desk("doctor", "--offline", "--json", "--db", place.format(folder=desk.folder))

    assert done.returncode == code
    assert words in str(rows(done)["database"]["told"])
    assert "secret" not in done.stdout + done.stderr


def test_a_database_that_is_there_is_left_as_it_is(desk: Desk) -> None:
    assert desk("run", "--yes", "site.example").returncode == 0
    before = desk.db.read_bytes()
    done = desk("doctor", "--offline", "--json")

    assert done.returncode == 0
    assert str(rows(done)["database"]["told"]).endswith("has the schema of this version")
    assert desk.db.read_bytes() == before
    beside = {path.name for path in desk.folder.glob("results*")} - {f"{desk.db.name}-lock"}
    assert beside == {desk.db.name}


async def test_a_control_that_can_not_prove_itself_is_told(bench: Bench, desk: Desk) -> None:
    async with town(bench, desk):
        text = desk.config.read_text(encoding="utf-8")
        desk.config.write_text(
            text.replace(f"https://{CONTROL}", "https://other.example"), encoding="utf-8"
        )
        done = await asked(desk, "--json")
    control = rows(done)["control"]

    assert done.returncode == 0, "one can measure without a control"
    assert control["ok"] is False
    assert "does not prove to be other.example" in str(control["told"])


def with_token(desk: Desk, token: str) -> None:
    """A token in the desk's configuration, as its operator writes it."""
    (desk.folder / "token").write_text(f"{token}\n", encoding="utf-8")
    with desk.config.open("a", encoding="utf-8") as file:
        file.write('token_file = "token"\n')


async def test_the_token_is_shown_as_a_run_shows_it(bench: Bench, desk: Desk) -> None:
    async with town(bench, desk) as running:
        running.gate.token = TOKEN
        with_token(desk, TOKEN)
        done = await asked(desk, "--json")
    control = rows(done)["control"]

    assert control["ok"] is True, control
    assert control["told"] == f"{HERE} proves to be {CONTROL} and takes the token"
    assert f"checks the certificate for {CONTROL}, shows the token and asks" in done.stderr
    (request,) = [heard for heard in running.gate.heard if heard.body == b"{}"]
    assert (request.method, request.target) == ("POST", "/v1/control")
    assert request.headers["content-type"] == "application/json"
    assert TOKEN not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("token", "told"),
    [
        ("another", "token refused (401)"),
        (None, "it wants a token, and no control.token_file is set (401)"),
    ],
)
async def test_a_token_that_is_refused_is_told_with_what_mends_it(
    bench: Bench, desk: Desk, token: str | None, told: str
) -> None:
    async with town(bench, desk) as running:
        running.gate.token = TOKEN
        if token is not None:
            with_token(desk, token)
        done = await asked(desk, "--json")
    control = rows(done)["control"]

    assert done.returncode == 0, "one can measure without a control"
    assert (control["ok"], control["told"]) == (False, f"{HERE} proves to be {CONTROL}: {told}")
    assert "ask whoever runs it for its token" in str(control["mend"])


@pytest.mark.parametrize("token", ["", "two\nlines"])
async def test_a_file_that_holds_no_token_is_named_and_nothing_sent(
    bench: Bench, desk: Desk, token: str
) -> None:
    async with town(bench, desk) as running:
        with_token(desk, token)
        config = load(desk.config, {})
        chosen, _ = checks_net.checks(config)
        around = checks_net.surroundings(config, bench.trust)
        (found,) = [
            one
            for one in await checks_net.make(chosen, around)
            if one.row.name.startswith("control ")
        ]

    assert found.code == 78
    assert "holds no token: write one line of ASCII" in found.row.told
    assert running.gate.heard == []


@pytest.mark.parametrize("status", [200, 204, 302, 404, 405, 500])
async def test_who_answers_as_no_control_does_is_told(
    bench: Bench, desk: Desk, status: int
) -> None:
    async with town(bench, desk) as running:
        running.gate.stage = responses.page(status=status)
        config = load(desk.config, {})
        chosen, _ = checks_net.checks(config)
        around = checks_net.surroundings(config, bench.trust)
        found = await checks_net.make(chosen, around)

    (control,) = [one.row for one in found if one.row.name.startswith("control ")]
    assert control.ok is False
    assert f"answers {status}, as no control does" in control.told


async def test_a_control_with_ipv6_alone_or_a_dead_first_address_is_found(
    bench: Bench, tmp_path: Path
) -> None:
    for given, at in ((("::1",), "::1"), (("127.0.0.8", HERE), HERE)):
        page = responses.page(status=400)
        async with (
            Nameserver({CONTROL: answers.addresses(*given)}) as resolver,
            Origin({CONTROL: bench.site(page, CONTROL)}, address=at) as origin,
        ):
            file = tmp_path / "one.toml"
            file.write_text(
                f'[network]\nresolver = "udp://{HERE}:{resolver.port}"\ntrusted_resolvers = []\n'
                f'control_names = []\n[control]\nurls = ["https://{CONTROL}:{origin.port}"]\n',
                encoding="utf-8",
            )
            config = load(file, {})
            chosen, _ = checks_net.checks(config)
            around = checks_net.surroundings(config, bench.trust, rehearsal=frozenset(given))
            (found,) = await checks_net.make(chosen, around)
        assert (found.row.ok, found.row.told) == (
            True,
            f"{at} proves to be {CONTROL} and wants no token",
        )


# A connectivity check goes through the guard, so on loopback it needs the demo's admission.


async def checked(
    bench: Bench, folder: Path, stage: HttpStage, *, host: str = HERE, admitted: bool = True
) -> list[Found]:
    """What the connectivity check of a line with this server says."""
    zone = {LINE: answers.addresses("198.18.0.9")}
    site = Site(handshakes.reset(), stage)
    async with Nameserver(zone) as resolver, Origin({}, site) as origin:
        file = folder / "line.toml"
        file.write_text(
            f'[network]\nresolver = "udp://{HERE}:{resolver.port}"\ntrusted_resolvers = []\n'
            f'control_names = []\nconnectivity_checks = ["http://{host}:{origin.port}/204"]\n',
            encoding="utf-8",
        )
        config = load(file, {})
        chosen, _ = checks_net.checks(config)
        around = checks_net.surroundings(
            config, bench.trust, rehearsal=frozenset({HERE} if admitted else ())
        )
        return await checks_net.make(chosen, around)


async def test_a_line_that_answers_an_empty_204_is_fine(bench: Bench, tmp_path: Path) -> None:
    (found,) = await checked(bench, tmp_path, responses.page(status=204))

    assert (found.row.ok, found.row.told) == (True, "answered an empty 204")


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        (responses.redirect("http://portal.example/"), "answered 302 instead of an empty 204"),
        (responses.page(b"welcome"), "answered 200 instead of an empty 204"),
        (responses.reset(), f"{HERE} did not answer (connection reset)"),
    ],
    ids=["portal", "page", "reset"],
)
async def test_a_line_that_answers_otherwise_is_told(
    bench: Bench, tmp_path: Path, stage: HttpStage, told: str
) -> None:
    (found,) = await checked(bench, tmp_path, stage)

    assert (found.row.ok, found.row.told, found.code) == (False, told, 68)


async def test_a_line_inside_is_never_contacted(bench: Bench, tmp_path: Path) -> None:
    (found,) = await checked(bench, tmp_path, responses.page(status=204), admitted=False)

    assert "x address refused" in found.row.told


async def test_a_line_whose_name_leads_nowhere_public_is_told(bench: Bench, tmp_path: Path) -> None:
    (found,) = await checked(bench, tmp_path, responses.page(status=204), host=LINE)

    assert found.row.told == f"no address of {LINE} is to be had"


async def test_a_check_that_takes_too_long_is_given_up(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks_net, "SECONDS", 0.2)
    (found,) = await checked(bench, tmp_path, responses.silence())

    assert (found.row.ok, found.row.told) == (False, "no answer within 0.2 s")


def test_a_system_that_names_no_resolver_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(config: Config) -> Resolver:
        raise Stop(ExitCode.CONFIGURATION, "no resolver; set network.resolver")

    monkeypatch.setattr(checks_net, "resolver_of", nobody)
    found = checks_net.resolver_or_stop(Config())

    assert found is not None
    assert (found.row.told, found.row.mend) == ("no resolver", "set network.resolver")
    assert found.code == 78


def test_one_server_with_a_wrong_clock_proves_nothing() -> None:
    seen = [fine("a", "", clock_ahead=9000.0), fine("b", "", clock_ahead=-1.0)]

    assert checks_net.clock(seen).row.ok is True
    assert checks_net.clock(seen[:1]).row.ok is False
    assert checks_net.clock([]).row.ok is None


async def test_missing_tools_of_the_lab_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = await namespaces()

    assert "unshare, ip, nsenter not found" in found.row.told
    assert found.code is None
