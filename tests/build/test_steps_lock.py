"""A step is stale when anything that it reaches changes, and not when anything else does."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tools import steps as tool
from tools.reached import Sources

from whosaw.app.building import steps as registry
from whosaw.build.fact import Fact
from whosaw.build.step import Read, Step
from whosaw.core.errors import WhosawError

PINS = {"duckdb": "2.0.1", "numpy": "2.4.6", "pyarrow": "26.0.1", "pyroaring": "1.2.0"}
FILES = {
    "__init__.py": '"""A package."""\n',
    "view.py": """\
from __future__ import annotations

from .helpers import clean
from . import limits
from .statement import statement

UNUSED = 1


def run(inputs, span):
    \"\"\"Says what it does.\"\"\"
    from .late import inner  # only here

    return clean(inputs, limits.MOST), statement("views"), inner()


def untouched():
    return UNUSED
""",
    "helpers.py": """\
import numpy as np

from .table import RULES


def clean(rows, most):
    return [RULES[each](most) for each in np.unique(rows)]


def other():
    return 2
""",
    "table.py": """\
from .rules import double

RULES = {}
RULES["double"] = double
UNREAD = 5


def rule(function):
    RULES[function.__name__] = function
    return function


@rule
def triple(each):
    return 3 * each
""",
    "rules.py": "def double(each):\n    return 2 * each\n",
    "limits.py": "MOST = 7\nLEAST = 3\n",
    "late.py": "from .passed import deep as inner\n",
    "passed/__init__.py": "from .deep import deep\n\n__all__ = ['deep']\n",
    "passed/deep.py": "def deep():\n    return 1\n",
    "statement.py": "def statement(name):\n    return open(f'sql/{name}.sql')\n",
    "sql/views.sql": "SELECT 1",
    "sql/sums.sql": "SELECT 2",
    "sql/sign_a.sql": "SELECT 3",
    "sql/never.sql": "SELECT 4",
    "kinds.py": "class Base:\n    top = 1\n\n\nclass Sums(Base):\n    size = 2\n",
    "sums.py": """\
from __future__ import annotations

from typing import TYPE_CHECKING

from .kinds import Sums
from .statement import statement

if TYPE_CHECKING:
    from .only_types import Nothing


def make(kind):
    def run(inputs: Nothing, span):
        with inputs.session as session:
            return [session.query(statement(f"sign_{sign}")) for sign in kind.signs], Sums(kind)
    return run


fields = lambda setup: {"totals": setup}


def window(known, day):
    return statement("sums")
