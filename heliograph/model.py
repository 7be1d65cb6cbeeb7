"""The records everybody shares: frozen values and nothing else."""

from datetime import datetime
from enum import StrEnum

import msgspec

from heliograph.failure import Failure


class StepKind(StrEnum):
    """What a censor can break, one kind per layer."""

    DNS_QUERY = "dns_query"
    TCP_CONNECT = "tcp_connect"
    TLS_HANDSHAKE = "tls_handshake"
    HTTP_EXCHANGE = "http_exchange"
    QUIC_HANDSHAKE = "quic_handshake"
    DATAGRAM = "datagram"
    HOP_PROBE = "hop_probe"


class Role(StrEnum):
    """The part a step plays in a paired trial."""

    TEST = "test"
    CONTROL_BEFORE = "control_before"
    CONTROL_AFTER = "control_after"
    REMOTE_CONTROL = "remote_control"
    RESIDUAL_CHECK = "residual_check"


OUT_OF_TIME = "out_of_time"
"""Context flag: the look was cut off by its time limit, and rests on what it had by then."""

STOPPED = "stopped before it was finished"
"""Reason of a look, ``broken``, that was under way when its run was ended: it is made again."""

ADDRESS_BUSY = "address_busy"
"""Context flag: an address that failed here had taken connections of this run moments before."""

ADDRESS_UNKNOWN = "address_unknown"
"""Context flag: no public address of this host was known, so none could be taken out of what was
found. Such a measurement is stored here and never sent."""

CONTROL_NOT_ASKED = "control_not_asked"
"""Begins a context flag: a control is configured and was not asked; why stands after its colon."""

CONTROL_RESTING = f"{CONTROL_NOT_ASKED}:resting"
"""Context flag: every control had failed several times in a row, and is left alone for a while."""

CONTROL_WOULD_LEARN = f"{CONTROL_NOT_ASKED}:own_address"
"""Context flag: what a control would have been told held an address of this host."""

NO_IPV6 = "no_ipv6"
"""Context flag: this host has no route to the IPv6 internet."""

RESIDUAL_POSSIBLE = "residual_possible"
"""Context flag: an address that failed here had stopped another name less than the cool-down
before, or this one in another look: what was hit then may stop whatever follows."""

PAIR_AGAIN = "again"
"""The pair of the target's name asked of the system's resolver once more."""

PAIR_RESOLVER = "resolver"
"""The pair of an innocuous name asked of the system's resolver, and visited where it leads."""

PAIR_SWAP = "swap"
"""The pair of both names said to a server that is not the target's."""

PAIR_STRANGER = "stranger"
"""The pair of a name nobody has, said to the server of the swap before the target's."""

PAIR_ASKED = "asked"
"""The pair of the connection to a control server itself, beside what it saw."""

PAIR_EXPLAINED = "explained"
"""The pair of the target's name asked of the system's resolver for its reason: checking off."""

PAIR_END = "end"
"""The pair of a control's response at the end of a way along which it followed every redirect."""

PAIR_IPV6 = "ipv6"
"""The pair of an innocuous name that has an IPv6 address, asked for it."""

PAIR_NOBODY = "nobody"
"""The pair of both names asked of an address where no resolver lives."""

PAIR_PLATFORM = "platform"
"""The pair of another page of the target's site, here and as a control sees it: content alone."""

PAIR_LATER = "later"
"""The pair of the target's page opened once more, after that one: content alone."""

PAIR_SHAPE = "shape"
"""The pair of both names said where the target's was stopped, in a ClientHello of two segments."""

WITHHELD = "withheld"
"""Who says where a record's vantage is, in a package for everybody: it is not told, and neither are
the details of steps."""

SURROUNDINGS = "surroundings"
"""The probe that looks at the network around this host, for every look of a run."""

PAIR_CHECK = "check"
"""The pair of a connectivity check: surroundings alone."""

PAIR_NOWHERE = "nowhere"
"""The pair of a name that does not exist: surroundings alone."""

PAIR_INNOCUOUS = "innocuous"
"""The pair of an innocuous name, looked up and visited: surroundings alone."""

PAIR_NEAR = "near"
"""The pair of a name at home in the vantage's country: surroundings alone."""

NXDOMAIN_REWRITTEN = "nxdomain_rewritten"
"""Context flag: names that do not exist are given the addresses after its colon."""


