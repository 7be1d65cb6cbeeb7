"""Looks and verdicts made up for tests that count them."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from analysis.rules import RULESET_VERSION
from heliograph.model import ConfidenceWord, Measurement, State, Target, Vantage, Verdict
from storage.imports import Judged

START = datetime(2026, 11, 1, tzinfo=UTC)
_NAMED = (State.BLOCKED, State.THROTTLED)


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One look, and what is made of it; ``day`` is counted from the first of November."""

    day: int = 0
    hour: int = 0
    state: State = State.OK
    country: str = "XA"
    asn: int = 64500
    target: str = "one.example"
    probe: str = "web"
    technique: str = "tls.reset"
    confidence: float = 0.9
    key: str | None = None
    """Whose key it was sent with; None: it is our own."""
    source: str | None = None
    late: int | None = None
    """Hours after which it was received."""
    number: int = 0
    """Tells looks apart that are equal otherwise."""

    @property
    def started(self) -> datetime:
        return START + timedelta(days=self.day, hours=self.hour)

    @property
    def id(self) -> str:
        rest = hashlib.sha256(msgspec.json.encode(self)).hexdigest()
        hour = f"{int(self.started.timestamp()) // 3600:08x}"
        return f"{hour}-{rest[:4]}-8{rest[4:7]}-8{rest[7:10]}-{rest[10:22]}"

    def judged(self) -> Judged:
        url = f"https://{self.target}/"
        measurement = Measurement(
            id=self.id,
            probe=self.probe,
            probe_version=1,
            target=Target(input=self.target, url=url, scheme="https", host=self.target, port=443),
            vantage=Vantage(country=self.country, asn=self.asn, source="configured"),
            started=self.started,
            source=self.source,
        )
        named = self.state in _NAMED
        verdict = Verdict(
            measurement_id=self.id,
            ruleset_version=RULESET_VERSION,
            state=self.state,
            techniques=(self.technique,) if named else (),
            confidence=self.confidence if named else None,
            confidence_word=ConfidenceWord.LIKELY if named else None,
            explanation="made up",
        )
        return Judged(measurement, verdict)


def judged(looks: Iterable[Look]) -> list[Judged]:
    """All of them as they are stored."""
    return [one.judged() for one in looks]
