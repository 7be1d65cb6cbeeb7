"""The lab's internet under way: namespaces, links, the path, servers, and the control's host."""

import asyncio
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import msgspec

from heliograph.lab.authority import Authority
from heliograph.lab.bridge import Setting
from heliograph.lab.chain import Chain
from heliograph.lab.nameserver import Nameserver
from heliograph.lab.netns import Host, Network
from heliograph.lab.origins import Origin, Site
from heliograph.lab.row import SURROUNDINGS, WITHOUT_CONTROL
from heliograph.lab.scene import (
    CONTROL,
    CONTROL_DEAD,
    CONTROL_NAME,
    CONTROL_V6,
    ISP_RESOLVER,
    PUBLIC_RESOLVER,
    RESOLVER_NAME,
    SINK_PORTS,
    VANTAGE,
    VANTAGE_V6,
    Scene,
    asn_table,
)
from heliograph.lab.settings import control_settings, vantage_settings

_READY_SECONDS = 30


class World:
    """Hosts and links, made once; scenes are staged in it one after another."""

    def __init__(self, authority: Authority, parallel: int | None = None) -> None:
        """``parallel`` is the volunteer's own limit of looks at once; None leaves the default."""
        self._authority = authority
        self._parallel = parallel
        self._network = Network()
        self.files = self._network.files
        self.vantage = self._network.host("vantage")
        self.island = self._network.host("island")
        """A host without a route to anywhere."""
        self.control = self._network.host("control")
        self._paths: dict[str, Host] = {}
        self._wire(self.vantage, "v", (f"{VANTAGE}/24", f"{VANTAGE_V6}/64"))
        self._wire(self.control, "c", (f"{CONTROL}/24", f"{CONTROL_DEAD}/24", f"{CONTROL_V6}/64"))
        self._chain: Chain | None = None
        self._write()

    @property
    def chain(self) -> Chain:
        """The chain of routers, made when it is first wanted."""
        if self._chain is None:
            self._chain = Chain(self._network)
        return self._chain

    def _wire(self, host: Host, name: str, cidrs: Sequence[str]) -> None:
        """Between a host and the world lies a path of its own, over which a bridge is."""
        path = self._network.host(f"path{name}", silent=True)
        self._paths[name] = path
        self._network.link((host.name, "net0"), (path.name, "client"))
        self._network.link((path.name, "world"), (None, f"w{name}"))
        self._network.addresses(host.name, "net0", cidrs)
        gateways = [_gateway(cidr) for cidr in cidrs]
        self._network.addresses(None, f"w{name}", list(dict.fromkeys(gateways)))
        for gateway in dict.fromkeys(gateways):
            self._network.default_route(host.name, gateway.partition("/")[0])

    def _write(self) -> None:
        chain, key = self._authority.files(CONTROL_NAME)
        written = {
            "ca.pem": self._authority.bundle,
            "control.pem": chain,
            "control.key": key,
            "control.token": b"a word only the lab knows",
            "asn.csv": asn_table().encode(),
            "control.toml": control_settings().encode(),
        }
        for name in SURROUNDINGS:
            control = CONTROL_DEAD if name in WITHOUT_CONTROL else CONTROL
            written[f"{name}.toml"] = vantage_settings(control, self._parallel).encode()
        for name, data in written.items():
            (self.files / name).write_bytes(data)

    @asynccontextmanager
    async def staged(self, scene: Scene) -> AsyncIterator[None]:
        """A scene's servers and censor under way, until left."""
        async with AsyncExitStack() as stack:
            self._network.addresses(None, "lo", [_alone(place) for place in scene.places])
            stack.callback(self._network.forget, [_alone(place) for place in scene.places])
            for name, conditions in (("v", scene.conditions), ("c", scene.control_conditions)):
                setting = Setting(conditions=tuple(conditions), delay=scene.delay)
                stack.enter_context(_bridged(self._paths[name], setting))
            if scene.routed:
                stack.enter_context(self.chain.under_way(scene, _bridged))
            if not scene.ipv6:
                stack.enter_context(self._without_ipv6())
            for server in scene.servers:
                for port in server.ports:
                    place = Origin(server.sites, server.default, address=server.address, port=port)
                    await stack.enter_async_context(place)
            if scene.quic:
                await _speak_quic(stack, scene)
            await self._resolvers(stack, scene)
            yield

    @contextmanager
    def _without_ipv6(self) -> Iterator[None]:
        """The vantage has no IPv6 route, until left."""
        gateway = _gateway(f"{VANTAGE_V6}/64").partition("/")[0]
        self._network.no_default_route(self.vantage.name, gateway)
        try:
            yield
        finally:
            self._network.default_route(self.vantage.name, gateway)

    async def _resolvers(self, stack: AsyncExitStack, scene: Scene) -> None:
        """The provider's resolver, and a public one over UDP, TCP, TLS and HTTPS."""
        others = scene.isp_always or scene.isp_default
        isp = Nameserver(scene.told, address=ISP_RESOLVER, ports=(53, 853), default=others)
        await stack.enter_async_context(isp)
        tls: ssl.SSLContext = scene.authority.context(RESOLVER_NAME)
        public = Nameserver(scene.truth, address=PUBLIC_RESOLVER, ports=(53, 853), tls=tls)
        await stack.enter_async_context(public)
        doh = Site(scene.tls(RESOLVER_NAME), public.over_https)
        front = Origin({RESOLVER_NAME: doh}, address=PUBLIC_RESOLVER, port=443)
        await stack.enter_async_context(front)

    @asynccontextmanager
    async def controlled(self) -> AsyncIterator[None]:
        """The real control service on its host, until left."""
        command = [
            *("control", "run", "--listen", f"{CONTROL}:443"),
            *("--tls-cert", str(self.files / "control.pem")),
            *("--tls-key", str(self.files / "control.key")),
            *("--config", str(self.files / "control.toml")),
            *("--sink", f"{CONTROL}:{SINK_PORTS[0]}-{SINK_PORTS[1]}"),
        ]
        process = await asyncio.create_subprocess_exec(
            *self.control.command(product(*command)),
            stderr=asyncio.subprocess.PIPE,
            env=home(self.files / "control"),
        )
        assert process.stderr is not None
        try:
            async with asyncio.timeout(_READY_SECONDS):
                told = b"sink "
                while told.startswith(b"sink "):
                    told = await process.stderr.readline()
            if b"listening" not in told:
                raise OSError(f"the control does not start: {told.decode()}")
            yield
        finally:
            if process.returncode is None:
                process.terminate()
            await process.communicate()


