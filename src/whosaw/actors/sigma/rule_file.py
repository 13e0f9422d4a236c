"""Reads the YAML files of a rule folder, and knows on which line each key of a rule stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from whosaw.core.errors import Fault, FaultsError, Where, WhosawError
from whosaw.packs.table import Table
from whosaw.packs.toml_file import parse_toml

__all__ = ["PLACEHOLDERS", "RuleDocument", "RuleTexts", "read_documents", "read_placeholders", "read_texts"]

MAX_FILE = 1 << 20
MAX_FILES = 5_000
MAX_DEPTH = 40
PLACEHOLDERS = "placeholders.toml"
RuleTexts = Mapping[str, str]  # path below the folder -> text, by path


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDocument:
    """One YAML document. `lines` has the line of each key by its name, the first of that name; `line` is where it begins."""

    file: str
    line: int
    data: dict[str, Any]
    lines: Mapping[str, int]

    @property
    def title(self) -> str:
        title = self.data.get("title")
        return title if isinstance(title, str) else ""

    def where(self, *keys: str) -> Where:
        """The line of the first of these keys that the document has; a field is found with its modifiers, too."""
        for key in keys:
            if key in self.lines:
                return Where(file=self.file, line=self.lines[key], item=self.title or None)
        return Where(file=self.file, line=self.line, item=self.title or None)

    def fault(self, code: str, message: str, *keys: str, hint: str = "") -> Fault:
        return Fault(code=code, message=message, where=self.where(*keys), hint=hint)


def read_texts(folder: Path) -> dict[str, str]:
    """Every `*.yml` and `*.yaml` below the folder, and `placeholders.toml` in it. Raises with all that cannot be read."""
    if not folder.is_dir():
        raise WhosawError(
            "sigma.none", f"{folder} is no folder", hint="Name the folder that holds the Sigma rules"
        )
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".yml", ".yaml") and path.is_file())
    if not paths:
        raise WhosawError(
            "sigma.none", f"{folder} holds no Sigma rule", hint="Rules are files that end in .yml"
        )
    if len(paths) > MAX_FILES:
        raise WhosawError(
            "sigma.too-many",
            f"{folder} holds more than {MAX_FILES:,} rule files",
            hint="Name a smaller folder",
        )
    if (folder / PLACEHOLDERS).is_file():
        paths.append(folder / PLACEHOLDERS)
    texts: dict[str, str] = {}
    faults: list[Fault] = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            if path.stat().st_size > MAX_FILE:
                faults.append(_fault(name, f"is larger than {MAX_FILE:,} bytes"))
                continue
            texts[name] = path.read_bytes().decode("utf-8-sig")
        except OSError as fault:
            faults.append(_fault(name, f"cannot be read ({fault.strerror})"))
        except UnicodeDecodeError:
            faults.append(_fault(name, "is not UTF-8"))
    if faults:
        raise FaultsError("sigma.invalid", faults)
    return texts


def read_documents(texts: RuleTexts, faults: list[Fault]) -> Iterator[RuleDocument]:
    """The documents of all rule files in order; what is no rule becomes a fault."""
    for name in sorted(texts):
        if name != PLACEHOLDERS:
            yield from _documents(name, texts[name], faults)


def read_placeholders(texts: RuleTexts, faults: list[Fault]) -> dict[str, list[str]]:
    """What stands for each `%name%`: a text, or a list of texts."""
    try:
        file = parse_toml(texts.get(PLACEHOLDERS, ""), name=PLACEHOLDERS)
    except FaultsError as fault:
        faults.extend(fault.faults)
        return {}
    table = Table.top(file, faults, code="sigma.invalid")
    found: dict[str, list[str]] = {}
    for name in table.values:
        value = table.take(name, (str, list), "a text or a list of texts")
        values = [value] if isinstance(value, str) else value or []
        if not values or not all(isinstance(each, str) for each in values):
            table.fault(f"{name} must be a text or a list of texts", name)
            continue
        found[name] = values
    return found


def _documents(name: str, text: str, faults: list[Fault]) -> Iterator[RuleDocument]:
    loader = yaml.SafeLoader(text)
    loader.name = name
    try:
        while loader.check_node():
            node = loader.get_node()
            if node is None:
                break
            lines: dict[str, int] = {}
            _walk(node, name, lines, faults, set(), 0)
            data = loader.construct_document(node)
            line = node.start_mark.line + 1
            if data is None:
                continue
            if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
                faults.append(_fault(name, "is no Sigma rule: a rule is a table of keys", line))
                continue
            yield RuleDocument(file=name, line=line, data=data, lines=lines)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        faults.append(
            _fault(
                name, f"is not valid YAML: {fault.problem or fault.context}", mark.line + 1 if mark else None
            )
        )
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        faults.append(_fault(name, f"is not valid YAML: {str(fault).splitlines()[0]}"))
    finally:
        loader.dispose()


def _walk(
    node: yaml.Node, name: str, lines: dict[str, int], faults: list[Fault], seen: set[int], depth: int
) -> None:
    """Note the line of each key. A key that stands twice in one table is a fault, as the first would be lost."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if depth > MAX_DEPTH:
        faults.append(_fault(name, "is nested too deeply", node.start_mark.line + 1))
        return
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            _walk(each, name, lines, faults, seen, depth + 1)
    if not isinstance(node, yaml.MappingNode):
        return
    here: set[str] = set()
    for key, value in node.value:
        text, line = str(key.value), key.start_mark.line + 1
        if text in here:
            faults.append(_fault(name, f"{text} stands twice in one table", line))
        here.add(text)
        lines.setdefault(text, line)
        lines.setdefault(text.partition("|")[0], line)
        _walk(value, name, lines, faults, seen, depth + 1)


def _fault(name: str, message: str, line: int | None = None) -> Fault:
    return Fault(code="sigma.invalid", message=message, where=Where(file=name, line=line))
