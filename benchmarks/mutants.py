"""Weakens the rules one condition at a time and says which changes no test notices.

Each mutant is one change of one module of ``analysis``: a part of an ``and`` or ``or`` left out, a
guard that returns early or a filter left out, a ``not`` or a comparison made true, a number off by
one, one member of a table, one rule or one of two sets left out. It is first judged on the
measurements of the tests and of the corpus (a fifth of a second), and when nothing changes there,
by the other tests of the room (a few seconds; left out by ``--quick``). With ``--corpus`` only the
measurements that the lab made are tried, with ``--no-corpus`` they are left out: a condition that
came since they were made is not in them. Exits with 1 when a mutant survives.
"""

import argparse
import ast
import copy
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from heliograph.model import Measurement, State
from tests.unit.analysis.cases import FIRES, SPARES
from tests.unit.analysis.cases_stories import EVERY
from tests.unit.analysis.kept import corpus

if TYPE_CHECKING:  # each mutant has rules of its own
    from analysis.rule import Rule

ROOT = Path(__file__).parents[1]
MODULES = (
    "conditions",
    "comparisons",
    "chain",
    "pages",
    "outlines",
    "reasons",
    "reported",
    "residual",
    "rules",
    "rules_single",
    "single",
    "single_names",
    "rules_throttle",
    "shape",
    "beside/content",
    "beside/content_seen",
    "beside/keyword",
    "beside/quic",
    "beside/quic_seen",
    "beside/throttle",
    "beside/trace",
    "beside/trace_seen",
    "beside/trace_whose",
    "beside/frames",
)
"""Where conditions stand; the evidence they ask has tests of its own."""

_OF_TABLES = (
    "test_a_rule_fires_and_decides",
    "test_a_look_alike_does_not_fire_the_rule",
    "test_no_look_alike_of_blocking_is_called_blocked",
)

_Change = Callable[[ast.AST], None]
_Trial = Callable[[], bool]

Mutant = tuple[str, int, ast.Module]
"""What was changed, in which line, and the module then."""


def main() -> int:
    """Try every mutant of the modules; the number of survivors is printed last."""
    chosen = _chosen()
    survivors, tried, began = [], 0, time.monotonic()
    trials = _trials(chosen)
    os.chdir(ROOT)
    corpus()  # read once, before there are other processes
    for name in chosen.modules or MODULES:
        path, module = ROOT / "analysis" / f"{name}.py", f"analysis.{name.replace('/', '.')}"
        unchanged = ast.parse(path.read_text(encoding="utf-8"))
        if not all(_survives(module, unchanged, trial) for trial in trials):
            sys.exit("the tests fail as it is: every change would count as noticed")
        for what, line, tree in mutants(path):
            tried += 1
            if sys.stderr.isatty():
                print(f"\r{tried}: {name}:{line} {what}"[:100].ljust(100), end="", file=sys.stderr)
            if all(_survives(module, tree, trial) for trial in trials):
                survivors.append(f"analysis/{name}.py:{line}: {what}")
                print(f"survives  {survivors[-1]}", flush=True)
    seconds = time.monotonic() - began
    print(f"{tried - len(survivors)} of {tried} mutants noticed, in {seconds:.0f} s")
    return 1 if survivors else 0


def _chosen() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="such as beside/quic")
    parser.add_argument("--quick", action="store_true")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--corpus", action="store_true")
    which.add_argument("--no-corpus", action="store_true")
    chosen = parser.parse_args()
    for name in chosen.modules:
        if not (ROOT / "analysis" / f"{name}.py").exists():
            parser.error(f"there is no module {name} in analysis")
    return chosen


def _trials(chosen: argparse.Namespace) -> list[_Trial]:
    """What each mutant goes through, the quickest first."""
    if chosen.corpus:
        return [_called_right]
    found = [_as_expected]
    if not chosen.no_corpus:
        found.append(_called_right)
    return found if chosen.quick else [*found, _tests_pass]


def mutants(path: Path) -> Iterator[Mutant]:
    """Every change of one module, one at a time."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lines = {id(child): line for line, child in _lines(tree)}
    told = {id(part) for node in _told(tree) for part in ast.walk(node)}
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in told:
            continue
        for what, change in _changes(node):
            changed = copy.deepcopy(tree)
            twin = next(n for i, n in enumerate(ast.walk(changed)) if i == number)
            change(twin)
            yield what, lines[id(node)], ast.fix_missing_locations(changed)


def _lines(tree: ast.Module) -> Iterator[tuple[int, ast.AST]]:
    """Every node and its line; that of the first thing in it where it has none of its own."""
    for node in ast.walk(tree):
        yield min((n.lineno for n in ast.walk(node) if hasattr(n, "lineno")), default=0), node


def _told(tree: ast.Module) -> Iterator[ast.AST]:
    """Types, and the number of the ruleset: no conditions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "RULESET_VERSION":
            yield node
        types = (getattr(node, "annotation", None), getattr(node, "returns", None))
        yield from (each for each in types if each is not None)


