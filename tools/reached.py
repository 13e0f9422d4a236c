"""What a function reaches inside a package: every definition, constant and statement that can decide what it returns.

Names are followed through the source, without running it: from the top-level statement that holds the function to every top-level
name that it loads, through imports, and so on. A name that a local variable hides is followed all the same, a class is reached whole,
and so is a module that is used as a value: rather too much than too little. Annotations are not followed, for they decide nothing.
Of a module that is reached, what runs beside its definitions when it is imported is reached, too.

A SQL statement is reached by its name, where a reached text has it: `name` of `sql/name.sql` in the package of that text or one around
it, whole or, in an f-string, in part. Any other file of the package is reached by its whole name.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

__all__ = ["DECIDING", "Reached", "Sources"]

DECIDING = frozenset({"duckdb", "numpy", "pyarrow", "pyroaring"})  # libraries that decide rows
_DEFINES = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Assign,
    ast.AnnAssign,
    ast.Import,
    ast.ImportFrom,
)


@dataclass(slots=True)
class Reached:
    """By module and first line, the texts that were reached; by path inside the package, the files; and the libraries."""

    texts: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    libraries: set[str] = field(default_factory=set)

    def told(self) -> list[Any]:
        """What is digested: texts without the lines they stand on, so that a definition may move."""
        modules = sorted((key.partition(":")[0], text) for key, text in self.texts.items())
        return [modules, sorted(self.files.items())]


@dataclass(frozen=True, slots=True)
class _Module:
    name: str
    path: Path
    lines: tuple[str, ...]  # without comments
    body: tuple[ast.stmt, ...]
    names: Mapping[str, tuple[ast.stmt, ...]]

    @property
    def package(self) -> str:
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]


class Sources:
    """The source of one package, in the folder `root` that holds it."""

    def __init__(self, root: Path, package: str) -> None:
        self._root, self._package = root, package
        self._modules: dict[str, _Module | None] = {}
        home = root / package
        self._files = [
            path for path in sorted(home.rglob("*")) if path.is_file() and path.suffix not in (".py", ".pyc")
        ]

    def reached_by(self, *functions: Callable[..., Any]) -> Reached:
        """All that these reach, together."""
        reached = Reached()
        for function in functions:
            for module, line in _places(function, self._package):
                found = self._module(module)
                if found is None:
                    raise ValueError(f"{module} is not in {self._root}")
                self._visit(found, _around(found, line), reached)
        return reached

    def _module(self, name: str) -> _Module | None:
        if name not in self._modules:
            stem = self._root.joinpath(*name.split("."))
            path = next(
                (each for each in (stem / "__init__.py", stem.with_suffix(".py")) if each.is_file()), None
            )
            self._modules[name] = None if path is None else _read(name, path)
        return self._modules[name]

    def _visit(self, module: _Module, node: ast.stmt, reached: Reached) -> None:
        key = f"{module.name}:{node.lineno}"
        if key in reached.texts:
            return
        reached.texts[key] = _text(module, node)
        for other in module.body:  # what runs when it is imported
            if not isinstance(other, _DEFINES) and not _is_string(other) and not _for_types(other):
                self._visit(module, other, reached)
        self._files_of(module, node, reached)
        attributes = _attributes(node)
        for each in _loaded(node):
            if isinstance(each, ast.Import | ast.ImportFrom):
                for alias in each.names:
                    self._imported(module, each, alias, attributes, reached)
            elif isinstance(each, ast.Attribute):
                if each.attr == "session":
                    reached.libraries.add("duckdb")
            elif isinstance(each, ast.Name):
                for binding in module.names.get(each.id, ()):
                    if isinstance(binding, ast.Import | ast.ImportFrom):
                        for alias in binding.names:
                            if (alias.asname or alias.name.partition(".")[0]) == each.id:
                                self._imported(module, binding, alias, attributes, reached)
                    else:
                        self._visit(module, binding, reached)

    def _imported(
        self,
        module: _Module,
        node: ast.Import | ast.ImportFrom,
        alias: ast.alias,
        attributes: Mapping[str, set[str]],
        reached: Reached,
    ) -> None:
        if isinstance(node, ast.Import):
            source, name = alias.name, None
        else:
            base = (
                module.package.split(".")[: len(module.package.split(".")) - node.level + 1]
                if node.level
                else []
            )
            source, name = ".".join([*base, *([node.module] if node.module else [])]), alias.name
        top = source.partition(".")[0]
        if top != self._package:
            reached.libraries |= {top} & DECIDING
            return
        whole = f"{source}.{name}" if name is not None else source
        inner = self._module(whole)
        if name is None or (inner is not None and not self._defines(source, name)):
            used = attributes.get(alias.asname or alias.name)
            self._of_module(inner, used, reached)
        else:
            self._named(source, name, reached)

    def _defines(self, module: str, name: str) -> bool:
        found = self._module(module)
        return found is not None and name in found.names

    def _named(self, source: str, name: str, reached: Reached) -> None:
        """A name of a module; where that only passes it on, from where it comes."""
        found = self._module(source)
        if found is None or name not in found.names:
            raise ValueError(f"{source} has no {name}")
        for binding in found.names[name]:
            if isinstance(binding, ast.Import | ast.ImportFrom):
                for alias in binding.names:
                    if (alias.asname or alias.name) == name:
                        self._imported(found, binding, alias, {}, reached)
            else:
                self._visit(found, binding, reached)

    def _of_module(self, module: _Module | None, used: set[str] | None, reached: Reached) -> None:
        """A module that is used by its attributes; where it is a value itself, all of it."""
        if module is None:
            return
        for name in module.names if used is None else used:
            if name in module.names:
                self._named(module.name, name, reached)
            elif (inner := self._module(f"{module.name}.{name}")) is not None:
                self._of_module(inner, None, reached)

    def _files_of(self, module: _Module, node: ast.stmt, reached: Reached) -> None:
        texts = set(_texts(node))
        if not texts:
            return
        home = self._root / self._package
        for path in self._files:
            mine = path.parent.name == "sql" and path.parent.parent in module.path.parents
            by_name = path.name in texts
            if by_name or (mine and any(fnmatchcase(path.stem, text) for text in texts)):
                reached.files[path.relative_to(home).as_posix()] = path.read_text(encoding="utf-8")
                reached.libraries |= {"duckdb"} if path.suffix == ".sql" else set()


# -- one module


def _read(name: str, path: Path) -> _Module:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    tree = ast.parse(text)
    names: dict[str, tuple[ast.stmt, ...]] = {}
    for node in tree.body:
        for bound in _bound(node):
            names[bound] = (*names.get(bound, ()), node)
    fills = {
        node.name: [each for each in _filled(node) if each in names and each != node.name]
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    for node in tree.body:  # what a register of this module is filled by, and what by that as a decorator
        filled = fills.get(getattr(node, "name", ""), [])
        roots = [root for decorator in getattr(node, "decorator_list", ()) for root in _root(decorator)]
        for register in (
            *filled,
            *(root for root in roots if root in names),
            *(each for root in roots for each in fills.get(root, [])),
        ):
            if any(not isinstance(each, ast.Import | ast.ImportFrom) for each in names[register]):
                names[register] = (*names[register], node)
    return _Module(name, path, tuple(lines), tuple(tree.body), names)


def _bound(node: ast.stmt) -> Iterator[str]:
    """The top-level names that a statement binds, those inside of an `if` or `try` among them."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
    elif not _for_types(node):
        for each in ast.walk(node):
            if isinstance(each, ast.Name | ast.Subscript | ast.Attribute) and isinstance(each.ctx, ast.Store):
                yield from _root(each)
            elif each is not node and isinstance(each, ast.FunctionDef | ast.ClassDef):
                yield each.name
            elif each is not node and isinstance(each, ast.Import | ast.ImportFrom):
                yield from _bound(each)


