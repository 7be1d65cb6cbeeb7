"""Which probes there are: the built-in ones, and those other packages bring by entry point."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from heliograph.plugin import Probe
from probes import BUILTIN

GROUP = "heliograph.probes"
_MEMBERS = ("name", "version", "risk", "needs", "measure")


class DuplicateProbe(Exception):
    """Two probes have the same name, so results could not be told apart."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Probes by name, where each came from, and what could not be loaded, in words."""

    probes: Mapping[str, Probe]
    origins: Mapping[str, str]
    problems: tuple[str, ...] = ()


def installed() -> Registry:
    """The built-in probes and those of installed packages; raises DuplicateProbe."""
    return collect(BUILTIN, entry_points(group=GROUP))


def collect(builtin: Iterable[Probe], found: Iterable[EntryPoint]) -> Registry:
    """Put both kinds together. A plugin that can't be loaded is named and left out."""
    probes: dict[str, Probe] = {}
    origins: dict[str, str] = {}
    problems: list[str] = []

    def add(probe: Probe, origin: str) -> None:
        if probe.name in probes:
            raise DuplicateProbe(
                f"probe {probe.name!r} comes from {origins[probe.name]} and from {origin}:"
                " uninstall one of them"
            )
        probes[probe.name] = probe
        origins[probe.name] = origin

    for probe in builtin:
        add(probe, "heliograph")
    for entry in found:
        origin = entry.dist.name if entry.dist is not None else entry.value
        loaded = _load(entry)
        if isinstance(loaded, str):
            problems.append(f"probe {entry.name!r} of {origin} is left out: {loaded}")
        else:
            add(loaded, origin)
    return Registry(probes, origins, tuple(problems))


def _load(entry: EntryPoint) -> Probe | str:
    """The probe behind an entry point, or why there is none."""
    try:
        thing = entry.load()
        probe = thing() if isinstance(thing, type) else thing
    except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
        return f"{type(error).__name__}: {error}"
    missing = [member for member in _MEMBERS if not hasattr(probe, member)]
    if missing:
        return f"it has no {', '.join(missing)}"
    return cast("Probe", probe)
