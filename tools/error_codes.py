"""docs/reference/errors.md from the source: `python -m tools.error_codes --write | --check`.

A code is the part of an error that scripts may rely on, so each is a literal that this tool can read.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tools.generated import ROOT, main, table

_PAGE = ROOT / "docs" / "reference" / "errors.md"
_SOURCE = ROOT / "src" / "whosaw"
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9{}]+(-[a-z0-9{}]+)*\Z")
_RAISERS = {"WhosawError", "FaultsError", "Fault", "fault"}
_READERS = {"top", "of_item"}  # of items: the codes of all that is noted through them
_HEAD = """\
# Error codes

<!-- Made by `python -m tools.error_codes --write`. -->

An error is one line: where, what, what to do. On a terminal, and with `--verbose`, the next one leads to its row here. Its code never changes its meaning. `{...}` stands for a value
of the moment. whosaw exits with 2 after any of these, and nothing is half written.

"""


def _text(node: ast.expr | None, constants: dict[str, str]) -> str | None:
    """The text of a literal, of an f-string with its holes named, or of a constant; None for the rest."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.BinOp):
        left, right = _text(node.left, constants), _text(node.right, constants)
        return None if left is None or right is None else left + right
    if isinstance(node, ast.JoinedStr):
        parts = [
            str(part.value) if isinstance(part, ast.Constant) else "{" + _hole(part) + "}"
            for part in node.values
        ]
        return "".join(parts)
    return None


def _hole(part: ast.expr) -> str:
    names = [
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(part)
        if isinstance(node, ast.Name | ast.Attribute)
    ]
    return names[0] if names else "..."


def _assigned(tree: ast.AST, constants: dict[str, str]) -> dict[str, str]:
    """Names that stand for one text in `tree`, such as `message` just above its use."""
    texts = dict(constants)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            text = _text(node.value, texts)
            if text is not None:
                texts[node.targets[0].id] = text
    return texts


def _calls(path: Path) -> Iterator[tuple[str, str, str]]:
    """(code, message, hint) of each error that a module can raise; message and hint may be empty."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = [node for node in tree.body if isinstance(node, ast.Assign)]
    constants = _assigned(ast.Module(body=[*top], type_ignores=[]), {})
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            yield from _in_function(function, _assigned(function, constants))


def _in_function(function: ast.FunctionDef, constants: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        given = {word.arg: word.value for word in node.keywords}
        if (
            name in {"under", "reader"}
            and node.args
            and (code := _text(node.args[0], constants))
            and _CODE.match(code)
        ):
            yield code, "", ""
        if name in _READERS:
            for word, said in (("code", ""), ("unknown_code", "{key} is not known here")):
                if (code := _text(given.get(word), constants)) is not None and _CODE.match(code):
                    yield code, said, ""
        if name not in _RAISERS:
            continue
        if name == "fault" and "code" in given:  # of a reader of items: the message comes first
            code = _text(given["code"], constants)
            if code is not None and _CODE.match(code):
                yield (
                    code,
                    _text(node.args[0], constants) or "" if node.args else "",
                    _text(given.get("hint"), constants) or "",
                )
            continue
        code = _text(node.args[0] if node.args else given.get("code"), constants)
        if code is None or not _CODE.match(code):
            continue
        message = (
            "" if name == "FaultsError" else node.args[1] if len(node.args) > 1 else given.get("message")
        )
        spoken = _text(message, constants) if isinstance(message, ast.expr) else ""
        yield code, spoken or "", _text(given.get("hint"), constants) or ""


def page() -> dict[Path, str]:
    found: dict[str, tuple[set[str], list[str], list[str]]] = defaultdict(lambda: (set(), [], []))
    for path in sorted(_SOURCE.rglob("*.py")):
        for code, message, hint in _calls(path):
            areas, messages, hints = found[code]
            areas.add(path.relative_to(_SOURCE).parts[0])
            for text, texts in ((message, messages), (hint, hints)):
                if text and text not in texts:
                    texts.append(text)
    rows = [
        [
            f'<span id="{code}"></span>`{code}`',
            "; ".join(sorted(messages)) or "(told by the line itself)",
            "; ".join(sorted(hints)),
            ", ".join(sorted(areas)),
        ]
        for code, (areas, messages, hints) in sorted(found.items())
    ]
    return {_PAGE: _HEAD + table(["code", "what it says", "what to do", "raised in"], rows)}


if __name__ == "__main__":
    sys.exit(main("error_codes", page))