def pair_at(address: str | None, port: int | None, what: str = "") -> str:
    """The pair of both names said to one address and port; ``what`` tells several such apart."""
    return f"{what}{address}:{port}"


PACE = "pace "
"""Begins the pair of a page asked for under the target's name and under another, at one server."""

WORD = "word "
"""Begins the pair of requests to a sink: one of filler, and those with words of the target's."""

AGAIN = "again "
"""Begins the pair of an innocuous server reached, and the target's address tried once more."""

SECURE = "secure "
"""Begins the pair of the target opened over TLS where it was opened in the clear."""

PAGE = "page "
"""Begins the pair of both names asked for a page in the clear, where a name was led astray."""


class Outcome(StrEnum):
    """Whether there is evidence at all; ``skipped`` and ``broken`` carry a reason."""

    MEASURED = "measured"
    SKIPPED = "skipped"
    BROKEN = "broken"


class State(StrEnum):
    """What a verdict says of a target as seen from one vantage (docs/design.md, section 2)."""

    OK = "ok"
    BLOCKED = "blocked"
    RESTRICTED = "restricted"
    REMOVED = "removed"
    THROTTLED = "throttled"
    DOWN = "down"
    INCONCLUSIVE = "inconclusive"


class ConfidenceWord(StrEnum):
    """The kind of evidence behind a verdict, never how large a number is."""

    SIGNAL = "signal"
    LIKELY = "likely"
    CONFIRMED = "confirmed"
    CORROBORATED = "corroborated"


class Standing(StrEnum):
    """Whether another explanation was tested, and with what result."""

    RULED_OUT = "ruled_out"
    NOT_TESTED = "not_tested"
    POSSIBLE = "possible"


