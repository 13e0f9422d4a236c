"""The oracle is a second opinion: it takes nothing from the program that it judges."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "oracle"
RULES = sorted(
    each for each in FOLDER.glob("*.py") if not each.name.startswith("test_") and each.stem != "worlds"
)


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield "what is named while it runs"


def strangers(source: str) -> list[str]:
    """What it imports that is neither the standard library nor a module beside it."""
    return [
        name for name in imported(source)
        if name.partition(".")[0] not in sys.stdlib_module_names and not (name.startswith(".") and name[1:2] != ".")
    ]  # fmt: skip


def test_the_oracle_imports_the_standard_library_alone() -> None:
    assert {each.stem for each in RULES} >= {
        "rows", "visits", "coverage", "explain", "signs", "ranks", "baseline", "bars", "windows", "detect", "holes", "tell",
        "clusters", "names", "canon",
    }  # fmt: skip
    for file in RULES:
        assert strangers(file.read_text(encoding="utf-8")) == [], file.name


def test_what_it_may_not_take_is_seen() -> None:
    for line in (
        "import numpy", "from whosaw.core import client", "def f():\n    import duckdb", "from ..findings import x",
        "import importlib\nimportlib.import_module('whosaw')", "from tests.oracle import rows",
    ):  # fmt: skip
        assert strangers(line), line
    assert strangers("from .rows import View\nimport math\nfrom collections.abc import Mapping") == []
