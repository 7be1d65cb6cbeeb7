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
_NETS_V6 = tuple(f"2001:2:0:{number}::" for number in (3, 4, 6, 7, "a", "b"))
"""The same links in IPv6."""
_BACK = (f"{_NETS[0]}.0/24", f"{_NETS_V6[0]}/64")
_PREPARED = (
    "cd /proc/sys/net; echo 1 > ipv4/ip_forward; echo 1 > ipv6/conf/all/forwarding;"
    " echo 0 > ipv4/icmp_ratelimit; echo 0 > ipv6/icmp/ratelimit;"
    " echo 100000 > ipv4/icmp_msgs_per_sec 2>/dev/null; true"
)
_MUTE = "ip rule {} pref 10 iif lo ipproto icmp blackhole"
"""A router's own ICMP has no way to go (IPv4); what it forwards has."""

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
            # the vantage's end of its own link is 2, as everywhere in the lab
            near_end, far_end = (2, 1) if hop == 1 else (1, 2)
            assert near is not None
            for net, size, back in (
                (f"{_NETS[hop - 1]}.", 24, _BACK[0]),
                (_NETS_V6[hop - 1], 64, _BACK[1]),
            ):
                network.addresses(near, left, [f"{net}{near_end}/{size}"])
                network.addresses(far, right, [f"{net}{far_end}/{size}"])
                network.default_route(near, f"{net}{far_end}")
                if hop > 1:
                    network.route(far, back, f"{net}{near_end}")

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
