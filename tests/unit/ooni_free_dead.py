"""Servers that fail for all, or for a helper that was turned away or never asked."""

from tests.unit.ooni_expected import DOWN, NOT_BLOCKED, UNDECIDED, Staged
from tests.unit.ooni_staged import both
from tests.unit.ooni_world import EOF, HTTP, HTTPS, REFUSED, RESET, TIMEOUT, at, page, site

_ENDS = {
    "tcp": (REFUSED, TIMEOUT, "host_unreachable"),
    "tls": (RESET, EOF, TIMEOUT, "ssl_failed_handshake"),
    "http": (RESET, EOF, TIMEOUT),
}
_NO_HELPER = (REFUSED, TIMEOUT, RESET, "unknown_failure: httpapi: all endpoints failed: [ eof;]")
_UNKNOWN = "unknown_failure: http2: stream closed"
_OF_SERVERS = {
    "tls": ("ssl_failed_handshake", "ssl_invalid_certificate", "unknown_failure: tls: alert"),
    "http": ("unknown_failure: malformed HTTP response", "unknown_failure: stream error"),
}
"""What servers do to programs they do not like, and clocks that are wrong."""


def _turned_away() -> dict[str, Staged]:
    """Failures here, where the helper was turned away or failed itself."""
    found: dict[str, Staged] = {}
    for status in (403, 429, 451, 500):
        there = at("http", page("No", times=1, status=status))
        found |= both(
            f"reset, {status} there", site(here=at("http", RESET), there=there), NOT_BLOCKED
        )
    for kind, word in (("http", RESET), ("tcp", TIMEOUT), ("tls", TIMEOUT)):
        silent = site(here=at(kind, word), there=at("http", TIMEOUT))
        found |= both(f"{kind}: {word}, silence there", silent, NOT_BLOCKED)
    return found


def _dead() -> dict[str, Staged]:
    """Servers that fail for all, and failures that no helper was there to compare."""
    found: dict[str, Staged] = {}
    for kind, words in _ENDS.items():
        for word in words:
            told = DOWN if word == TIMEOUT or kind == "tcp" else NOT_BLOCKED
            world = site(everywhere=at(kind, word))
            found[f"{kind}: {word} for all"] = Staged(world, HTTPS, told, NOT_BLOCKED)
            if kind != "tls":
                found[f"{kind}: {word} for all, http"] = Staged(world, HTTP, told, NOT_BLOCKED)
            for failure in _NO_HELPER:
                unseen = site(here=at(kind, word), helper_failure=failure)
                found |= both(f"{kind}: {word}, {failure} at the helper", unseen, NOT_BLOCKED)
    two = site(here=at("http", _UNKNOWN), there=at("http", RESET))
    found["two failures that nobody can name"] = Staged(two, HTTPS, UNDECIDED)
    for kind, words in _OF_SERVERS.items():
        for word in words:
            found |= both(f"{kind}: {word} here alone", site(here=at(kind, word)), NOT_BLOCKED)
    return found


DEAD = {**_dead(), **_turned_away()}
