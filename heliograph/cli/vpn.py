"""A VPN or another tunnel is asked about: what is measured through one is its far end's network."""

from heliograph.cli import consent_ask
from probes.net import links


def ask(*, settled: bool) -> None:
    """At a terminal, ask whether to measure through the tunnel there is; raise Stop if not.

    ``settled`` says that it was answered on the command line. Where nobody can be asked the run
    goes on: the flag ``tunnel`` keeps every verdict inconclusive, so no result is mistaken for one
    of this network.
    """
    name = links.tunnel()
    if name is None or settled or not consent_ask.is_possible():
        return
    consent_ask.confirm(
        f"Traffic leaves through {name}, a VPN or another tunnel. What is measured then is the\n"
        "network at its far end, and every verdict stays inconclusive. It also is what hides from\n"
        "your provider which sites are asked for: without it, your provider sees them.\n"
        "Measure through it?",
        "nothing was sent; run the same command again when you have decided",
    )