def _changes(node: ast.AST) -> Iterator[tuple[str, _Change]]:
    yield from _left_out(node)
    yield from _made_true(node)
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value > 0:
        yield f"with {node.value + 1} for {node.value}", _set("value", node.value + 1)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.BitAnd):
        for side, part in (("left", node.left), ("right", node.right)):
            yield f"with {_short(part)} alone", _alone(side)


def _left_out(node: ast.AST) -> Iterator[tuple[str, _Change]]:
    """One of several parts, filters or members."""
    if isinstance(node, ast.BoolOp):
        for index, part in enumerate(node.values):
            if ast.unparse(part) != "''":  # ``address or ""`` is there for the types
                yield f"without {_short(part)}", _dropped("values", index)
    if isinstance(node, ast.comprehension):
        for index, part in enumerate(node.ifs):
            yield f"for all, not only {_short(part)}", _dropped("ifs", index)
    if isinstance(node, ast.Set | ast.Tuple) and len(node.elts) > 1 and _is_table(node):
        for index, part in enumerate(node.elts):
            yield f"without the member {_short(part)}", _dropped("elts", index)


def _made_true(node: ast.AST) -> Iterator[tuple[str, _Change]]:
    """A condition that stands alone, or a guard that never stops."""
    if isinstance(node, ast.Return | ast.Assign) and isinstance(node.value, ast.Compare):
        yield f"with {_short(node.value)} always true", _set("value", ast.Constant(True))
    if isinstance(node, ast.If) and not node.orelse and isinstance(node.body[-1], ast.Return):
        yield f"without the guard {_short(node.test)}", _set("test", ast.Constant(False))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield f"with {_short(node)} always true", _set("operand", ast.Constant(False))


def _short(node: ast.AST) -> str:
    return repr(ast.unparse(node)[:60])


def _is_table(node: ast.Set | ast.Tuple) -> bool:
    """Members of the same kind: words of one enumeration, rules, or groups of such."""
    single = [ast.unparse(part) for part in node.elts if not isinstance(part, ast.Starred)]
    return all(part.startswith(("Failure.", "Rule(")) for part in single)


def _dropped(field: str, index: int) -> _Change:
    def change(node: ast.AST) -> None:
        parts = getattr(node, field)
        del parts[index]
        if isinstance(node, ast.BoolOp) and len(parts) == 1:
            parts.append(copy.deepcopy(parts[0]))

    return change


def _set(field: str, value: object) -> _Change:
    return lambda node: setattr(node, field, value)


def _alone(side: str) -> _Change:
    """One side of ``a | b`` or ``a & b``, twice: the same as that side alone."""

    def change(node: ast.AST) -> None:
        assert isinstance(node, ast.BinOp)
        node.left = node.right = getattr(node, side)

    return change


class _Mutated(MetaPathFinder, Loader):
    """Gives one module in its changed form."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self._name, self._tree = name, tree

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        return spec_from_loader(name, self) if name == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._tree, f"<mutant of {self._name}>", "exec"), vars(module))


def _survives(name: str, tree: ast.Module, trial: _Trial) -> bool:
    """Whether all is as it should be, in a process of its own that has the changed module."""
    child = os.fork()
    if child == 0:
        same = False
        try:
            for loaded in [m for m in sys.modules if m.partition(".")[0] == "analysis"]:
                del sys.modules[loaded]
            sys.meta_path.insert(0, _Mutated(name, tree))
            same = trial()
        finally:  # an error, too, is a change noticed
            os._exit(0 if same else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _as_expected() -> bool:
    """What the tables and the stories of the tests say holds."""
    from analysis.judge import judge
    from analysis.rules import RULES

    states = {rule.id: rule.state for rule in RULES}
    if set(states) != set(FIRES):
        return False
    for rule, cases in FIRES.items():
        for verdict in map(judge, cases.values()):
            if verdict is None or rule not in {fired.rule for fired in verdict.fired}:
                return False
            if verdict.state is not states[rule]:
                return False
    stories = ((story, judge(story.look)) for story in EVERY)
    right = all(verdict is not None and verdict.state not in s.never for s, verdict in stories)
    return right and all(_spared(rule, SPARES[rule.id].values()) for rule in RULES)


def _called_right() -> bool:
    """Every measurement of the corpus is called what it is."""
    from analysis.judge import judge

    return not any(kept.case(judge(kept.measurement)).faults for kept in corpus())


def _spared(rule: "Rule", looks: Iterable[Measurement]) -> bool:
    """The rule holds in none of the looks, and if it is one of blocking, nothing is blocked."""
    from analysis.chain import hops
    from analysis.judge import judge
    from analysis.rules import rules_for

    for look in looks:
        if rule in rules_for(look) and rule.held_at(hops(look)) is not None:
            return False
        verdict = judge(look)
        if rule.state is State.BLOCKED and (verdict is None or verdict.state is State.BLOCKED):
            return False
    return True


def _tests_pass() -> bool:
    """The tests of the room, but for those that go through the tables or the corpus."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    there = "tests/unit/analysis"
    done = [f"--deselect={there}/test_rules.py::{test}" for test in _OF_TABLES]
    done += [f"--ignore={there}/test_corpus.py"]  # read before, by classes that are no longer
    return pytest.main(["-x", "-q", "-p", "no:cacheprovider", *done, there]) == 0


if __name__ == "__main__":
    sys.exit(main())
