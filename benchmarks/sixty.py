"""Sixty looks in a process of their own, at servers in another; prints peak memory as JSON."""

import asyncio
import json
import multiprocessing
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from analysis.rules import RULESET_VERSION
from heliograph.cli.compose import assemble
from heliograph.config import load
from heliograph.lab import answers, handshakes, responses
from heliograph.lab.authority import Authority
from heliograph.lab.nameserver import Nameserver
from heliograph.lab.origins import Origin, Site
from heliograph.url import parse_target
from probes.registry import installed
from scheduler.looks import Finished, Look
from storage.store import Store

TARGETS = 60
PAGE = b"<title>A page</title>" + b"<p>Some text that fills a page of ordinary size.</p>" * 800


def main() -> None:
    """Start the servers, look at them, print what it took."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        servers = context.Process(target=serve, args=(theirs, folder), daemon=True)
        servers.start()
        resolver, port = ours.recv()
        print(json.dumps(asyncio.run(look(Path(folder), resolver, port))))
        ours.send("done")
        servers.join(10)


def serve(pipe: Connection, folder: str) -> None:
    """One origin with sixty names, and a resolver that knows them; until told to stop."""
    asyncio.run(_serve(pipe, Path(folder)))


async def _serve(pipe: Connection, folder: Path) -> None:
    authority = Authority()
    (folder / "ca.pem").write_bytes(authority.bundle)
    names = [f"site{number}.example" for number in range(TARGETS)]
    shake = handshakes.serve(authority.context(*names))
    sites = {name: Site(shake, responses.page(PAGE)) for name in names}
    zone = {name: answers.addresses("127.72.0.1") for name in names}
    async with (
        Origin(sites, address="127.72.0.1") as origin,
        Nameserver(zone, address="127.72.0.53") as resolver,
    ):
        pipe.send((resolver.port, origin.port))
        await asyncio.to_thread(pipe.recv)


async def look(folder: Path, resolver: int, port: int) -> dict[str, float]:
    """All sixty through runner and store."""
    file = folder / "heliograph.toml"
    file.write_text(
        f'[network]\nresolver = "udp://127.72.0.53:{resolver}"\ntrusted_resolvers = []\n'
        'control_names = []\nca_file = "ca.pem"\n'
        "[limits]\nper_address_connections = 32\nper_address_rate = 1000.0\n",
        encoding="utf-8",
    )
    rehearsal = frozenset({"127.72.0.1"})
    runner = assemble(load(file, {}), consent=None, rehearsal=rehearsal)
    probe = installed().probes["http"]
    looks = [
        Look(parse_target(f"https://site{number}.example:{port}/"), probe)
        for number in range(TARGETS)
    ]
    states: list[str] = []
    began = time.perf_counter()
    with Store.open(str(folder / "sixty.sqlite")) as store:
        store.activate(RULESET_VERSION)

        def done(finished: Finished) -> None:
            store.save(finished.measurement, finished.verdict, None)
            states.append(finished.verdict.state if finished.verdict else "none")

        await runner.run(looks, done)
    return {
        "ok": states.count("ok"),
        "seconds": time.perf_counter() - began,
        "mebibytes": peak_mebibytes(),
    }


def peak_mebibytes() -> float:
    """This program's own peak; getrusage would count what the parent held when it forked."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
