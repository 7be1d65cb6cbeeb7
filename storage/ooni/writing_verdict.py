"""Our verdict in the two words of web_connectivity, and whole beside them."""

import msgspec

from heliograph.model import ConfidenceWord, Standing, State, Verdict, VerdictRow

Conclusion = VerdictRow | Verdict
"""A verdict as a line of results has it, or by itself."""

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


def blocking(verdict: Conclusion | None) -> str | bool | None:
    """``dns``, ``tcp_ip``, ``http-failure`` or ``http-diff``; False: nothing interfered.

    None where nothing is said of that: OONI knows no site that turns a network away.
    """
    if verdict is None or verdict.state not in _REACHED:
        return None
    if verdict.state is not State.BLOCKED:
        return False
    technique = verdict.techniques[0] if verdict.techniques else ""
    if technique in _PAGES:
        return "http-diff"
    return {"dns": "dns", "tcp": "tcp_ip"}.get(technique.partition(".")[0], "http-failure")


def accessible(verdict: Conclusion | None) -> bool | None:
    """Whether a browser there would have been shown the site; None where that is not known."""
    if verdict is None or verdict.state is None:
        return None
    return _REACHED.get(verdict.state)


def judged(verdict: Conclusion | None) -> Judged | None:
    """The verdict and what it rests on."""
    if verdict is None or verdict.state is None:
        return None
    return Judged(
        state=verdict.state,
        techniques=verdict.techniques,
        hop=verdict.hop,
        confidence=verdict.confidence,
        confidence_word=verdict.confidence_word,
        explanation=verdict.explanation,
        anomalies=verdict.anomalies,
        confounders=verdict.confounders,
        rules=_rules(verdict),
        ruleset_version=verdict.ruleset_version,
    )


def _rules(verdict: Conclusion) -> tuple[str, ...]:
    if isinstance(verdict, VerdictRow):
        return verdict.rules
    return tuple(fired.rule for fired in verdict.fired)
