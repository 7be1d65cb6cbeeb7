"""One full measurement and its verdict, and a store in memory."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import Dialect, Engine, make_url

from heliograph.failure import Failure
from heliograph.model import (
    ConfidenceWord,
    Fired,
    Measurement,
    Role,
    Stack,
    Standing,
    State,
    Step,
    StepKind,
    Target,
    Vantage,
    Verdict,
)
from storage.engine import open_engine, writing
from storage.schema import ensure
from storage.store import Store


@pytest.fixture
def measurement() -> Measurement:
    """Every field differs from its default."""
    return Measurement(
        id="0199aaaa-0000-8000-8000-000000000001",
        probe="tls",
        probe_version=2,
        target=Target(
            input="Example.org",
            url="https://example.org/",
            scheme="https",
            host="example.org",
            port=443,
        ),
        vantage=Vantage(country="XA", asn=64500, network_name="Example", source="configured"),
        started=datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC),
        seconds=1.9,
        reason="because",
        campaign="c1",
        consent="1",
        software="heliograph 0.1.0",
        stack=Stack(system="Linux", tls_library="OpenSSL", http_library="h", tcp_timestamps=True),
        context=("shutdown", "tunnel"),
        steps=(
            Step(
                kind=StepKind.TLS_HANDSHAKE,
                role=Role.CONTROL_BEFORE,
                pair="p1",
                hop=2,
                host="example.org",
                resolver="udp://10.53.0.53",
                address="198.18.0.7",
                port=443,
                source_port=40000,
                sni="example.org",
                started=0.1,
                seconds=0.333333,
                bytes_sent=517,
                bytes_received=2**33,
                failure=Failure.CONNECTION_RESET,
                detail='{"completed":false}',
            ),
            Step(kind=StepKind.DNS_QUERY, failure=None),
        ),
        source="elsewhere",
    )


@pytest.fixture
def verdict(measurement: Measurement) -> Verdict:
    """Every field differs from its default."""
    return Verdict(
        measurement_id=measurement.id,
        ruleset_version=1,
        state=State.BLOCKED,
        techniques=("tls.reset", "dns.bogon"),
        hop=1,
        confidence=0.98,
        confidence_word=ConfidenceWord.LIKELY,
        explanation="The connection is reset when the name is said.",
        anomalies=("dns.injection",),
        confounders={"server_down": Standing.RULED_OUT, "geo": Standing.POSSIBLE},
        fired=(Fired(rule="tls-reset", weight=0.9), Fired(rule="paired", weight=0.5)),
    )


@pytest.fixture
def postgresql() -> Dialect:
    """To compile for PostgreSQL; needs no driver and no server."""
    return make_url("postgresql://").get_dialect()()


@pytest.fixture(scope="session")
def empty() -> Iterator[Engine]:
    """A store in memory, ruleset 1 active, that nothing else is ever written to."""
    engine = open_engine(":memory:")
    ensure(engine)
    Store(engine).activate(1)
    yield engine
    engine.dispose()


@pytest.fixture
def store(empty: Engine) -> Iterator[Store]:
    """Empty, in memory, ruleset 1 active: a copy, since making the tables takes a while."""
    engine = open_engine(":memory:")
    with Store(engine) as copy:
        with empty.connect() as made, engine.connect() as own:
            plain, target = (each.connection.driver_connection for each in (made, own))
            assert isinstance(plain, sqlite3.Connection)
            assert isinstance(target, sqlite3.Connection)
            plain.backup(target)
        yield copy


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A database with one table, closed."""
    path = tmp_path / "made.sqlite"
    engine = open_engine(str(path))
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE t (x TEXT)")
    engine.dispose()
    return path
