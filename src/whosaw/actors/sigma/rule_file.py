"""Reads the YAML files of a rule folder, and knows on which line each key of a rule stands. What is no rule says its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whosaw.core.errors import Fault, FaultsError, Where, WhosawError
from whosaw.packs.table import Table
from whosaw.packs.toml_file import parse_toml

if TYPE_CHECKING:
    import yaml

__all__ = [
    "PLACEHOLDERS",
    "NoRule",
    "RuleDocument",
    "RuleTexts",
    "Unread",
    "read_documents",
    "read_placeholders",
    "read_texts",
]

MAX_FILE = 1 << 20
MAX_FILES = 5_000
MAX_DEPTH = 40
PLACEHOLDERS = "placeholders.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A file of the folder whose text could not be had."""

    why: str


RuleTexts = Mapping[str, str | Unread]  # path below the folder -> text, by path


@dataclass(frozen=True, slots=True, kw_only=True)
class NoRule:
    """A file, or the rest of one, that holds no rule that could be read."""

    file: str
    line: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDocument:
    """One YAML document. `lines` has the line of each key by its name, the first of that name; `line` is where it begins.

    `faults` are what its YAML does that no rule may do, each with its line.
    """

    file: str
    line: int
    data: dict[str, Any]
    lines: Mapping[str, int]
    faults: tuple[tuple[int, str], ...] = ()

    @property
    def title(self) -> str:
        title = self.data.get("title")
        return title if isinstance(title, str) else ""

    def line_of(self, *keys: str) -> int:
        """The line of the first of these keys that the document has; a field is found with its modifiers, too."""
        return next((self.lines[key] for key in keys if key in self.lines), self.line)


def read_texts(folder: Path) -> dict[str, str | Unread]:
    """Every `*.yml` and `*.yaml` below the folder, and `placeholders.toml` in it. A file that cannot be read says why."""
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
    return {path.relative_to(folder).as_posix(): _text(path) for path in paths}


def _text(path: Path) -> str | Unread:
    try:
        if path.stat().st_size > MAX_FILE:
            return Unread(why=f"the file is larger than {MAX_FILE:,} bytes")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as fault:
        return Unread(why=f"the file cannot be read ({fault.strerror})")
    except UnicodeDecodeError:
        return Unread(why="the file is not UTF-8")


def read_documents(texts: RuleTexts) -> Iterator[RuleDocument | NoRule]:
    """The documents of all rule files in order; what is no rule says why."""
    for name in sorted(texts):
        text = texts[name]
        if isinstance(text, Unread):
            if name != PLACEHOLDERS:
                yield NoRule(file=name, line=1, why=text.why)
        elif name != PLACEHOLDERS:
            yield from _documents(name, text)


def read_placeholders(texts: RuleTexts, faults: list[Fault]) -> dict[str, list[str]]:
    """What stands for each `%name%`: a text, or a list of texts. They are of no rule alone, so what is wrong there is a fault."""
    text = texts.get(PLACEHOLDERS, "")
    if isinstance(text, Unread):
        faults.append(Fault(code="sigma.invalid", message=text.why, where=Where(file=PLACEHOLDERS)))
        return {}
    try:
        file = parse_toml(text, name=PLACEHOLDERS)
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


def _documents(name: str, text: str) -> Iterator[RuleDocument | NoRule]:
    import yaml

    loader = yaml.SafeLoader(text)
    loader.name = name
    line = 1
    try:
        while loader.check_node():
            node = loader.get_node()
            if node is None:
                break
            line = node.start_mark.line + 1
            lines: dict[str, int] = {}
            faults: list[tuple[int, str]] = []
            _walk(node, lines, faults, set(), 0)
            data = loader.construct_document(node)
            if data is None:
                continue
            if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
                yield NoRule(file=name, line=line, why="it is no Sigma rule: a rule is a table of keys")
                continue
            yield RuleDocument(file=name, line=line, data=data, lines=lines, faults=tuple(faults))
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        what = f"it is not valid YAML: {fault.problem or fault.context}"
        yield NoRule(file=name, line=mark.line + 1 if mark else line, why=what)
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        yield NoRule(file=name, line=line, why=f"it is not valid YAML: {str(fault).splitlines()[0]}")
    finally:
        loader.dispose()


def _walk(
    node: yaml.Node, lines: dict[str, int], faults: list[tuple[int, str]], seen: set[int], depth: int
) -> None:
    """Note the line of each key. A key that stands twice in one table is a fault, as the first would be lost."""
    import yaml

    if id(node) in seen:
        return
    seen.add(id(node))
    if depth > MAX_DEPTH:
        faults.append((node.start_mark.line + 1, "it is nested too deeply"))
        return
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            _walk(each, lines, faults, seen, depth + 1)
    if not isinstance(node, yaml.MappingNode):
        return
    here: set[str] = set()
    for key, value in node.value:
        text, line = str(key.value), key.start_mark.line + 1
        if text in here:
            faults.append((line, f"{text} stands twice in one table"))
        here.add(text)
        lines.setdefault(text, line)
        lines.setdefault(text.partition("|")[0], line)
        _walk(value, lines, faults, seen, depth + 1)