class Target(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One URL to look at: as the person wrote it, and normalised (heliograph.url)."""

    input: str
    url: str
    scheme: str
    host: str
    """Lower-case A-label, or an IP address without brackets."""
    port: int


UNKNOWN_COUNTRY = "ZZ"
"""In the place of an ISO 3166-1 code: nobody knows, or those who should contradict each other."""


class Vantage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a measurement was made, no finer than country and network."""

    country: str = UNKNOWN_COUNTRY
    """ISO 3166-1 alpha-2; ZZ when unknown."""
    asn: int = 0
    """Autonomous system number; 0 when unknown."""
    network_name: str | None = None
    source: str = "unknown"
    """Who says so: ``configured``, name and date of a table, a control server, or ``unknown``."""


class Stack(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What our traffic looks like to a censor: filters fire on client shapes, too."""

    system: str
    tls_library: str
    http_library: str
    tcp_timestamps: bool | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing a censor can break, with everything that was seen of it.

    Born ``interrupted``: only success (None) or a classified failure replaces that, so a step
    cut off by a deadline can never read as a success.
    """

    kind: StepKind
    role: Role = Role.TEST
    pair: str | None = None
    """Steps of one paired trial share this id."""
    hop: int = 1
    """1 is the target itself, 2 where its first redirect leads, and so on."""
    host: str | None = None
    """The name this step is about: query name, server name, Host."""
    resolver: str | None = None
    """The resolver asked; on a connection, the resolver it was opened for."""
    address: str | None = None
    port: int | None = None
    source_port: int | None = None
    sni: str | None = None
    started: float = 0.0
    """Seconds since the measurement began."""
    seconds: float = 0.0
    bytes_sent: int = 0
    bytes_received: int = 0
    failure: Failure | None = Failure.INTERRUPTED
    detail: str = "{}"
    """JSON text; heliograph.detail has the shape for each kind."""


class Measurement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One probe, one target, one vantage, one moment: facts, never a judgement."""

    id: str = ""
    """UUIDv8 of the content (heliograph.ids); empty until the record is complete."""
    probe: str
    probe_version: int
    target: Target
    vantage: Vantage
    started: datetime
    """UTC, whole seconds."""
    seconds: float = 0.0
    outcome: Outcome = Outcome.MEASURED
    reason: str | None = None
    campaign: str | None = None
    consent: str | None = None
    """Version of the consent text that covers this measurement."""
    software: str = ""
    stack: Stack | None = None
    context: tuple[str, ...] = ()
    """Flags about the surroundings that mask verdicts."""
    steps: tuple[Step, ...] = ()
    source: str | None = None
    """Where an imported measurement came from; None for our own."""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A name that was stopped at an address: whatever follows there may pay for it for a while."""

    asn: int
    """Autonomous system number of the vantage; 0 when unknown."""
    address: str
    port: int
    name: str
    stopped: datetime
    """When the name was said, UTC."""


class QuestionKind(StrEnum):
    """What would settle an anomaly; probes answer with more steps."""

    OTHER_RESOLVER = "other_resolver"
    VALIDATE_ADDRESS = "validate_address"
    CONTROL_NAME_SAME_RESOLVER = "control_name_same_resolver"
    CONTROL_NAME_IPV6 = "control_name_ipv6"
    CONTROL_NAME_SAME_ADDRESS = "control_name_same_address"
    TARGET_NAME_ON_CONTROL_ADDRESS = "target_name_on_control_address"
    SAME_ADDRESS_AGAIN = "same_address_again"
    PAGE_AT_ADDRESS = "page_at_address"
    SECURE_PAGE = "secure_page"
    PAGE_AGAIN = "page_again"
    REMOTE_CONTROL = "remote_control"
    NON_RESOLVER = "non_resolver"
    REASON_OF_RESOLVER = "reason_of_resolver"
    PACE = "pace"
    OTHER_SHAPE = "other_shape"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One follow-up look that could change the verdict, asked by analysis, answered by a probe."""

    kind: QuestionKind
    host: str
    address: str | None = None
    """Where the look is to go; for the swap, the address it must not go to."""
    port: int | None = None
    plaintext: bool = False
    """True when the trial is to be made over HTTP without TLS."""
    path: str = "/"
    """What is asked for in the clear in the target's name."""
    hop: int = 1


class Fired(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that fired, with the weight it carried."""

    rule: str
    weight: float


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a ruleset makes of one measurement: append-only, and the same for the same facts."""

    measurement_id: str
    ruleset_version: int
    state: State
    techniques: tuple[str, ...] = ()
    """The first is the main one."""
    hop: int | None = None
    """The hop the state is about; None when there is no single one."""
    confidence: float | None = None
    confidence_word: ConfidenceWord | None = None
    explanation: str
    """One plain sentence a volunteer understands."""
    anomalies: tuple[str, ...] = ()
    """What is odd off the default path; changes no state."""
    confounders: dict[str, Standing] = {}
    fired: tuple[Fired, ...] = ()


class VerdictRow(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="verdict"):
    """One line of results: a measurement with the current verdict on it (docs/design.md, 4)."""

    measurement_id: str
    started: str
    """RFC 3339, UTC."""
    input: str
    target: str
    host: str
    probe: str
    outcome: Outcome
    reason: str | None
    state: State | None
    techniques: tuple[str, ...] = ()
    hop: int | None = None
    confidence: float | None = None
    confidence_word: ConfidenceWord | None = None
    explanation: str | None = None
    anomalies: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    confounders: dict[str, Standing] = {}
    rules: tuple[str, ...] = ()
    ruleset_version: int | None = None
    seconds: float = 0.0
    source: str | None = None
    country: str = UNKNOWN_COUNTRY
    asn: int = 0


class Side(StrEnum):
    """What a comparison speaks for."""

    FOR = "for"
    """Interference on the way from here."""
    AGAINST = "against"
    FACT = "fact"
    """It is what has to be explained, or says nothing by itself."""


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison of a look, in a sentence, worked out from its steps."""

    side: Side
    text: str
    steps: tuple[int, ...]
    """Places in the measurement's record: ``number`` of the steps."""


class RunSummary(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="summary"):
    """The last line of a run."""

    measured: int = 0
    skipped: int = 0
    broken: int = 0
    states: dict[State, int] = {}
    context: tuple[str, ...] = ()
    seconds: float = 0.0
    bytes_sent: int = 0
    bytes_received: int = 0
    left: int = 0
    """Looks that were not finished; the same command goes on with them."""
    given_up: int = 0
    """Those of them that were under way: what they sent is on record, unless nothing may be."""
    control_wanted: int = 0
    """Looks that would have been compared with a control's."""
    control_answered: int = 0
    """Those of them that a control answered."""
    control_failures: dict[str, int] = {}
    """Why the others were not: failure words and flags, and how many looks each."""
