"""Consents are kept, and the last one counts."""

from datetime import UTC, datetime, timedelta

from storage.consents import Consent
from storage.store import Store

NOW = datetime(2026, 11, 23, 12, 0, 0, 5, tzinfo=UTC)


def test_there_is_no_consent_at_first(store: Store) -> None:
    assert store.consents.latest() is None


def test_the_last_consent_counts_even_if_the_clock_went_back(store: Store) -> None:
    store.consents.record("1", "aa", "en", "typed at a terminal", NOW)
    store.consents.record("2", "bb", "fa", "acknowledged by --yes", NOW - timedelta(days=1))
    assert store.consents.latest() == Consent(
        text_version="2",
        text_sha256="bb",
        language="fa",
        how="acknowledged by --yes",
        recorded=datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC),
    )
