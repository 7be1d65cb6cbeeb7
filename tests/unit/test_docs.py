"""The documentation says what the code does: generated pages are fresh, hand-made ones complete."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from analysis.rules import RULESET_VERSION
from heliograph.cli.evaluate import Evaluation
from heliograph.config import Config
from heliograph.model import SURROUNDINGS
from probes import BUILTIN

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKER = load(DOCS / "make_reference.py")


@pytest.mark.parametrize("name", sorted(MAKER.PAGES))
def test_a_generated_page_is_what_the_code_makes_now(name: str) -> None:
    committed = (DOCS / "reference" / name).read_text(encoding="utf-8")

    assert committed == MAKER.PAGES[name](), "run: python docs/make_reference.py"


def test_the_error_rates_are_those_of_the_rules_in_force() -> None:
    kept = msgspec.json.decode(MAKER.EVALUATION.read_bytes(), type=Evaluation)
    stale = "run: heliograph lab evaluate --out analysis/accuracy.json"
    assert kept.accuracy.ruleset_version == RULESET_VERSION, stale
    assert kept.repeats >= 20  # fewer leave room for chance
    assert kept.accuracy.accused == ()


def test_every_key_of_the_configuration_is_explained() -> None:
    page = (DOCS / "reference" / "config.md").read_text(encoding="utf-8")
    keys = {
        key
        for section in msgspec.structs.asdict(Config()).values()
        for key in msgspec.structs.asdict(section)
    }

    assert {key for key in keys if f"| `{key}` |" not in page} == set()


@pytest.mark.parametrize("probe", [probe.name for probe in BUILTIN])
def test_every_probe_has_its_page(probe: str) -> None:
    assert (DOCS / "probes" / f"{probe}.md").is_file()


@pytest.mark.parametrize("probe", [*(probe.name for probe in BUILTIN), SURROUNDINGS])
def test_what_ok_means_is_told_for_every_probe(probe: str) -> None:
    page = (DOCS / "guide" / "results.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1].split() for line in page.splitlines() if line.startswith("| `")]

    assert any(f"`{probe}`" in first for first in rows)


def test_no_question_in_the_documents_adds_up_the_verdicts_of_different_probes() -> None:
    pages = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    mixed = [
        f"{page.name}: {line}"
        for page in pages
        for line in page.read_text(encoding="utf-8").splitlines()
        if re.search(r"GROUP BY (?!.*\bprobe\b)(\w+, )*state\b", line)
    ]

    assert mixed == []


def test_every_link_between_pages_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    broken = [
        f"{page.name}: {link}"
        for page in pages
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]

    assert broken == []
