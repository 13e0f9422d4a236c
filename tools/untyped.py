"""What crosses from one package of whosaw to another as an untyped dict: `python -m tools.untyped [--tree PATH]` lists it.

A name counts that another package imports and whose signature (of a function, or of the fields and public methods of a class) holds
`dict[str, Any]`, `Mapping[str, Any]`, the same of `object`, or a name that stands for one of them in its module.
"""

from __future__ import annotations

import argparse
import ast
import gc
import re
from collections.abc import Iterator
from pathlib import Path

from tools.generated import ROOT

__all__ = ["crossings"]

_UNTYPED = re.compile(r"\b(?:dict|Mapping|MutableMapping)\[str, (?:Any|object)\]")
Names = dict[str, set[str]]  # by module


def crossings(tree: Path) -> Names:
    """`module.name` of what crosses, with the modules of other packages that import it."""
    trees = _parsed(tree / "src")
    own = {module: _own_aliases(parsed) for module, parsed in trees.items()}
    untyped = {
        (module, name)
        for module, parsed in trees.items()
        for name in _untyped_names(parsed, _aliases_of(module, trees[module], own))
    }
    found: Names = {}
    for importer, parsed in trees.items():
        for module, name in _used(parsed, trees):
            if (module, name) in untyped and _package(module) != _package(importer):
                found.setdefault(f"{module}.{name}", set()).add(importer)
    return found


def _parsed(source: Path) -> dict[str, ast.Module]:
    """The modules by name. None of the millions of objects that they come to is garbage, so they are not gone through for it."""
    out = {}
    gc.disable()
    try:
        for path in sorted((source / "whosaw").rglob("*.py")):
            parts = path.relative_to(source).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            out[name] = ast.parse(path.read_text(encoding="utf-8"))
    finally:
        gc.enable()
    return out


def _package(module: str) -> str:
    return ".".join(module.split(".")[:2])


def _own_aliases(parsed: ast.Module) -> set[str]:
    return {
        target.id
        for node in parsed.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript)
        for target in node.targets
        if isinstance(target, ast.Name) and _UNTYPED.search(ast.unparse(node.value))
    }


def _aliases_of(module: str, parsed: ast.Module, own: Names) -> set[str]:
    """Names of the module that stand for an untyped dict: its own, and those it imports from where they are made."""
    found = set(own[module])
    for node in _imports(parsed):
        known = own.get(_origin(module, node), set())
        found |= {each.asname or each.name for each in node.names if each.name in known}
    return found


def _imports(parsed: ast.Module) -> Iterator[ast.ImportFrom]:
    """Wherever a statement may stand; what expressions hold, which is most of a module, is not gone through."""
    left: list[ast.AST] = [parsed]
    while left:
        node = left.pop()
        if isinstance(node, ast.ImportFrom):
            yield node
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(node, name, None)
            if isinstance(inner, list):  # of a conditional expression or a lambda it is one expression
                left.extend(inner)


def _origin(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    base = module.split(".")[: -node.level]
    return ".".join([*base, *([node.module] if node.module else [])])


def _untyped_names(parsed: ast.Module, aliases: set[str]) -> Iterator[str]:
    def is_untyped(annotation: ast.expr | None) -> bool:
        text = ast.unparse(annotation) if annotation is not None else ""
        return bool(_UNTYPED.search(text)) or any(re.search(rf"\b{each}\b", text) for each in aliases)

    def signature(function: ast.FunctionDef) -> bool:
        given = function.args
        every = (*given.posonlyargs, *given.args, *given.kwonlyargs)
        return is_untyped(function.returns) or any(is_untyped(each.annotation) for each in every)

    for node in parsed.body:
        if (isinstance(node, ast.FunctionDef) and signature(node)) or (
            isinstance(node, ast.ClassDef)
            and any(
                (isinstance(each, ast.AnnAssign) and is_untyped(each.annotation))
                or (isinstance(each, ast.FunctionDef) and not each.name.startswith("_") and signature(each))
                for each in node.body
            )
        ):
            yield node.name


def _used(parsed: ast.Module, trees: dict[str, ast.Module]) -> Iterator[tuple[str, str]]:
    """(module, name) of what a module takes from whosaw: by name, and as an attribute of a module that it imports."""
    modules: dict[str, str] = {}
    for taken in _imports(parsed):
        if taken.module and not taken.level:
            for each in taken.names:
                whole = f"{taken.module}.{each.name}"
                if whole in trees:
                    modules[each.asname or each.name] = whole
                else:
                    yield taken.module, each.name
    if not modules:
        return
    for node in ast.walk(parsed):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            yield modules[node.value.id], node.attr


if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="python -m tools.untyped", description=__doc__)
    asked.add_argument("--tree", type=Path, default=ROOT)
    for name, importers in sorted(crossings(asked.parse_args().tree).items()):
        print(f"{name}: {', '.join(sorted(importers))}")
