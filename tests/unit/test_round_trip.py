"""What is written in OONI's format and read again is the same: record, steps, verdict and id."""

import msgspec
from hypothesis import given, settings

from analysis.judge import judge
from heliograph.ids import with_id
from heliograph.model import Measurement, State
from storage.ooni.coarse import coarsened
from storage.ooni.reader import read
from storage.ooni.writing import line_of
from storage.packages.public import published
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


def test_what_was_made_public_comes_back_so_and_is_not_judged() -> None:
    for look in EVERY_LOOK:
        for probe in ("web", "tls"):
            told = published(msgspec.structs.replace(look, probe=probe))
            again = read(line_of(told))
            assert again == told
            assert judge(again) is None


def test_ooni_s_keys_of_what_was_made_public_accuse_nobody() -> None:
    """Whoever reads them alone, as when the record was edited, finds nothing to rest a claim on."""
    for look in map(as_web, EVERY_LOOK):
        document = msgspec.json.decode(line_of(published(look)))
        del document["test_keys"]["x_heliograph"]
        verdict = judge(read(msgspec.json.encode(document)))
        assert verdict is not None
        assert verdict.state is State.INCONCLUSIVE


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
