"""A longer way into the world: five routers one after another, and a vantage at its far end.

Routers answer what they throw away with ICMP, as the kernel does. A censor sits on the link that
leads to a router: a packet whose time to live ends at that router is the first that it sees.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import pairwise

from heliograph.lab.bridge import Setting
from heliograph.lab.netns import Host, Network, run
from heliograph.lab.scene import Scene

ROUTERS = 5
CENSORED = (3, 4)
"""The hops on the links to which a censor may sit."""
FAR = "198.18.3.2"
"""The vantage at the far end."""

_NETS = ("198.18.3", "198.18.4", "198.18.6", "198.18.7", "198.18.10", "198.18.11")
"""The links, from the vantage's to the world's; .1 is the nearer end, .2 the farther one."""
_BACK = f"{_NETS[0]}.0/24"
_PREPARED = (
    "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv4/icmp_ratelimit;"
    " echo 100000 > /proc/sys/net/ipv4/icmp_msgs_per_sec 2>/dev/null; true"
)
_MUTE = "ip rule {} pref 10 iif lo ipproto icmp blackhole"
"""A router's own ICMP has no way to go; what it forwards has."""

Bridged = Callable[[Host, Setting], AbstractContextManager[None]]


class Chain:
    """The routers and their links, made once."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.far = network.host("far")
        self._routers = [network.host(f"r{number}") for number in range(1, ROUTERS + 1)]
        self._paths = {hop: network.host(f"pathr{hop}", silent=True) for hop in CENSORED}
        for router in self._routers:
            run(router.command(["sh", "-c", _PREPARED]))
        self._wire()

    def _wire(self) -> None:
        network, hosts = self._network, [self.far.name, *(r.name for r in self._routers), None]
        for hop, (near, far) in enumerate(pairwise(hosts), start=1):
            left, right = (f"on{hop}", f"back{hop}") if far else (f"on{hop}", "wr")
            if hop in self._paths:
                path = self._paths[hop].name
                network.link((near, left), (path, "client"))
                network.link((path, "world"), (far, right))
            else:
                network.link((near, left), (far, right))
            net = _NETS[hop - 1]
            # the vantage's end of its own link is .2, as everywhere in the lab
            ends = (2, 1) if hop == 1 else (1, 2)
            network.addresses(near, left, [f"{net}.{ends[0]}/24"])
            network.addresses(far, right, [f"{net}.{ends[1]}/24"])
            assert near is not None
            network.default_route(near, f"{net}.{ends[1]}")
            if hop > 1:
                network.route(far, _BACK, f"{net}.{ends[0]}")

    @contextmanager
    def under_way(self, scene: Scene, bridged: Bridged) -> Iterator[None]:
        """The scene's censors on their links, until left."""
        with ExitStack() as stack:
            for hop, path in self._paths.items():
                conditions = tuple(scene.on_the_way.get(hop, ()))
                setting = Setting(conditions=conditions, delay=scene.delay / len(self._paths))
                stack.enter_context(bridged(path, setting))
            if scene.mute_routers:
                self._mute("add")
                stack.callback(self._mute, "del")
            yield

    def _mute(self, what: str) -> None:
        for router in self._routers:
            run(router.command(_words(what)))


def _words(what: str) -> Sequence[str]:
    return _MUTE.format(what).split()
