"""Each option and argument of the command line is declared once, so that its name and its help cannot come apart."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

CLI = Path(__file__).resolve().parents[2] / "src" / "whosaw" / "cli"


def declared(text: str) -> list[str]:
    """What stands in each `Annotated[..., typer.Option(...)]` of a module, in one spelling."""
    return [
        ast.unparse(node.slice)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Annotated"
    ]


def test_each_is_declared_once() -> None:
    found = Counter(each for path in sorted(CLI.glob("*.py")) for each in declared(path.read_text("utf-8")))
    assert len(found) > 100
    assert [each for each, times in found.items() if times > 1] == []


def test_two_of_the_same_are_found() -> None:
    text = "a: Annotated[str, Option('--a',\n  help='A.')]\nb: Annotated[str, Option(\"--a\", help='A.')]\n"
    one, other = declared(text)
    assert one == other
