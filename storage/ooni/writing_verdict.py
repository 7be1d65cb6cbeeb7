"""Our verdict in the two words of web_connectivity, and whole beside them."""

import msgspec

from heliograph.model import ConfidenceWord, Standing, State, VerdictRow

_REACHED = {State.OK: True, State.DOWN: False, State.BLOCKED: False}
_PAGES = ("http.blockpage", "http.redirect", "http.tampered", "http.truncated")


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """Our verdict, with the rules it rests on; OONI's format has no key for it."""

    state: State
    techniques: tuple[str, ...]
    hop: int | None
    confidence: float | None
    confidence_word: ConfidenceWord | None
    explanation: str | None
    anomalies: tuple[str, ...]
    confounders: dict[str, Standing]
    rules: tuple[str, ...]
    ruleset_version: int | None


def blocking(row: VerdictRow | None) -> str | bool | None:
    """``dns``, ``tcp_ip``, ``http-failure`` or ``http-diff``; False: nothing interfered.

    None where nothing is said of that: OONI knows no site that turns a network away.
    """
    if row is None or row.state not in _REACHED:
        return None
    if row.state is not State.BLOCKED:
        return False
    technique = row.techniques[0] if row.techniques else ""
    if technique in _PAGES:
        return "http-diff"
    return {"dns": "dns", "tcp": "tcp_ip"}.get(technique.partition(".")[0], "http-failure")


def accessible(row: VerdictRow | None) -> bool | None:
    """Whether a browser there would have been shown the site; None where that is not known."""
    return None if row is None or row.state is None else _REACHED.get(row.state)


def judged(row: VerdictRow | None) -> Judged | None:
    """The verdict and what it rests on."""
    if row is None or row.state is None:
        return None
    return Judged(
        state=row.state,
        techniques=row.techniques,
        hop=row.hop,
        confidence=row.confidence,
        confidence_word=row.confidence_word,
        explanation=row.explanation,
        anomalies=row.anomalies,
        confounders=row.confounders,
        rules=row.rules,
        ruleset_version=row.ruleset_version,
    )
