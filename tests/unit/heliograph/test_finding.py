"""A finding on the wire: the fields docs/design.md names, in that order."""

import msgspec

from heliograph.finding import Finding, FindingType, Member, MethodChange
from heliograph.model import ConfidenceWord

FINDING = Finding(
    type=FindingType.BLOCKING,
    country="XA",
    asns=(64500,),
    targets=("https://site.example/",),
    probes=("web",),
    techniques=("tls.reset",),
    onset="2026-01-02T00:00:00Z",
    onset_from="2026-01-01T00:00:00Z",
    onset_to="2026-01-03T00:00:00Z",
    end=None,
    end_from=None,
    end_to=None,
    confidence=0.9,
    confidence_word=ConfidenceWord.LIKELY,
    members=(
        Member(
            asn=64500,
            target="https://site.example/",
            probe="web",
            onset="2026-01-02T00:00:00Z",
            end=None,
        ),
    ),
    changes=(MethodChange(at="2026-01-04T00:00:00Z", was="dns.bogon", now="tls.reset"),),
    explanation="it is",
)


def test_a_line_has_the_fields_of_the_contract_and_nothing_is_left_out() -> None:
    told = msgspec.json.decode(msgspec.json.encode(FINDING))

    assert " ".join(told) == (
        "kind type country asns targets probes techniques onset onset_from onset_to"
        " end end_from end_to confidence confidence_word members changes witnesses explanation"
    )
    assert (told["kind"], told["type"], told["end"]) == ("finding", "blocking", None)
    assert list(told["members"][0]) == ["asn", "target", "probe", "onset", "end"]
    assert told["changes"] == [
        {"at": "2026-01-04T00:00:00Z", "from": "dns.bogon", "to": "tls.reset"}
    ]


def test_what_was_written_can_be_read() -> None:
    assert msgspec.json.decode(msgspec.json.encode(FINDING), type=Finding) == FINDING
