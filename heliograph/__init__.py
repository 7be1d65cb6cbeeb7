"""Heliograph's surface for plugin authors: what a probe is, and what it may import.

    from heliograph import Net, Target

Everything else of the project is reached through its own module and may change.
"""

from heliograph.config import Resolver
from heliograph.failure import Failure
from heliograph.model import Question, QuestionKind, Role, Step, StepKind, Target
from heliograph.plugin import (
    AnsweringProbe,
    CannotMeasure,
    Connection,
    Contact,
    Cost,
    Datagrams,
    Expectation,
    ExpectingProbe,
    Handshake,
    Label,
    Lookup,
    Need,
    Net,
    PlannedProbe,
    Probe,
    QuicHandshake,
    RemoteLook,
    Reply,
    Request,
    Risk,
    SinkMessage,
    Sweep,
    SweepPlan,
)

__all__ = [
    "AnsweringProbe",
    "CannotMeasure",
    "Connection",
    "Contact",
    "Cost",
    "Datagrams",
    "Expectation",
    "ExpectingProbe",
    "Failure",
    "Handshake",
    "Label",
    "Lookup",
    "Need",
    "Net",
    "PlannedProbe",
    "Probe",
    "Question",
    "QuestionKind",
    "QuicHandshake",
    "RemoteLook",
    "Reply",
    "Request",
    "Resolver",
    "Risk",
    "Role",
    "SinkMessage",
    "Step",
    "StepKind",
    "Sweep",
    "SweepPlan",
    "Target",
]
