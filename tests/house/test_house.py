"""The ruler that is laid on the house, the map that is drawn of it, and the steps of pages that say how to add to it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tools import extend, house, house_hops

# a tree of which every figure is told by hand
FILES = {
    "__init__.py": '"""All."""\n',
    "cli/__init__.py": '"""Floor 4: commands."""\n',
    "cli/main.py": (
        "from typing import TYPE_CHECKING, Any\n"
        "from whosaw.core.tools import used\n"
        "if TYPE_CHECKING:\n"
        "    from whosaw.core.shared import Made\n"
        "def run(told: dict[str, Any]) -> None:\n"
        '    """Do it."""\n'
        "    used(told['tls'])\n"
        "def _hidden(x):\n"
        "    return x\n"
    ),
    "core/__init__.py": '"""Floor 0: values.\n\nMore of them.\n"""\n',
    "core/shared.py": (
        "from dataclasses import dataclass\n"
        "@dataclass(frozen=True)\n"
        "class Made:\n"
        "    n: int\n"
        "    def told(self, how):\n"
        "        from whosaw.core.tools import used\n"
        "        return used(how)\n"
        "ROWS = [1,\n"
        "        2]  # fmt: skip\n"
    ),
    "core/tools.py": "from whosaw.core import shared\ndef used(what: object, *rest: int) -> object:\n    return shared, what\n",
    "core/one.sql": "SELECT tls FROM clients\n",
}  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "src" / "whosaw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_every_figure_of_a_small_tree(tree: Path) -> None:
    modules = house.modules_of(tree)
    assert (
        house.figures(modules, house.imports_of(tree))
        == {
            "modules": 6,
            "lines": 1 + 1 + 9 + 4 + 9 + 3,
            "packages": 3,
            "one_importer": 0,  # shared is imported by tools and for its types by main, tools by shared and main, main by nobody
            "one_importer_short": 0,
            "circles": 1,  # shared takes from tools in a function, tools from shared at its top
            "modules_in_circles": 2,
            "untyped_dicts": 1,
            "fmt_skips": 1,
            "dataclasses": 1,
            "public_functions": 3,  # run, told, used
            "public_typed": 2,
            "public_documented": 1,
        }
    )


def test_a_module_with_one_importer_is_counted(tree: Path) -> None:
    main = tree / "src" / "whosaw" / "cli" / "main.py"
    main.write_text(
        main.read_text(encoding="utf-8").replace("    from whosaw.core.shared import Made\n", "    pass\n")
    )
    found = house.figures(house.modules_of(tree), house.imports_of(tree))
    assert (found["one_importer"], found["one_importer_short"]) == (1, 1)  # shared


@pytest.mark.parametrize(
    ("imports", "found"),
    [
        ({"a": ["b"], "b": ["c"], "c": []}, []),
        ({"a": ["b"], "b": ["a"]}, [["a", "b"]]),
        ({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]}, [["a", "b", "c"]]),
        ({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, []),
        ({"a": ["b"], "b": ["a", "c"], "c": ["d"], "d": ["c"]}, [["a", "b"], ["c", "d"]]),
        ({"a": ["b"], "b": ["c", "a"], "c": ["b"]}, [["a", "b", "c"]]),
    ],
)
def test_circles_are_found_however_long(imports: dict[str, Sequence[str]], found: list[list[str]]) -> None:
    assert house.circles(imports) == found


def test_the_map_goes_from_the_highest_floor_down_and_says_what_each_knows(tree: Path) -> None:
    project = {"tool": {"importlinter": {"contracts": [{"type": "layers", "layers": ["cli", "core"]}]}}}
    lines = house.house_map(house.modules_of(tree), house.floors(project)).splitlines()
    assert lines[2:] == [
        "| 1 | `cli/` | 1 | floor 0 | Commands. |",
        "| 0 | `core/` | 2 | the standard library | Values. |",
    ]


def test_floors_are_those_of_import_linter_whatever_stands_between_their_packages() -> None:
    project = {"tool": {"importlinter": {"contracts": [
        {"type": "forbidden"}, {"type": "layers", "layers": ["cli : notebook", "a | b", "core"]},
    ]}}}  # fmt: skip
    assert house.floors(project) == [["core"], ["a", "b"], ["cli", "notebook"]]


def test_a_hop_is_a_call_from_a_function_of_one_module_to_one_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hop_a.py").write_text(
        "import hop_b\n"  # what runs while a module is imported is no hop
        "def own(x):\n"
        "    return hop_b.read(x)\n"
        "def main():\n"
        "    own(1), own(2)\n"  # one hop, however often it is made
        "    sorted([2, 1], key=hop_b.key)\n"  # through a function that is no part of the house
        "    import hop_c\n"
    )
    (tmp_path / "hop_b.py").write_text("def read(x):\n    return key(x)\ndef key(x):\n    return x\n")
    (tmp_path / "hop_c.py").write_text("import hop_b\nclass C:\n    x = hop_b.key(1)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "argv", [])
    main = importlib.import_module("hop_a").main
    hops = house_hops.traced(f"{tmp_path}/", main, [])
    assert {(called[1], calling[1]) for calling, called in hops.pairs} == {("read", "own"), ("key", "main")}
    assert {Path(name).name for name in hops.modules()} == {"hop_a.py", "hop_b.py"}


STEPS = [
    ("add: src/new.py", "a = 1\n"),
    ("change: src/old.py", " b = 2\n-c = 3\n+c = 4\n"),
]


def test_steps_add_and_change_what_they_name(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "old.py").write_text("a = 1\nb = 2\nc = 3\nd = 5\n", encoding="utf-8")
    assert [extend.apply(step, tmp_path) for step in STEPS] == [None, None]
    assert (tmp_path / "src" / "new.py").read_text(encoding="utf-8") == "a = 1\n"
    assert (tmp_path / "src" / "old.py").read_text(encoding="utf-8") == "a = 1\nb = 2\nc = 4\nd = 5\n"
    assert extend.named([*STEPS, ("made", "x.json y.md\n")]) == (
        ["src/new.py", "src/old.py"],
        ["x.json", "y.md"],
    )


@pytest.mark.parametrize(
    ("have", "fault"),
    [("b = 2\n", "0 times"), ("b = 2\nc = 3\nb = 2\nc = 3\n", "2 times")],
)
def test_a_step_that_fits_nowhere_or_twice_is_refused(tmp_path: Path, have: str, fault: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "old.py").write_text(have, encoding="utf-8")
    assert fault in (extend.apply(STEPS[1], tmp_path) or "")
    assert (tmp_path / "src" / "old.py").read_text(encoding="utf-8") == have


def test_a_step_never_writes_over_a_file(tmp_path: Path) -> None:
    assert extend.apply(STEPS[0], tmp_path) is None
    assert extend.apply(STEPS[0], tmp_path) == "src/new.py is there already"
    assert extend.apply(("change: src/none.py", ""), tmp_path) == "src/none.py is not there"


def test_every_file_that_differs_from_the_tree_is_told(tmp_path: Path) -> None:
    extend.copy_tree(tmp_path)
    (tmp_path / "try" / "scanned.log").write_text("", encoding="utf-8")
    assert extend.differing(tmp_path) == set()
    (tmp_path / "docs" / "index.md").write_text("", encoding="utf-8")
    (tmp_path / "src" / "new.py").write_text("", encoding="utf-8")
    (tmp_path / "pyproject.toml").unlink()
    assert extend.differing(tmp_path) == {"docs/index.md", "src/new.py", "pyproject.toml"}


def test_the_list_of_pages_that_add_something_is_whole() -> None:
    index = (extend.PAGES / "index.md").read_text(encoding="utf-8")
    pages = sorted(path.name for path in extend.PAGES.glob("*.md") if path.name != "index.md")
    assert len(pages) > 3
    for name in pages:
        assert f"({name})" in index
