"""src/whosaw/evidence/verify_alone.py from the modules of the verifier: `python -m tools.verifier --write | --check`.

The one file that strangers get is kept in the tree and not put together where whosaw runs: so its very text is read at each
change, goes through the same checks of style and types as any module, and has one digest for everybody who has a release;
the command only copies it. Nothing is rewritten on the way. Each module keeps its text below its imports, comments included,
and stands behind those that it needs; their imports become one block, and what they say of themselves a comment above them.
What such a file cannot hold is a fault here, named with its module: a circle, one name for two things, a module that nobody needs.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.generated import ROOT, main

FOLDER = ROOT / "src" / "whosaw" / "evidence" / "verify"
ALONE = FOLDER.with_name("verify_alone.py")
_ENTRY = "__main__"
_WIDTH = 110  # as in pyproject.toml
_NEVER = (sys.maxsize, 0)
_ALLOWED = {*sys.stdlib_module_names, "cryptography"}
_NOTE = """\
# Made by `python -m tools.verifier --write` from the modules in src/whosaw/evidence/verify: change those, not this file.
# They stand here whole, in the order in which they are used, each behind those that it needs.
"""


class NotAssembledError(Exception):
    """Why these modules do not make one file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Module:
    """A module as its piece of the file: what it says of itself, what it needs (in the order of use), and its text below that."""

    name: str
    says: str
    needs: tuple[str, ...]
    imports: frozenset[tuple[str, str]]  # (module, name); the name is empty for `import module`
    defines: tuple[str, ...]
    body: str


def assemble(folder: Path) -> str:
    """The text of the one file. `NotAssembledError` says which module cannot stand in it, and why."""
    modules = {path.stem: _read(path) for path in sorted(folder.glob("*.py")) if path.stem != "__init__"}
    order = list(_in_order(modules, _ENTRY, ()))
    if spare := sorted(modules.keys() - set(order)):
        raise NotAssembledError(f"{spare[0]} is needed by no other module")
    pieces = [modules[name] for name in dict.fromkeys(order)]
    imports = {each for module in pieces for each in module.imports}
    _check_names(pieces, imports)
    says, public = _front(folder / "__init__.py", pieces)
    head = f"{says}\n\n{_NOTE}\nfrom __future__ import annotations\n\n{_import_block(imports)}\n{public}\n"
    return head + "".join(f"\n\n{_heading(module)}\n{module.body}" for module in pieces)


def _in_order(modules: Mapping[str, _Module], name: str, way: tuple[str, ...]) -> Iterator[str]:
    """The modules below `name` and itself, each behind those that it needs; some come more than once."""
    if name in way:
        raise NotAssembledError(f"a circle of imports: {' -> '.join((*way[way.index(name) :], name))}")
    if name not in modules:
        raise NotAssembledError(f"{way[-1] if way else 'the package'} needs {name}, which is not there")
    for needed in modules[name].needs:
        yield from _in_order(modules, needed, (*way, name))
    yield name


