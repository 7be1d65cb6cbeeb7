"""Inside namespaces: hosts and a link; then waits, or looks around and ends."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time

from heliograph.lab.netns import Host, Network, end_with

_LOOK = """
import socket, sys
try:
    with socket.create_connection((sys.argv[1], 80), 2) as s:
        print(s.recv(100).decode())
except OSError as error:
    print("errno", error.errno)
"""


def main() -> None:
    threading.Thread(target=end_with, args=(int(sys.argv[1]),), daemon=True).start()
    network = Network()
    vantage, island = network.host("vantage"), network.host("island")
    network.link(("vantage", "net0"), (None, "w0"))
    network.addresses("vantage", "net0", ("198.18.1.2/24",))
    network.addresses(None, "w0", ("198.18.1.1/24",))
    network.addresses(None, "lo", ("198.18.16.1/32",))
    network.default_route("vantage", "198.18.1.1")
    sleeper = vantage.start(["sleep", "1000"])
    (network.files / "something").write_text(sys.argv[2])
    sys.stdout.write("up\n")
    sys.stdout.flush()
    if sys.argv[2].endswith("-busy"):
        _serve()
        seen = {host.name: _seen(host) for host in (vantage, island)}
        sys.stdout.write(json.dumps(seen) + "\n")
        sys.stdout.flush()
        sleeper.kill()
        os._exit(0)
    time.sleep(1000)


def _serve() -> None:
    server = socket.create_server(("198.18.16.1", 80))

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                connection.sendall(b"served")
                connection.close()

    threading.Thread(target=accept, daemon=True).start()


def _seen(host: Host) -> str:
    done = subprocess.run(
        host.command([sys.executable, "-c", _LOOK, "198.18.16.1"]),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


if __name__ == "__main__":
    main()