async def _speak_quic(stack: AsyncExitStack, scene: Scene) -> None:
    """The HTTP/3 servers; what they are made of is loaded where there are any."""
    from heliograph.lab.quic_origin import speaking_quic

    for address, site in scene.quic.items():
        await stack.enter_async_context(speaking_quic(address, site))


def product(*arguments: str) -> list[str]:
    """The command line of the product, as its users have it."""
    return [sys.executable, "-m", "heliograph", *arguments]


def home(folder: Path) -> dict[str, str]:
    """The environment of a user of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    return {"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


@contextmanager
def _bridged(path: Host, setting: Setting) -> Iterator[None]:
    """A bridge process on a path, until left."""
    process = path.start(
        [sys.executable, "-m", "heliograph.lab.bridge", "client", "world"],
        stdin=subprocess.PIPE,
        stderr=None,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        process.stdin.write(msgspec.json.encode(setting) + b"\n")
        process.stdin.flush()
        if process.stdout.readline() != b"ready\n":
            raise OSError("the path's bridge does not start")
        yield
        process.stdin.close()


def _gateway(cidr: str) -> str:
    """The first address of a network, which is the world's end of the link."""
    address, _, length = cidr.partition("/")
    mark = ":" if ":" in address else "."
    return f"{address.rpartition(mark)[0]}{mark}1/{length}"


def _alone(address: str) -> str:
    return f"{address}/{128 if ':' in address else 32}"
