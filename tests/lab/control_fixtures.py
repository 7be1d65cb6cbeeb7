"""A control started as its operator starts it, and ways to speak to it."""

import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path

import pytest

TOKEN = "a-token-of-the-lab"
JSON = {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}
READY = re.compile(r"control listening on (https?)://(.+):(\d+)/v1/control\n")


@dataclass(frozen=True)
class Served:
    """A control that runs, and how to speak to it."""

    process: "subprocess.Popen[str]"
    port: int
    tls: ssl.SSLContext | None = None

    def ask(
        self, body: bytes | Iterable[bytes], headers: dict[str, str] = JSON
    ) -> tuple[int, bytes, HTTPResponse]:
        if self.tls is None:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        else:
            connection = HTTPSConnection("localhost", self.port, timeout=10, context=self.tls)
        try:
            connection.request("POST", "/v1/control", body, headers)
            response = connection.getresponse()
            return response.status, response.read(), response
        finally:
            connection.close()

    def say(self, *parts: bytes, pause: float = 0.0) -> bytes:
        """Send the parts over one connection, and read to the end of what comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as sock:
            try:
                for part in parts:
                    sock.sendall(part)
                    time.sleep(pause)
                return b"".join(iter(lambda: sock.recv(65536), b""))
            except ConnectionError:
                return b""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "heliograph", "control", "run", *arguments]


def environment(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HELIOGRAPH")}
    return {**kept, "HOME": str(folder)}


@contextmanager
def running(
    arguments: list[str], folder: Path, tls: ssl.SSLContext | None = None
) -> Iterator[Served]:
    """Start it, wait until it says it is ready, and end it; its stderr names no caller."""
    process = subprocess.Popen(
        arguments, env=environment(folder), stderr=subprocess.PIPE, text=True, cwd=folder.parent
    )
    assert process.stderr is not None
    told: list[str] = []
    try:
        for line in process.stderr:
            told.append(line)
            found = READY.fullmatch(line)
            if found is not None:
                break
        else:
            pytest.fail(f"it did not start: {''.join(told)}")
        rest = threading.Thread(target=lambda: told.extend(process.stderr or ()))
        rest.start()
        yield Served(process, int(found[3]), tls)
        process.terminate()
        assert process.wait(10) == 0
        rest.join(10)
    finally:
        process.kill()
        process.wait(10)
        process.stderr.close()
    assert "Traceback" not in "".join(told)
    assert "example" not in "".join(told), "nothing about a request is logged"


def configured(folder: Path, resolver: str = "udp://127.0.0.1:9", parallel: int = 64) -> Path:
    (folder / "token").write_text(f"{TOKEN}\n", encoding="ascii")
    file = folder / "control.toml"
    file.write_text(
        f'[network]\nresolver = "{resolver}"\ntrusted_resolvers = []\n'
        f'[control]\ntoken_file = "token"\n[limits]\nparallel = {parallel}\n',
        encoding="utf-8",
    )
    return file
