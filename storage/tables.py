"""The tables; every column says its meaning, unit and use, and pages are made from that."""

from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
)
from sqlalchemy.types import BigInteger

from heliograph.model import ConfidenceWord, Outcome, State
from storage.column_types import HostileText, JsonText, UtcTime, bytewise_text, whole
from storage.uses import (
    AGREEMENT,
    COOLING,
    EVIDENCE,
    IDENTITY,
    JUDGEMENT,
    METHOD,
    MOMENT,
    PLACE,
    RECEIPT,
    RESUMING,
    RETIRED,
    TARGET,
    UPKEEP,
    always,
    maybe,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

RULESET_KEY = "ruleset_version"
"""The key in ``settings`` under which the current ruleset is kept."""

RETIRED_KEY = "retired_to"
"""The key in ``settings`` of the archive that steps were left to last, a folder of this host."""


def _one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


measurements = Table(
    "measurements",
    metadata,
    Column(
        "id",
        HostileText,
        primary_key=True,
        comment="UUIDv8 made from the content",
        info=IDENTITY.mark(),
    ),
    always("probe", HostileText(), "permanent name of the probe", METHOD),
    always(
        "probe_version", whole(), "version of the probe; raised when its evidence changes", METHOD
    ),
    always("target_input", HostileText(), "the target as the person or list wrote it", TARGET),
    always("target_url", HostileText(), "the target as a normalised URL", TARGET),
    always("target_scheme", HostileText(), "http or https", TARGET),
    always(
        "target_host",
        HostileText(),
        "lower-case A-label, or an IP address without brackets",
        TARGET,
    ),
    always("target_port", whole(), "TCP or UDP port of the target, 1 to 65535", TARGET),
    always(
        "country", HostileText(), "country of the vantage, ISO 3166-1 alpha-2; ZZ if unknown", PLACE
    ),
    always("asn", BigInteger(), "autonomous system number of the vantage; 0 if unknown", PLACE),
    maybe("network_name", HostileText(), "name of the vantage's network; null if unknown", PLACE),
    always(
        "vantage_source",
        HostileText(),
        "who says so: configured, name and date of a table, a control server, or unknown",
        PLACE,
    ),
    always(
        "started", UtcTime(), "when the measurement began, UTC, whole seconds, RFC 3339", MOMENT
    ),
    always("seconds", Float(), "length of the measurement in seconds", EVIDENCE),
    always("outcome", bytewise_text(16), "measured, skipped or broken", EVIDENCE),
    maybe("reason", HostileText(), "why it was skipped or broke; null if measured", EVIDENCE),
    maybe("campaign", HostileText(), "the campaign it belongs to; null if none", METHOD),
    maybe(
        "consent", HostileText(), "version of the consent text that covers it; null if none", METHOD
    ),
    always("software", HostileText(), "name and version of the software that measured", METHOD),
    maybe(
        "stack", JsonText(), "JSON object: system and libraries whose traffic a censor saw", METHOD
    ),
    always(
        "context", JsonText(), "JSON array of flags about surroundings that mask verdicts", EVIDENCE
    ),
    maybe(
        "source", HostileText(), "where an imported measurement came from; null for our own", METHOD
    ),
    _one_of("outcome", Outcome),
    Index(None, "target_host"),
    Index(None, "target_url"),
    Index(None, "started", "id"),
    Index(None, "asn", "started"),
    comment="One probe, one target, one vantage, one moment: facts, never a judgement.",
    postgresql_partition_by="RANGE (id)",
)

steps = Table(
    "steps",
    metadata,
    Column(
        "measurement_id",
        ForeignKey("measurements.id"),
        primary_key=True,
        comment="the measurement this step belongs to",
        info=IDENTITY.mark(),
    ),
    Column(
        "number",
        whole(),
        primary_key=True,
        autoincrement=False,
        comment="position within the measurement, counted from 0",
        info=IDENTITY.mark(),
    ),
    always(
        "kind", HostileText(), "the layer: dns_query, tcp_connect, tls_handshake, ...", EVIDENCE
    ),
    always(
        "role", HostileText(), "test, or the part it plays as a control in a paired trial", EVIDENCE
    ),
    maybe(
        "pair",
        HostileText(),
        "steps of one paired trial share this; null outside of trials",
        EVIDENCE,
    ),
    always(
        "hop", whole(), "1 is the target itself, 2 where its first redirect leads, ...", EVIDENCE
    ),
    maybe(
        "host",
        HostileText(),
        "the name the step is about: query name, server name or Host",
        EVIDENCE,
    ),
    maybe(
        "resolver",
        HostileText(),
        "the resolver asked, or that a connection was opened for",
        EVIDENCE,
    ),
    maybe(
        "address", HostileText(), "literal IP address of the peer; null if there was none", EVIDENCE
    ),
    maybe("port", whole(), "port of the peer; null if there was none", EVIDENCE),
    maybe("source_port", whole(), "our own port; null if not known", EVIDENCE),
    maybe("sni", HostileText(), "server name sent in the ClientHello; null if none", EVIDENCE),
    always("started", Float(), "seconds from the measurement's beginning to the step's", EVIDENCE),
    always("seconds", Float(), "length of the step in seconds", EVIDENCE),
    always("bytes_sent", BigInteger(), "bytes sent", EVIDENCE),
    always("bytes_received", BigInteger(), "bytes received", EVIDENCE),
    maybe(
        "failure",
        HostileText(),
        "failure word (OONI df-007; ours begin with x_); null: none",
        EVIDENCE,
    ),
    always("detail", HostileText(), "JSON object, in a shape of its own for each kind", EVIDENCE),
    comment="One thing a censor can break, with everything that was seen of it.",
    postgresql_partition_by="RANGE (measurement_id)",
)

verdicts = Table(
    "verdicts",
    metadata,
    Column(
        "measurement_id",
        ForeignKey("measurements.id"),
        primary_key=True,
        comment="the measurement that was judged",
        info=IDENTITY.mark(),
    ),
    Column(
        "ruleset_version",
        whole(),
        primary_key=True,
        autoincrement=False,
        comment="version of the rules that judged; older verdicts stay as history",
        info=IDENTITY.mark(),
    ),
    always(
        "state",
        bytewise_text(16),
        "ok, blocked, restricted, removed, throttled, down, inconclusive",
        JUDGEMENT,
    ),
    always(
        "techniques", JsonText(), "JSON array of blocking techniques, the main one first", JUDGEMENT
    ),
    maybe(
        "hop", whole(), "the hop the state is about; null when there is no single one", JUDGEMENT
    ),
    maybe(
        "confidence",
        Float(),
        "0 to 1, orders verdicts; null if neither blocked nor throttled",
        JUDGEMENT,
    ),
    maybe(
        "confidence_word",
        bytewise_text(16),
        "kind of evidence: signal, likely, confirmed, ...",
        JUDGEMENT,
    ),
    always("explanation", HostileText(), "one plain sentence for the volunteer", JUDGEMENT),
    always("anomalies", JsonText(), "JSON array of oddities off the default path", JUDGEMENT),
    always(
        "confounders",
        JsonText(),
        "JSON object: each other explanation, and its standing",
        JUDGEMENT,
    ),
    always("rules", JsonText(), "JSON array of the ids of the rules that fired", JUDGEMENT),
    always(
        "weights",
        JsonText(),
        "JSON array of their weights (0 to 1), in the order of rules",
        JUDGEMENT,
    ),
    _one_of("state", State),
    _one_of("confidence_word", ConfidenceWord),
    comment="What a ruleset makes of one measurement; rows are added, never changed.",
    postgresql_partition_by="RANGE (measurement_id)",
)

retired = Table(
    "retired",
    metadata,
    Column(
        "measurement_id",
        ForeignKey("measurements.id"),
        primary_key=True,
        comment="a measurement whose steps are in an archive alone",
        info=RETIRED.mark(),
    ),
    maybe(
        "ruleset_version",
        whole(),
        "the ruleset in force when they went, whose verdict stands; null: none judged it",
        RETIRED,
    ),
    always("steps", whole(), "how many steps it has", RETIRED),
    always("sha256", bytewise_text(64), "SHA-256 of the steps as stored, in hexadecimal", RETIRED),
    comment="Measurements whose steps were taken out of this database, once an archive had them.",
)

runs = Table(
    "runs",
    metadata,
    Column(
        "id",
        Integer,
        primary_key=True,
        comment="number of the run in this database",
        info=RESUMING.mark(),
    ),
    always("run_hash", HostileText(), "hash of configuration, sorted targets and probes", RESUMING),
    always("started", UtcTime(), "when the run began, UTC, whole seconds, RFC 3339", RESUMING),
    maybe(
        "finished",
        UtcTime(),
        "when it ended, UTC, RFC 3339; null while it can be resumed",
        RESUMING,
    ),
    always("total", whole(), "how many looks were planned", RESUMING),
    Index(None, "run_hash"),
    comment="One `heliograph run`; an unfinished one younger than 24 hours is resumed.",
)

run_items = Table(
    "run_items",
    metadata,
    Column(
        "run_id", ForeignKey("runs.id"), primary_key=True, comment="the run", info=RESUMING.mark()
    ),
    Column(
        "measurement_id",
        ForeignKey("measurements.id"),
        primary_key=True,
        comment="a measurement that was made and stored in this run",
        info=RESUMING.mark(),
    ),
    comment="Which measurements a run has stored already.",
)

hits = Table(
    "hits",
    metadata,
    Column(
        "asn",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="autonomous system number of the vantage; 0 if unknown",
        info=COOLING.mark(),
    ),
    Column(
        "address",
        HostileText,
        primary_key=True,
        comment="literal IP address at which the name was said",
        info=COOLING.mark(),
    ),
    Column(
        "port",
        whole(),
        primary_key=True,
        autoincrement=False,
        comment="port there",
        info=COOLING.mark(),
    ),
    Column(
        "name",
        HostileText,
        primary_key=True,
        comment="the name that was stopped",
        info=COOLING.mark(),
    ),
    always("stopped", UtcTime(), "when it was said last, UTC, whole seconds, RFC 3339", COOLING),
    Index(None, "stopped"),
    comment="Names that were stopped lately, and where: a filter that was hit may stop whatever"
    " follows there for some minutes.",
)

consents = Table(
    "consents",
    metadata,
    Column(
        "id",
        Integer,
        primary_key=True,
        comment="number of the consent, oldest first",
        info=AGREEMENT.mark(),
    ),
    always("text_version", HostileText(), "version of the text that was shown", AGREEMENT),
    always(
        "text_sha256", bytewise_text(64), "SHA-256 of that text as UTF-8, in hexadecimal", AGREEMENT
    ),
    always("language", HostileText(), "language of that text (BCP 47)", AGREEMENT),
    always(
        "how",
        HostileText(),
        "how it was given: at the terminal, or acknowledged by --yes",
        AGREEMENT,
    ),
    always("recorded", UtcTime(), "when it was given, UTC, whole seconds, RFC 3339", AGREEMENT),
    maybe(
        "expires",
        UtcTime(),
        "when it ends, UTC, RFC 3339; null, and over, if older than 0002",
        AGREEMENT,
    ),
    maybe(
        "classes",
        JsonText(),
        "JSON array of the risk classes of probes agreed to",
        AGREEMENT,
    ),
    maybe(
        "categories",
        JsonText(),
        "JSON array of the sensitive categories opted into",
        AGREEMENT,
    ),
    maybe(
        "withdrawn",
        UtcTime(),
        "when it was withdrawn, UTC, RFC 3339; null if it was not",
        AGREEMENT,
    ),
    comment="Each consent a volunteer gave; the last one counts.",
)

receipts = Table(
    "receipts",
    metadata,
    Column(
        "id",
        HostileText,
        primary_key=True,
        comment="a measurement that was received; it may be gone from this database since",
        info=RECEIPT.mark(),
    ),
    always(
        "envelope_hash",
        HostileText(),
        "SHA-256, in hexadecimal, of the envelope it came in first",
        RECEIPT,
    ),
    always("received_at", UtcTime(), "when that came, UTC, whole seconds, RFC 3339", RECEIPT),
    maybe(
        "vantage",
        HostileText(),
        "pseudonym of the key it was signed with, to count and weigh vantages; null if not known",
        RECEIPT,
    ),
    Index(None, "envelope_hash"),
    comment="What was received from others, so that what is sent again changes nothing.",
)

settings = Table(
    "settings",
    metadata,
    Column(
        "key",
        bytewise_text(64),
        primary_key=True,
        comment="name of the setting",
        info=UPKEEP.mark(),
    ),
    always("value", HostileText(), "its value; for ruleset_version, the current ruleset", UPKEEP),
    comment="Single values of this database; `ruleset_version` is the current ruleset,"
    " `retired_to` the archive that steps were left to last.",
)