def _root(node: ast.AST) -> Iterator[str]:
    """The name that `name`, `name[...]` and `name.field` begin with."""
    while isinstance(node, ast.Subscript | ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        yield node.id


def _filled(node: ast.stmt) -> Iterator[str]:
    """The names that a function puts something into: `name[...] = …`, `name.field = …`, and `name.method(…)` as a statement."""
    for each in ast.walk(node):
        if isinstance(each, ast.Subscript | ast.Attribute) and isinstance(each.ctx, ast.Store):
            yield from _root(each)
        elif (
            isinstance(each, ast.Expr)
            and isinstance(each.value, ast.Call)
            and isinstance(each.value.func, ast.Attribute)
        ):
            yield from _root(each.value)


def _text(module: _Module, node: ast.stmt) -> str:
    """Its lines without comments, docstrings and blank lines."""
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
    dropped: set[int] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and _is_string(
            each.body[0]
        ):
            dropped.update(range(each.body[0].lineno, (each.body[0].end_lineno or 0) + 1))
    lines = [(at, module.lines[at - 1].rstrip()) for at in range(first, (node.end_lineno or node.lineno) + 1)]
    return "\n".join(line for at, line in lines if line and at not in dropped)


def _loaded(node: ast.AST) -> Iterator[ast.AST]:
    """Names, attributes and imports inside of it, those of annotations left out."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.AST) and not _for_types(each):
                yield each
                yield from _loaded(each)


def _attributes(node: ast.AST) -> dict[str, set[str]]:
    """By name, what is asked of it with a dot; a name that also stands alone is not among them."""
    found: dict[str, set[str]] = {}
    alone: set[str] = set()
    for each in ast.walk(node):
        for child in ast.iter_child_nodes(each):
            if isinstance(child, ast.Name):
                if isinstance(each, ast.Attribute):
                    found.setdefault(child.id, set()).add(each.attr)
                else:
                    alone.add(child.id)
    return {name: used for name, used in found.items() if name not in alone}


def _texts(node: ast.AST) -> Iterator[str]:
    """Texts in it, as patterns: what an f-string puts in may be anything."""
    for each in ast.walk(node):
        if isinstance(each, ast.JoinedStr):
            pieces = [str(part.value) if isinstance(part, ast.Constant) else "*" for part in each.values]
            pattern = "".join(pieces).removesuffix(".sql").rpartition("/")[2]
            if pattern.strip("*_"):
                yield pattern
        elif isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value.strip("*?[]"):
            yield each.value


def _is_string(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


# -- functions


def _places(function: Any, package: str) -> Iterator[tuple[str, int]]:
    """Where a function stands, and those that it holds: of a partial, of a closure, of its defaults."""
    if isinstance(function, partial):
        for each in (function.func, *function.args, *function.keywords.values()):
            yield from _places(each, package)
        return
    function = getattr(function, "__func__", function)
    code = getattr(function, "__code__", None)
    if code is None or function.__module__.partition(".")[0] != package:
        return
    yield function.__module__, code.co_firstlineno
    held = [cell.cell_contents for cell in function.__closure__ or ()]
    for each in (*held, *(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
        if callable(each):
            yield from _places(each, package)


def _around(module: _Module, line: int) -> ast.stmt:
    for node in module.body:
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        if first <= line <= (node.end_lineno or node.lineno):
            return node
    raise ValueError(f"{module.name} has nothing in line {line}")
