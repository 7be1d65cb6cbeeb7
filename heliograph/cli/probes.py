"""The ``probes`` command."""

import inspect

import msgspec

from heliograph.cli.output import print_json, say
from heliograph.plugin import Probe
from heliograph.text import for_terminal
from probes.registry import installed


class ProbeRow(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="probe"):
    """One probe as listed."""

    name: str
    version: int
    risk: str
    needs: tuple[str, ...]
    origin: str
    summary: str


def listing(*, json: bool) -> None:
    """Print every probe, and on stderr every one that could not be loaded."""
    registry = installed()
    for name, probe in sorted(registry.probes.items()):
        row = ProbeRow(
            name=name,
            version=probe.version,
            risk=probe.risk,
            needs=tuple(sorted(probe.needs)),
            origin=registry.origins[name],
            summary=_summary(probe),
        )
        if json:
            print_json(row)
        else:
            line = f"{row.name:8} v{row.version}  {row.origin:12}  {row.summary}"
            print(for_terminal(line))
    for problem in registry.problems:
        say(f"heliograph: {for_terminal(problem)}")


def _summary(probe: Probe) -> str:
    """The first line of the probe's docstring."""
    return (inspect.getdoc(type(probe)) or "").partition("\n")[0]