def _read(path: Path) -> _Module:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    says = ast.get_docstring(tree)
    if says is None:
        raise NotAssembledError(f"{path.stem} does not say what it is for")
    head = [node for node in tree.body[1:] if _is_head(node)]
    if head != tree.body[1 : len(head) + 1]:
        raise NotAssembledError(f"{path.stem} has an import or `__all__` below its first definition")
    if len(head) + 1 == len(tree.body):
        raise NotAssembledError(f"{path.stem} holds nothing")
    last = max((node.end_lineno or 0 for node in tree.body[: len(head) + 1]), default=0)
    if any(line <= last for line in _comments(text)):
        raise NotAssembledError(f"{path.stem} has a comment among its imports, which would be lost")
    body = tree.body[len(head) + 1 :]
    for node in (found for each in body for found in ast.walk(each)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            raise NotAssembledError(f"{path.stem} imports inside of its code, in line {node.lineno}")
    needs, imports = _needed(path.stem, head)
    used = _first_uses(body)
    return _Module(
        name=path.stem,
        says=says,
        needs=tuple(sorted(needs, key=lambda name: min(used.get(each, _NEVER) for each in needs[name]))),
        imports=imports,
        defines=tuple(name for node in body for name in _defined(node)),
        body="\n".join(text.split("\n")[last:]).strip("\n") + "\n",
    )


def _is_head(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom) or "__all__" in _defined(node)


def _comments(text: str) -> list[int]:
    """The lines of a module that have a comment."""
    return [
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    ]


def _first_uses(body: list[ast.stmt]) -> dict[str, tuple[int, int]]:
    """Where each name stands first. Those inside of f-strings have other places in each Python, so they do not count."""
    found: dict[str, tuple[int, int]] = {}
    left: list[ast.AST] = [*body]
    while left:
        node = left.pop()
        if isinstance(node, ast.Name):
            found[node.id] = min(found.get(node.id, _NEVER), (node.lineno, node.col_offset))
        if not isinstance(node, ast.JoinedStr):
            left += ast.iter_child_nodes(node)
    return found


def _needed(module: str, head: list[ast.stmt]) -> tuple[dict[str, list[str]], frozenset[tuple[str, str]]]:
    """What a module needs from each of those beside it, and what from elsewhere."""
    needs: dict[str, list[str]] = {}
    imports: set[tuple[str, str]] = set()
    for node in head:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if any(alias.asname or alias.name == "*" for alias in node.names):
            raise NotAssembledError(f"{module} imports under another name, in line {node.lineno}")
        if isinstance(node, ast.ImportFrom) and node.level:
            if node.level > 1 or node.module is None or "." in node.module:
                raise NotAssembledError(
                    f"{module} imports what is no module beside it, in line {node.lineno}"
                )
            needs.setdefault(node.module, []).extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imports |= {(node.module or "", alias.name) for alias in node.names}
        else:
            imports |= {(alias.name, "") for alias in node.names}
    imports = {each for each in imports if each[0] != "__future__"}
    for name, _ in sorted(imports):
        if name.split(".")[0] not in _ALLOWED:
            raise NotAssembledError(
                f"{module} imports {name}, and strangers have only Python and cryptography"
            )
    return needs, frozenset(imports)


def _defined(node: ast.stmt) -> Iterator[str]:
    """The names that a statement of a module gives a meaning to."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    yield from (
        found.id
        for found in ast.walk(node)
        if isinstance(found, ast.Name) and isinstance(found.ctx, ast.Store)
    )


def _check_names(pieces: list[_Module], imports: set[tuple[str, str]]) -> None:
    """In one file a name has one meaning."""
    home: dict[str, str] = {}
    for module, name in sorted(imports):
        bound = name or module.split(".")[0]
        if home.setdefault(bound, module) != module:
            raise NotAssembledError(f"{bound} is imported from {home[bound]} and from {module}")
    for piece in pieces:
        for name in piece.defines:
            if name in home:
                raise NotAssembledError(f"{name} is defined in {piece.name} and in {home[name]}")
            home[name] = piece.name


def _front(path: Path, pieces: list[_Module]) -> tuple[str, str]:
    """What the package says of itself and the list of what it offers, both as they are spelled."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    says = ast.get_source_segment(text, tree.body[0]) if ast.get_docstring(tree) else None
    listed = [node for node in tree.body if isinstance(node, ast.Assign) and "__all__" in _defined(node)]
    public = ast.get_source_segment(text, listed[0]) if listed else None
    if says is None or public is None:
        raise NotAssembledError("__init__ needs a docstring and `__all__`")
    defined = {name for piece in pieces for name in piece.defines}
    if lost := sorted(set(ast.literal_eval(listed[0].value)) - defined):
        raise NotAssembledError(f"__init__ offers {lost[0]}, which no module defines")
    return says, public


def _import_block(imports: set[tuple[str, str]]) -> str:
    """One block: the standard library, then cryptography; in each whole modules first, then names from modules."""
    groups = [
        "".join(
            _import_lines({each for each in imports if (each[0].split(".")[0] == "cryptography") is other})
        )
        for other in (False, True)
    ]
    return "\n".join(group for group in groups if group)


def _import_lines(imports: set[tuple[str, str]]) -> Iterator[str]:
    yield from (f"import {module}\n" for module, name in sorted(imports) if not name)
    for module in sorted({module for module, name in imports if name}):
        names = sorted((name for each, name in imports if name and each == module), key=_rank)
        line = f"from {module} import {', '.join(names)}\n"
        if len(line) > _WIDTH + 1:
            line = f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")\n"
        yield line


def _rank(name: str) -> tuple[int, str]:
    """Constants, then classes, then all others, as ruff sorts them."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2), name


def _heading(module: _Module) -> str:
    """What a module says of itself, as a comment, and as many empty lines as the formatter wants behind it."""
    first, *more = module.says.splitlines()
    said = "".join(f"# {line}".rstrip() + "\n" for line in (f"-- {module.name}: {first}", *more))
    return said + ("\n" if module.body.startswith(("@", "class ", "def ")) else "")


def _make() -> dict[Path, str]:
    return {ALONE: assemble(FOLDER)}


def _faults() -> list[str]:
    try:
        assemble(FOLDER)
    except NotAssembledError as fault:
        return [str(fault)]
    return []


if __name__ == "__main__":
    sys.exit(main("verifier", _make, _faults))
