"""The house in figures and as a map.

`python -m tools.house --write | --check` makes the map in CONTRIBUTING.md from the packages, and the table of the decision page
from what was measured; neither goes where an import closes a circle.

`python -m tools.house measure [--tree PATH] [--as before|after]` measures the tree in PATH (this one by default), prints it as
JSON, and with `--as` keeps it beside the decision page. The same ruler is laid on every tree: how is said at each figure below.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import extend
from tools.console import blocks
from tools.generated import ROOT, between, main, table
from tools.house_hops import COMMANDS, LINES

__all__ = ["circles", "figures", "floors", "house_map", "imports_of", "measure", "modules_of"]

_PAGE = ROOT / "CONTRIBUTING.md"
_START = "<!-- house: made by `python -m tools.house --write` -->\n"
_END = "<!-- end of house -->\n"
_DECISION = ROOT / "docs" / "decisions" / "0012-house.md"
_RESULTS = ROOT / "docs" / "decisions" / "0012-house.json"
_SHORT = 70  # lines below which a module with one importer is asked why it stands alone
_SKIP = "# fmt: skip"
_UNTYPED = re.compile(r"\bdict\[str, Any\]")
_TRAIT = re.compile(r"\btls\b")  # a trait of a client that every list of traits names
_FLOOR = re.compile(r"Floor \d: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Module:
    """One file of Python."""

    name: str  # dotted, from `whosaw` on
    path: Path
    text: str

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"


def modules_of(tree: Path) -> list[_Module]:
    home = tree / "src" / "whosaw"
    found = []
    for path in sorted(home.rglob("*.py")):
        parts = path.relative_to(home.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(_Module(name=name, path=path, text=path.read_text(encoding="utf-8")))
    return found


# -- what imports what


def imports_of(tree: Path) -> dict[str, list[str]]:
    """Each module with what it imports of whosaw, in functions and for types alone included. A process of its own looks, for a
    package of that name is loaded here already."""
    script = (
        "import grimp, json\n"
        "graph = grimp.build_graph('whosaw', cache_dir=None)\n"
        "print(json.dumps({each: sorted(graph.find_modules_directly_imported_by(each)) for each in sorted(graph.modules)}))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(tree / "src")},
        stdout=subprocess.PIPE,
        check=True,
        cwd=tree,
    )
    return dict(json.loads(told.stdout))


def circles(imports: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Modules that import one another, however many steps away: the strongly connected parts of two and more (Tarjan)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        number[module] = low[module] = len(number)
        stack.append(module)
        for other in imports.get(module, ()):
            if other not in number:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], number[other])
        if low[module] == number[module]:
            at = stack.index(module)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for module in sorted(imports):
        if module not in number:
            visit(module)
    return sorted(found)


def _importers(modules: Sequence[_Module], imports: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """How many modules import each one that is no package."""
    counts = {each.name: 0 for each in modules if not each.is_package}
    for others in imports.values():
        for other in others:
            if other in counts:
                counts[other] += 1
    return counts


# -- what stands in the files


def _public(body: Sequence[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions of a module and of its classes whose names do not begin with an underscore."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public(node.body)


def _is_typed(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    given = node.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    free = [each for each in named if each.annotation is None and each.arg not in ("self", "cls")]
    return node.returns is not None and not free


def _is_dataclass(node: ast.ClassDef) -> bool:
    names = (each.func if isinstance(each, ast.Call) else each for each in node.decorator_list)
    return any(isinstance(each, ast.Name) and each.id == "dataclass" for each in names)


def figures(modules: Sequence[_Module], imports: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """What can be counted without running anything."""
    parsed = [ast.parse(each.text) for each in modules]
    public = [node for tree in parsed for node in _public(tree.body)]
    importers = _importers(modules, imports)
    alone = {name for name, count in importers.items() if count == 1}
    classes = [node for tree in parsed for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    rings = circles(imports)
    return {
        "modules": len(modules),
        "lines": sum(each.lines for each in modules),
        "packages": sum(each.is_package for each in modules),
        "one_importer": len(alone),
        "one_importer_short": sum(each.name in alone and each.lines < _SHORT for each in modules),
        "circles": len(rings),
        "modules_in_circles": sum(map(len, rings)),
        "untyped_dicts": sum(len(_UNTYPED.findall(each.text)) for each in modules),
        "fmt_skips": sum(each.text.count(_SKIP) for each in modules),
        "dataclasses": sum(map(_is_dataclass, classes)),
        "public_functions": len(public),
        "public_typed": sum(map(_is_typed, public)),
        "public_documented": sum(ast.get_docstring(each) is not None for each in public),
    }


def _naming_a_trait(tree: Path) -> int:
    """Files of code, SQL included, that name one trait of a client."""
    home = tree / "src" / "whosaw"
    files = [path for ending in ("*.py", "*.sql") for path in home.rglob(ending)]
    return sum(_TRAIT.search(path.read_text(encoding="utf-8")) is not None for path in files)


# -- what a command runs through


def _hops(tree: Path) -> dict[str, dict[str, int]]:
    """Calls from a function of one module to a function of another, each pair once, and the modules that they join."""
    script = Path(__file__).with_name("house_hops.py")
    found = {}
    for what in COMMANDS:
        told = subprocess.run(
            [sys.executable, str(script), str(tree / "src"), what],
            env={**os.environ, "PYTHONPATH": str(tree / "src")},
            stdout=subprocess.PIPE,
            check=True,
        )
        found[what] = dict(json.loads(told.stdout))
    return found


# -- what is touched to add something


def _touched(tree: Path) -> dict[str, int] | None:
    """By page of docs/extend, how many files are written by hand; None for a tree that has no such pages."""
    pages = sorted((tree / extend.PAGES.relative_to(ROOT)).glob("a-*.md"))
    told = {
        page.stem: len(
            extend.named([(each.mark, each.text) for each in blocks(page.read_text(encoding="utf-8"))])[0]
        )
        for page in pages
    }
    return told or None


def measure(tree: Path) -> dict[str, Any]:
    """Every figure of the tree in `tree`."""
    modules = modules_of(tree)
    return {
        **figures(modules, imports_of(tree)),
        "files_naming_a_trait": _naming_a_trait(tree),
        "touched": _touched(tree),
        "run": _hops(tree),
    }


# -- the map


def floors(project: Mapping[str, Any]) -> list[list[str]]:
    """The floors from the lowest to the highest, as import-linter holds them in its first contract; each lists the packages that
    stand on it."""
    layers = next(
        each["layers"] for each in project["tool"]["importlinter"]["contracts"] if each["type"] == "layers"
    )
    return [[name.strip() for name in re.split(r"[|:]", floor)] for floor in reversed(layers)]


def _knows(module: _Module) -> str:
    """The first line of a docstring, without the number of its floor: the map has a column for that."""
    said = (ast.get_docstring(ast.parse(module.text)) or "").partition("\n")[0]
    rest = _FLOOR.sub("", said)
    return rest[:1].upper() + rest[1:]


def _may_import(floor: int) -> str:
    if floor == 0:
        return "the standard library"
    if floor == 1:
        return "floor 0"
    return "floors 0 and 1" if floor == 2 else f"floors 0 to {floor - 1}"


def house_map(modules: Sequence[_Module], levels: Sequence[Sequence[str]]) -> str:
    """One row a package, from the highest floor down; packages inside one follow it."""
    named = {each.name: each for each in modules}
    rows = []
    for floor in range(len(levels) - 1, -1, -1):
        for top in levels[floor]:
            inside = [
                each
                for name, each in named.items()
                if name == f"whosaw.{top}" or (each.is_package and name.startswith(f"whosaw.{top}."))
            ]
            for module in inside:
                path = module.name.removeprefix("whosaw.").replace(".", "/")
                files = len(list(module.path.parent.glob("*.py"))) - 1 if module.is_package else 1
                rows.append(
                    [
                        str(floor),
                        f"`{path}/`" if module.is_package else f"`{path}.py`",
                        str(files),
                        _may_import(floor),
                        _knows(module),
                    ]
                )
    return table(["floor", "package", "modules", "may import", "what it knows"], rows)


# -- the decision page

_TOLD = {
    "modules": "modules",
    "lines": "lines",
    "packages": "packages",
    "one_importer": "modules with one importer",
    "one_importer_short": f"of these, below {_SHORT} lines",
    "circles": "circles of modules",
    "modules_in_circles": "modules in them",
    "untyped_dicts": "`dict[str, Any]`",
    "fmt_skips": "`fmt: skip`",
    "dataclasses": "dataclasses",
    "public_functions": "public functions",
    "public_typed": "of these, typed",
    "public_documented": "of these, with a docstring",
    "files_naming_a_trait": "files that name one trait of a client (`tls`)",
}


def _decision(results: Mapping[str, Any]) -> str:
    ways = [results.get(name) for name in ("before", "after")]

    def cells(*keys: str) -> list[str]:
        out = []
        for way in ways:
            value: Any = way
            for key in keys:
                value = None if value is None else value.get(key)
            out.append("not measured" if value is None else f"{value:,}")
        return out

    rows = [[said, *cells(key)] for key, said in _TOLD.items()]
    for what in COMMANDS:
        of_log = f" of {LINES} lines" if what == "scan" else ""
        rows.append([f"hops of `{what}`{of_log}", *cells("run", what, "hops")])
        rows.append([f"modules of `{what}`{of_log}", *cells("run", what, "modules")])
    pages = sorted({page for way in ways if way and way["touched"] for page in way["touched"]})
    rows += [
        [f"files written by hand to add {page.replace('-', ' ')}", *cells("touched", page)] for page in pages
    ]
    return table(["figure", "before", "after"], rows)


# -- the command line


def _results() -> dict[str, Any]:
    return dict(json.loads(_RESULTS.read_text(encoding="utf-8"))) if _RESULTS.is_file() else {}


def _pages() -> dict[Path, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    drawn = house_map(modules_of(ROOT), floors(project))
    measured = _decision(_results())
    return {
        _PAGE: between(_PAGE.read_text(encoding="utf-8"), _START, _END, drawn),
        _DECISION: between(_DECISION.read_text(encoding="utf-8"), _START, _END, measured),
    }


def _faults() -> list[str]:
    modules = modules_of(ROOT)
    found = [
        f"{page.name} lacks the line {mark.strip()}"
        for page in (_PAGE, _DECISION)
        for mark in (_START, _END)
        if page.read_text(encoding="utf-8").count(mark) != 1
    ]
    found += [
        f"{each.name}: its __init__.py does not say what the package knows"
        for each in modules
        if each.is_package and not _knows(each).endswith((".", ":"))
    ]
    return found + [f"these import one another: {', '.join(ring)}" for ring in circles(imports_of(ROOT))]


def _measure(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.house measure")
    parser.add_argument("--tree", type=Path, default=ROOT, help="the tree to measure (default: this one)")
    parser.add_argument("--as", dest="name", choices=("before", "after"), help="keep it under this name")
    options = parser.parse_args(arguments)
    told = measure(options.tree.resolve())
    print(json.dumps(told, indent=2))
    if options.name:
        results = {**_results(), options.name: told}
        _RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(_measure(sys.argv[2:]) if sys.argv[1:2] == ["measure"] else main("house", _pages, _faults))
