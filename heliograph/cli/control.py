"""The ``control run`` command: serve looks to vantages elsewhere."""

import errno
import resource
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from heliograph.cli.compose import opening, surroundings_of
from heliograph.cli.exits import ExitCode, Stop
from heliograph.cli.needing import require_collector
from heliograph.cli.output import say
from heliograph.cli.place import configuration, software
from heliograph.collector.control import ControlService, Means
from heliograph.collector.sink import sinking
from heliograph.config import Config, split_ports
from heliograph.valid import is_address
from probes.net.datagrams import Timing
from probes.net.surroundings import Timeouts

_BACKLOG = 256
# Looks are many, and a vantage waits for each: silence is told sooner than in a run.
_TIMEOUTS = Timeouts(
    connect=8.0,
    handshake=8.0,
    stall=8.0,
    exchange=12.0,
    datagram=Timing(deadline=4.0, window=0.4),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asked for."""

    listen: str
    tls_cert: Path | None
    tls_key: Path | None
    config: Path | None
    sinks: tuple[str, ...] = ()


def serve_control(wish: Wish) -> None:
    """Serve until a signal ends it; raises Stop and ConfigError."""
    host, port = _host_and_port(wish.listen)
    tls = _tls(wish.tls_cert, wish.tls_key)
    require_collector("a control")
    from heliograph.collector.app import control_app
    from heliograph.collector.serving import Place, serve

    service = _service(configuration(wish.config))
    _allow_many_files()
    with ExitStack() as stack:
        _open_sinks(stack, wish.sinks, service.token)
        sock = stack.enter_context(_bound(host, port))
        where = _shown(host, sock.getsockname()[1])
        scheme = "http" if tls is None else "https"
        if tls is None and not _is_loopback(host):
            say("heliograph: without --tls-cert, targets and token can be read on the way")
        serve(
            control_app(service),
            Place(sock, tls, lambda: say(f"control listening on {scheme}://{where}/v1/control")),
        )


def _open_sinks(stack: ExitStack, sinks: Sequence[str], token: str | None) -> None:
    """Answer any request at these places, too."""
    if not sinks:
        return
    if token is None:
        raise Stop(
            ExitCode.CONFIGURATION,
            "--sink: a sink signs with the control's token; set control.token_file",
        )
    socks = []
    for text in sinks:
        try:
            places = split_ports(text)
        except ValueError as error:
            raise Stop(ExitCode.USAGE, f"--sink {text}: {error}") from error
        socks += [stack.enter_context(_bound(*place)) for place in places]
    stack.enter_context(sinking(socks, token))
    say(f"sink answering at {', '.join(sinks)}")


def _service(config: Config) -> ControlService:
    around = surroundings_of(config, timeouts=_TIMEOUTS)
    means = Means(
        open_net=opening(around),
        scrub=around.scrubber.scrub,
        clock=time.monotonic,
        networks=around.networks,
        software=software(),
    )
    token = around.controls.token
    if token is None:
        say("heliograph: no control.token_file is set: this control serves everybody")
    return ControlService(means, token=token, parallel=config.limits.parallel)


def _host_and_port(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    bare = host[1:-1] if bracketed else host
    number = int(port[:6]) if port.isascii() and port.isdigit() else -1
    if not bare or (":" in bare) != bracketed or not 0 <= number < 65536:
        raise Stop(
            ExitCode.USAGE,
            f"--listen {listen}: write HOST:PORT, such as 0.0.0.0:8443 or [::]:8443",
        )
    return bare, number


def _tls(cert: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if cert is None and key is None:
        return None
    if cert is None or key is None:
        raise Stop(ExitCode.USAGE, "give both --tls-cert and --tls-key, or neither")
    for option, file in (("--tls-cert", cert), ("--tls-key", key)):
        _require_readable(option, file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(cert, key, password=lambda: "")  # never ask a terminal
    except (ssl.SSLError, ValueError) as error:
        raise Stop(
            ExitCode.CONFIGURATION,
            f"{cert} and {key} are no certificate chain and its unencrypted key (PEM): {error}",
        ) from error
    return context


def _require_readable(option: str, file: Path) -> None:
    try:
        file.read_bytes()
    except OSError as error:
        raise Stop(ExitCode.INPUT_MISSING, f"{option} {file}: {error.strerror}") from error


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        both = host == "::" and socket.has_dualstack_ipv6()
        address = (str(place[0]), int(place[1]))
        return socket.create_server(address, family=family, backlog=_BACKLOG, dualstack_ipv6=both)
    except OSError as error:
        denied = error.errno == errno.EACCES
        raise Stop(
            ExitCode.NOT_ALLOWED if denied else ExitCode.CANNOT_WRITE,
            f"can't listen on {_shown(host, port)}: {error.strerror or error};"
            " choose another --listen",
        ) from error


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (is_address(host) and ip_address(host).is_loopback)


def _allow_many_files() -> None:
    """A look opens many connections: without this, our own limit would read as their failure."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
