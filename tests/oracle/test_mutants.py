"""Each rule of the oracle, when it is changed, is caught by a case of an item or by a world that was worked out by hand."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest
from tests.oracle.mutants import MUTANTS, Mutant
from tests.oracle.test_items import DETECTORS, EXPLANATIONS, views_of
from tests.wide import WIDE, some

FOLDER = Path(__file__).resolve().parent
PACKAGE = "mutated_oracle"
BY_HAND = ("test_by_hand", "test_signs_by_hand", "test_detect_by_hand", "test_holes_by_hand")
SMALL = 1_500  # views: cases of more take too long to be asked of each mutant


@cache
def _code(name: str, old: str, new: str) -> CodeType:
    source = (FOLDER / f"{name}.py").read_text(encoding="utf-8").replace("tests.oracle", PACKAGE)
    if old:
        assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in {name}"
        source = source.replace(old, new)
    return compile(source.replace('items("explanations"), items("detectors")', "ITEMS"), name, "exec")


class _Mutated(MetaPathFinder, Loader):
    """Gives the modules of the oracle, and its tests, with one of them edited."""

    def __init__(self, mutant: Mutant | None) -> None:
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return spec_from_loader(fullname, self) if fullname.startswith(f"{PACKAGE}.") else None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__.rpartition(".")[2]
        of = (
            self._mutant if self._mutant is not None and self._mutant.module == name else Mutant(name, "", "")
        )
        module.__dict__.update(ITEMS=(EXPLANATIONS, DETECTORS), __file__=str(FOLDER / f"{name}.py"))
        exec(_code(name, of.old, of.new), module.__dict__)


@contextmanager
def mutated(mutant: Mutant | None) -> Iterator[Callable[[str], ModuleType]]:
    """Imports modules of an oracle with that edit."""
    finder, package = _Mutated(mutant), ModuleType(PACKAGE)
    package.__path__ = []
    sys.meta_path.insert(0, finder)
    sys.modules[PACKAGE] = package
    try:
        yield lambda name: importlib.import_module(f"{PACKAGE}.{name}")
    finally:
        sys.meta_path.remove(finder)
        for name in [each for each in sys.modules if each.partition(".")[0] == PACKAGE]:
            del sys.modules[name]


def by_hand(load: Callable[[str], ModuleType]) -> bool:
    """Whether a world that was worked out by hand comes out otherwise."""
    for name in BY_HAND:
        module = load(name)
        for test in [each for key, each in vars(module).items() if key.startswith("test_")]:
            for given in _given(test):
                try:
                    test(**given)
                except Exception:  # noqa: BLE001 - a wrong rule may fail in any way
                    return True
    return False


def _given(test: Callable[..., None]) -> list[dict[str, Any]]:
    """The arguments of each run of a test."""
    marks = [mark.args for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    if not marks:
        return [{}]
    ((names, rows),) = marks
    names = [names] if isinstance(names, str) else list(names)
    return [dict(zip(names, row if len(names) > 1 else (row,), strict=True)) for row in rows]


def by_cases(load: Callable[[str], ModuleType]) -> bool:
    """Whether a case of an item gives something else than the whole oracle's."""
    items = load("test_items")
    cases = load("cases")
    try:
        for name, item in EXPLANATIONS.items():
            for case in item["case"]:
                oracle = items.Oracle(cases.case_log(case), EXPLANATIONS)
                answers = {items.ANSWERS[oracle.explain.answer(name, view)] for view in oracle.log.views}
                if answers != {case["expect"]}:
                    return True
        asked = [
            (item, case) for item in DETECTORS.values() for case in item["case"] if views_of(case) <= SMALL
        ]
        for item, case in sorted(asked, key=lambda each: views_of(each[1])):
            listed = items.CHANGED.get((item["id"], case["title"]))
            if items.fault(item, case) != (listed[1] if listed else None):
                return True
    except Exception:  # noqa: BLE001 - a wrong rule may fail in any way
        return True
    return False


def named(mutant: Mutant) -> str:
    return f"{mutant.module}: {mutant.old.splitlines()[0].strip()[:60]} -> {mutant.new.splitlines()[-1].strip()[:60] if mutant.new else 'nothing'}"


def test_the_oracle_as_it_stands_is_caught_by_nothing() -> None:
    with mutated(None) as load:
        assert not by_hand(load)


def test_each_edit_changes_one_place() -> None:
    for mutant in MUTANTS:
        source = (FOLDER / f"{mutant.module}.py").read_text(encoding="utf-8")
        assert source.count(mutant.old) == 1, named(mutant)
        assert mutant.new != mutant.old
    assert len({named(each) for each in MUTANTS}) == len(MUTANTS)


HAND_MODULES = ("rows", "visits", "baseline", "bars", "windows", "ranks")


@pytest.mark.parametrize("module", some(HAND_MODULES, of=3))
def test_rules_of_small_modules_are_held_by_worlds_or_cases(module: str) -> None:
    assert [named(each) for each in MUTANTS if each.module == module and not _caught(each)] == []


@pytest.mark.slow
@pytest.mark.parametrize("module", sorted({each.module for each in MUTANTS} - set(HAND_MODULES)))
def test_rules_of_large_modules_are_held_by_worlds_or_cases(module: str) -> None:
    asked = [each for each in MUTANTS if each.module == module][
        :: 1 if WIDE else 40
    ]  # some edits of a large module
    assert asked
    assert [named(each) for each in asked if not _caught(each)] == []


def _caught(mutant: Mutant) -> bool:
    with mutated(mutant) as load:
        return by_hand(load) or by_cases(load)


def test_what_is_slow_is_asked_of_the_rest() -> None:
    assert set(itertools.chain(HAND_MODULES)) < {each.module for each in MUTANTS}
