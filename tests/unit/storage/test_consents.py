"""Consents are kept with all they cover, the last one counts, and all can be withdrawn."""

from datetime import UTC, datetime, timedelta

import msgspec

from storage.consents import Consent
from storage.store import Store

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
FIRST = Consent(
    text_version="1",
    text_sha256="aa",
    language="en",
    how="typed at a terminal",
    recorded=NOW,
    expires=NOW + timedelta(days=365),
    classes=("ordinary", "unusual"),
    categories=("GMB",),
)
SECOND = msgspec.structs.replace(
    FIRST, text_version="2", how="acknowledged by --yes", recorded=NOW - timedelta(days=1)
)


def test_there_is_no_consent_at_first(store: Store) -> None:
    assert store.consents.latest() is None
    assert store.consents.every() == []


def test_the_last_consent_counts_even_if_the_clock_went_back(store: Store) -> None:
    store.consents.record(FIRST)
    store.consents.record(SECOND)
    assert store.consents.latest() == SECOND
    assert store.consents.every() == [FIRST, SECOND]


def test_moments_are_kept_to_the_second(store: Store) -> None:
    store.consents.record(msgspec.structs.replace(FIRST, recorded=NOW + timedelta(microseconds=5)))
    assert store.consents.latest() == FIRST


def test_withdrawing_marks_those_that_stood(store: Store) -> None:
    store.consents.record(FIRST)
    assert store.consents.withdraw(NOW) == 1
    store.consents.record(SECOND)
    assert store.consents.withdraw(NOW + timedelta(days=2)) == 1
    assert [given.withdrawn for given in store.consents.every()] == [NOW, NOW + timedelta(days=2)]
    assert store.consents.withdraw(NOW) == 0
