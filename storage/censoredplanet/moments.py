"""When something was, in the three ways Censored Planet writes it."""

import re
from datetime import UTC, datetime, timedelta, timezone

# RFC 3339, or Go's own way: "2021-04-25 15:37:16.850234875 -0400 EDT m=+13035.126037108"
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\d* ?(?:Z|UTC|([+-])(\d\d):?(\d\d))?"
)


def moment_of(text: str | None) -> datetime | None:
    """The moment, UTC, to the microsecond; None for what is none. Without a zone it is UTC."""
    found = _MOMENT.match(text or "")
    if found is None:
        return None
    day, clock, fraction, sign, hours, minutes = found.groups()
    shift = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        zone = timezone(-shift if sign == "-" else shift)
        moment = datetime.fromisoformat(f"{day}T{clock}").replace(
            microsecond=int((fraction or "").ljust(6, "0")[:6]), tzinfo=zone
        )
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def seconds_between(earlier: datetime | None, later: datetime | None) -> float:
    """Seconds from one to the other; 0 where either is unknown, or they run backwards."""
    if earlier is None or later is None:
        return 0.0
    return round(max((later - earlier).total_seconds(), 0.0), 6)