""",
    "only_types.py": "class Nothing:\n    none = 0\n",
    "nobody.py": "ALONE = 1\n",
}
# by file, each text that is changed, and the steps that turn stale
CHANGES = [
    ("view.py", "return clean(", "return  clean(", {"view", "held"}),
    ("view.py", "UNUSED = 1", "UNUSED = 2", set()),
    ("view.py", "return UNUSED", "return -UNUSED", set()),
    ("view.py", "Says what", "Says why", set()),  # a docstring
    ("view.py", "# only here", "# only there", set()),  # a comment
    ("helpers.py", "for each in", "for  each in", {"view", "held"}),
    ("helpers.py", "return 2", "return 3", set()),
    ("table.py", 'RULES["double"]', 'RULES["doubl"]', {"view", "held"}),
    ("table.py", "UNREAD = 5", "UNREAD = 6", set()),
    ("table.py", "3 * each", "4 * each", {"view", "held"}),
    ("rules.py", "2 * each", "3 * each", {"view", "held"}),
    ("limits.py", "MOST = 7", "MOST = 8", {"view", "held"}),
    ("limits.py", "LEAST = 3", "LEAST = 4", set()),
    ("passed/deep.py", "return 1", "return 2", {"view", "held"}),
    ("statement.py", "sql/", "SQL/", {"view", "held", "sum", "fact"}),
    ("sql/views.sql", "1", "9", {"view", "held"}),
    ("sql/sums.sql", "2", "9", {"fact"}),
    ("sql/sign_a.sql", "3", "9", {"sum"}),
    ("sql/never.sql", "4", "9", set()),
    ("kinds.py", "top = 1", "top = 9", {"sum"}),
    ("kinds.py", "size = 2", "size = 9", {"sum"}),
    ("sums.py", "with inputs", "with  inputs", {"sum"}),
    ("sums.py", '{"totals"', '{"total"', {"sum"}),
    ("sums.py", 'statement("sums")', 'statement( "sums")', {"fact"}),
    ("only_types.py", "none = 0", "none = 1", set()),
    ("nobody.py", "ALONE = 1", "ALONE = 2", set()),
]


class _Kind:
    signs = ("a",)


@pytest.fixture
def toypack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, text in FILES.items():
        path = tmp_path / "toypack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield tmp_path
    for name in [each for each in sys.modules if each.partition(".")[0] == "toypack"]:
        del sys.modules[name]


def _makers() -> list[Step | Fact]:
    view, sums = importlib.import_module("toypack.view"), importlib.import_module("toypack.sums")

    def step(name: str, run: Any, items: Any = None) -> Step:
        return Step(name=name, reads=(Read(kind="events"),), keeps=(name,), run=run, items=items)

    def fact(name: str) -> Fact:
        return Fact(name=name, reads=("sums",), run=sums.window, window=sums.window)

    return [
        step("view", view.run),
        step("held", partial(view.run, more=1)),
        step("sum", sums.make(_Kind), sums.fields),
        fact("fact"),
    ]


def _digests(root: Path) -> dict[str, str]:
    return {each.name: tool.source_of(each, Sources(root, "toypack"), PINS)[0] for each in _makers()}


def _told(each: str | set[str]) -> str:
    """The same in every process: workers refuse to share tests whose names differ."""
    return " ".join(sorted(each)) if isinstance(each, set) else each[:20]


@pytest.mark.parametrize(("name", "old", "new", "stale"), CHANGES, ids=_told)
def test_exactly_the_steps_that_reach_a_change_turn_stale(
    toypack: Path, name: str, old: str, new: str, stale: set[str]
) -> None:
    before = _digests(toypack)
    path = toypack / "toypack" / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    after = _digests(toypack)
    assert {each for each in before if before[each] != after[each]} == stale


def test_a_definition_that_moves_makes_nothing_stale(toypack: Path) -> None:
    before = _digests(toypack)
    path = toypack / "toypack" / "helpers.py"
    path.write_text('"""Now with a head."""\n\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert _digests(toypack) == before


def test_every_file_of_the_toy_is_changed_once() -> None:
    silent = {"__init__.py", "late.py", "passed/__init__.py"}  # they only pass names on
    assert {name for name, *_ in CHANGES} == set(FILES) - silent


def test_libraries_are_those_that_are_reached(toypack: Path) -> None:
    told = {each.name: tool.source_of(each, Sources(toypack, "toypack"), PINS)[1] for each in _makers()}
    assert told == {
        "view": ["duckdb 2.0.1", "numpy 2.4.6"],
        "held": ["duckdb 2.0.1", "numpy 2.4.6"],
        "sum": ["duckdb 2.0.1"],
        "fact": ["duckdb 2.0.1"],
    }
    newer = {**PINS, "numpy": "2.5.0"}
    after = {each.name: tool.source_of(each, Sources(toypack, "toypack"), newer)[0] for each in _makers()}
    before = _digests(toypack)
    assert {each for each in before if before[each] != after[each]} == {"view", "held"}


def _entries(root: Path, before: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return tool.entries(_makers(), before, Sources(root, "toypack"), PINS)


def test_a_reason_keeps_the_digest_for_one_change(toypack: Path) -> None:
    first = _entries(toypack, {})
    path = toypack / "toypack" / "rules.py"
    path.write_text("def double(each):\n    return each + each\n", encoding="utf-8")
    told = {**first, "view": {**first["view"], "same-answers": "a sum is the double"}}
    second = _entries(toypack, told)
    assert second["view"]["digest"] == first["view"]["digest"] != second["view"]["source"]
    assert second["view"]["same-answers"] == "a sum is the double"
    assert second["held"]["digest"] == second["held"]["source"] != first["held"]["digest"]
    assert _entries(toypack, second) == second  # nothing changed since
    path.write_text("def double(each):\n    return 3 * each\n", encoding="utf-8")
    third = _entries(toypack, second)
    assert third["view"]["digest"] == third["view"]["source"]
    assert "same-answers" not in third["view"]
    assert _entries(toypack, {**first, "view": {**first["view"], "same-answers": " "}})["view"]["digest"] != first["view"]["digest"]  # fmt: skip


def test_the_shipped_lock_holds_every_registered_step() -> None:
    steps = registry.shipped_steps()
    assert registry.codes(steps).keys() == {each.name for each in steps}


def test_a_family_of_steps_has_one_entry_and_each_of_them_a_code(toypack: Path) -> None:
    view = _makers()[0]
    some = [replace(view, name=f"look.{each}", keeps=(f"left.{each}",)) for each in "abc"]
    told = tool.entries(some, {}, Sources(toypack, "toypack"), PINS)
    assert told.keys() == {"look"}
    lock = toypack / "steps.lock"
    lock.write_text(tool.lock(told), encoding="utf-8")
    codes = registry.codes(some, lock, PINS.__getitem__)
    assert len({*codes.values(), told["look"]["digest"]}) == 4
    assert registry.codes(some[1:], lock, PINS.__getitem__)["look.b"] == codes["look.b"]
    wider = replace(some[0], reads=(Read(kind="events", back=1),))
    assert registry.codes([wider], lock, PINS.__getitem__)["look.a"] != codes["look.a"]


def test_another_version_of_a_library_is_another_code(toypack: Path) -> None:
    lock = toypack / "steps.lock"
    lock.write_text(tool.lock(_entries(toypack, {})), encoding="utf-8")
    as_locked = registry.codes(_makers(), lock, PINS.__getitem__)
    assert as_locked == _digests(toypack)
    newer = registry.codes(_makers(), lock, {**PINS, "numpy": "9"}.__getitem__)
    assert {each for each in as_locked if as_locked[each] != newer[each]} == {"view", "held"}
    lock.write_text("", encoding="utf-8")
    with pytest.raises(WhosawError, match="says nothing of the step view"):
        registry.codes(_makers(), lock)
