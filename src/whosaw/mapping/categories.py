"""The shipped pack of categories of personal data, and a house's own beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from whosaw.core.errors import Fault, FaultsError, Where
from whosaw.packs.suggestion import did_you_mean
from whosaw.packs.table import Table
from whosaw.packs.toml_file import TomlFile, load_toml

__all__ = ["CATEGORIES_FOLDER", "Category", "load_categories", "unknown_category"]

CATEGORIES_FOLDER = Path(__file__).resolve().parent.parent / "data" / "categories"
_KEY = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:\.[a-z][a-z0-9]*(?:-[a-z0-9]+)*)*")
_DPV = re.compile(r"https://w3id\.org/dpv(?:/pd)?#[A-Za-z]+")
_LAW = re.compile(r"[A-Z]{2}-[A-Z]+ [0-9][0-9A-Za-z().-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One kind of personal data. `special` names laws and articles that set a stricter regime for it."""

    key: str
    title: str
    dpv: str
    sensitivity: int  # 1 little harm when it leaks, 4 grave harm
    special: tuple[str, ...]
    description: str

    @property
    def parent(self) -> str | None:
        """The key one step up, None at the top."""
        return self.key.rpartition(".")[0] or None


def load_categories(folders: Sequence[Path] = ()) -> dict[str, Category]:
    """Every category of the shipped pack and of `folders`, by key, in key order.

    Raises `FaultsError` with all faults: a key given twice, a parent that is missing, a term that is no
    DPV term, a value of the wrong kind.
    """
    return dict(_shipped()) if not folders else _load((CATEGORIES_FOLDER, *folders))


@cache
def _shipped() -> Mapping[str, Category]:
    """Read once in a process: whoever loads a map asks for them, and each scan and each question loads one."""
    return _load((CATEGORIES_FOLDER,))


def _load(folders: Sequence[Path]) -> dict[str, Category]:
    found: dict[str, Category] = {}
    places: dict[str, Where] = {}
    faults: list[Fault] = []
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                file = load_toml(
                    path, name=f"categories/{path.name}" if folder == CATEGORIES_FOLDER else None
                )
            except FaultsError as broken:
                faults += broken.faults
                continue
            _read(file, path.stem, found, places, faults)
    for key, category in found.items():
        if category.parent is not None and category.parent not in found:
            message = f"{category.parent}, the parent of {key}, is not a category"
            faults.append(Fault(code="category.no-parent", message=message, where=places[key]))
    if faults:
        raise FaultsError("category.invalid", faults)
    return dict(sorted(found.items()))


def unknown_category(key: str, known: Mapping[str, Category]) -> tuple[str, str]:
    """Message and hint for a key that no pack holds."""
    leaf = key.rpartition(".")[2]
    same_leaf = sorted(other for other in known if other.rpartition(".")[2] == leaf)
    holding = sorted(other for other in known if other.rpartition(".")[2].endswith(f"-{leaf}"))
    top = key.partition(".")[0]
    told = {name: _words_in(leaf, each) for name, each in known.items() if name.partition(".")[0] == top}
    beside = [name for name, words in told.items() if words and words == max(told.values())]
    hint = (
        did_you_mean(key, same_leaf, nearness=0.3)
        or (f"Did you mean {beside[0]}?" if len(beside) == 1 else "")
        or did_you_mean(key, holding, nearness=0.3)
        or did_you_mean(key, known)
        or "whosaw map categories lists all"
    )
    return f"{key!r} is not a category", hint


def _words_in(leaf: str, category: Category) -> int:
    """How many words of the last part of a key stand in what is said of a category; one with a hyphen also without it."""
    text = f"{category.title} {category.description}".lower()
    said = {
        *re.findall(r"[a-z]+", text),
        *(each.replace("-", "") for each in re.findall(r"[a-z]+(?:-[a-z]+)+", text)),
    }
    return len(said & set(leaf.lower().split("-")))


def _read(
    file: TomlFile, stem: str, found: dict[str, Category], places: dict[str, Where], faults: list[Fault]
) -> None:
    top = Table.top(file, faults, code="category.wrong-type", unknown_code="category.unknown-key")
    for number, given in enumerate(top.tables("category"), start=1):
        table = given.under("category.invalid")
        table.unknown_code = ""
        key = table.values.get("key")
        table.item = key if isinstance(key, str) else f"category {number}"
        before = len(faults)
        category = _category(table, stem)
        if category.key in found:
            table.fault(f"{category.key} is given twice", "key")
        if len(faults) == before:
            places[category.key] = Where(file=file.name, line=file.line_of(*table.at, "key"), item=table.item)
            found[category.key] = category
    top.rest_unknown()


def _category(table: Table, stem: str) -> Category:
    found = Category(
        key=table.text("key"),
        title=table.text("title"),
        dpv=table.text("dpv"),
        sensitivity=table.integer("sensitivity", most=4),
        special=table.texts("special", required=False),
        description=table.text("description"),
    )
    table.rest_unknown()
    if found.key and not (_KEY.fullmatch(found.key) and found.key.split(".")[0] == stem):
        table.fault(f"{found.key!r} is not a key of {stem}.toml: lower case words, joined by dots", "key")
    if found.dpv and not _DPV.fullmatch(found.dpv):
        table.fault(f"{found.dpv!r} is not a DPV term", "dpv")
    if not all(_LAW.fullmatch(law) for law in found.special):
        table.fault('special lists laws and articles such as "EU-GDPR 9"', "special")
    return found
