"""What is written in OONI's format and read again is the same: record, steps, verdict and id."""

import msgspec
from hypothesis import given, settings

from analysis.judge import judge
from heliograph.ids import with_id
from heliograph.model import Measurement
from storage.ooni.coarse import coarsened
from storage.ooni.reader import read
from storage.ooni.writing import line_of
from tests.unit.analysis.cases import EVERY_LOOK
from tests.unit.storage.ooni.random_looks import LOOKS


def as_web(look: Measurement) -> Measurement:
    return with_id(msgspec.structs.replace(look, probe="web"))


def judged(look: Measurement) -> bytes:
    return msgspec.json.encode(judge(look))


def test_every_look_the_rules_are_tested_with_comes_back_with_its_verdict() -> None:
    for look in map(as_web, EVERY_LOOK):
        again = read(line_of(look))
        assert again == look
        assert judged(again) == judged(look)


@settings(max_examples=60)
@given(LOOKS)
def test_whatever_was_measured_comes_back_with_its_verdict(look: Measurement) -> None:
    again = read(line_of(look))

    assert again == look
    assert judged(again) == judged(look)


@settings(max_examples=25)
@given(LOOKS)
def test_what_was_made_coarse_comes_back_coarse(look: Measurement) -> None:
    coarse = coarsened(look)

    assert read(line_of(coarse)) == coarse


def test_a_line_that_was_edited_is_read_as_anybodys() -> None:
    """What its keys say is still read, under another id, and not as a look made here."""
    look = as_web(EVERY_LOOK[0])
    edited = msgspec.json.decode(line_of(look))
    edited["test_keys"]["x_heliograph"]["record"]["seconds"] = 77.0
    again = read(msgspec.json.encode(edited))

    assert again.id != look.id
    assert again.probe == "web_connectivity"
    assert again.source is not None
    assert look.id in again.source
    assert again.target.url == look.target.url
    assert again.steps
