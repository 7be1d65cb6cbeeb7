"""A dry run names all that a look then sends: every name, port and kind of step."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest

from tests.lab.lab_fixtures import environment, heliograph
from tests.lab.test_commands import Desk, complaint

Sent = tuple[str, int, str, bool]
"""A name said, the port it was said to, the kind of step, and whether it was for a resolver."""
BLOCKED = (
    ("http-blockpage-200", "http://shown.example/"),
    ("http-drop", "http://mute.example/"),
    ("tls-reset", "https://reset.example/"),
    ("tls-mitm", "https://minted.example/"),
    ("tcp-refused", "https://turned.example/"),
    ("dns-injection", "https://injected.example/"),
    ("dns-bogon", "https://bogus.example/"),
)
OURS = "(role <> 'remote_control' or pair = 'asked')"


def looked_at(folder: Path, row: str, target: str) -> tuple[set[Sent], set[Sent], int]:
    """What a dry run announces, what the look really sent, and how often its name was said."""
    database, plan = folder / "results.sqlite", folder / "plan"
    shell = folder / "shell"
    shell.write_text(
        f"#!/bin/sh\nheliograph run --dry-run --json '{target}' > '{plan}'\n"
        f"heliograph run --yes --db '{database}' '{target}'\n",
        encoding="utf-8",
    )
    shell.chmod(0o700)
    done = heliograph("lab", "shell", row, env={**environment(folder), "SHELL": str(shell)})
    assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(database)) as connection:
        steps = connection.execute(
            "select host, port, kind, resolver is not null, address from api_v1_steps"
            f" where probe = 'web' and hop = 1 and {OURS}"
        ).fetchall()
    sent = {(host, port, kind, bool(for_it)) for host, port, kind, for_it, _ in steps}
    places = [json.loads(line) for line in plan.read_text(encoding="utf-8").splitlines()]
    announced = {
        each
        for place in places
        if place["probe"] == "web"
        for each in every(place["hosts"], place["ports"], place["kinds"])
    }
    host = target.split("/")[2]
    said = [a for name, _, kind, _, a in steps if name == host and kind == "tcp_connect"]
    return announced, sent, max((said.count(address) for address in said), default=0)


def every(hosts: list[str], ports: list[int], kinds: list[str]) -> Iterator[Sent]:
    for_a_resolver = "dns_query" in kinds
    for host, port, kind in product(hosts, ports, kinds):
        yield host, port, kind, for_a_resolver


@pytest.mark.parametrize(("row", "target"), BLOCKED, ids=[row for row, _ in BLOCKED])
def test_a_look_at_a_blocked_site_sends_nothing_that_was_not_announced(
    tmp_path: Path, row: str, target: str
) -> None:
    announced, sent, said = looked_at(tmp_path, row, target)

    assert len(sent) > 3, "it compared"
    assert sent - announced == set()
    assert said <= 1 + 1 + 3 + 1, "at one address: first, second choice, thrice again, and beside"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("http://site.example/",), "for site.example, and asks for the page over TLS"),
        (("http://site.example/",), "tries site.example three times more at most"),
        (("https://site.example/",), "asks for its page in the clear, once at each"),
        (("https://site.example/",), "asks for site.example twice more"),
        (("https://site.example/",), "ends at 24 connections and 80 DNS queries"),
        (("https://site.example/", "--probe", "tls"), "connects for site.example, checks"),
        (("http://site.example/", "--probe", "tls"), "skipped: an http:// target has no TLS"),
        (("http://192.0.2.7/", "--probe", "dns"), "there is no name to look up"),
    ],
)
def test_every_kind_of_request_and_how_often_is_said(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    desk = Desk(tmp_path)
    desk.config.write_text(
        '[network]\nresolver = "udp://192.0.2.53"\nassume_public = ["192.0.2.0/24"]\n',
        encoding="utf-8",
    )

    assert words in desk("run", "--dry-run", *arguments).stdout


@pytest.mark.parametrize("target", ["ftp://site.example/", "http://127.0.0.1/"])
def test_where_nothing_is_looked_at_no_look_is_said_to_cost_anything(
    tmp_path: Path, target: str
) -> None:
    done = Desk(tmp_path)("run", "--dry-run", target)

    assert "costs at most" not in done.stdout + done.stderr
    assert "a look at it ends" not in done.stdout + done.stderr
    if target.startswith("ftp"):
        assert "could not be used" in complaint(done)
