"""The shipped pack of categories of personal data, and a house's own beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from whosaw.core.errors import Fault, FaultsError, Where
from whosaw.packs.suggestion import did_you_mean
from whosaw.packs.toml_file import TomlFile, load_toml

__all__ = ["CATEGORIES_FOLDER", "Category", "load_categories", "unknown_category"]

CATEGORIES_FOLDER = Path(__file__).resolve().parent.parent / "data" / "categories"
_KEY = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:\.[a-z][a-z0-9]*(?:-[a-z0-9]+)*)*")
_DPV = re.compile(r"https://w3id\.org/dpv(?:/pd)?#[A-Za-z]+")
_LAW = re.compile(r"[A-Z]{2}-[A-Z]+ [0-9][0-9A-Za-z().-]*")
_NEEDED = ("key", "title", "dpv", "sensitivity", "description")


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
    found: dict[str, Category] = {}
    places: dict[str, Where] = {}
    faults: list[Fault] = []
    for folder in (CATEGORIES_FOLDER, *folders):
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
    hint = did_you_mean(key, same_leaf, nearness=0.3) or did_you_mean(key, known)
    return f"{key!r} is not a category", hint


def _read(
    file: TomlFile, stem: str, found: dict[str, Category], places: dict[str, Where], faults: list[Fault]
) -> None:
    items = file.data.get("category", [])
    others = [name for name in file.data if name != "category"]
    faults += [file.fault("category.unknown-key", f"{name!r} is not known here", name) for name in others]
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        faults.append(file.fault("category.wrong-type", "categories are written as [[category]]", "category"))
        return
    for position, item in enumerate(items):
        key = item.get("key")
        label = key if isinstance(key, str) else f"category {position + 1}"
        wrong = _wrong(item, stem)
        if isinstance(key, str) and key in found:
            wrong.append(("key", f"{key} is given twice"))
        for name, message in wrong:
            faults.append(file.fault("category.invalid", message, "category", position, name, item=label))
        if not wrong:
            places[item["key"]] = Where(
                file=file.name, line=file.line_of("category", position, "key"), item=label
            )
            found[item["key"]] = Category(
                key=item["key"],
                title=item["title"],
                dpv=item["dpv"],
                sensitivity=item["sensitivity"],
                special=tuple(item.get("special", ())),
                description=item["description"],
            )


def _wrong(item: dict[str, object], stem: str) -> list[tuple[str, str]]:
    wrong = [(name, f"{name} is missing") for name in _NEEDED if name not in item]
    wrong += [(name, f"{name!r} is not known here") for name in item if name not in (*_NEEDED, "special")]
    for name in ("key", "title", "dpv", "description"):
        if name in item and (not isinstance(item[name], str) or not item[name]):
            wrong.append((name, f"{name} must be a text"))
    key, term, grade = item.get("key"), item.get("dpv"), item.get("sensitivity")
    if isinstance(key, str) and not (_KEY.fullmatch(key) and key.split(".")[0] == stem):
        wrong.append(("key", f"{key!r} is not a key of {stem}.toml: lower case words, joined by dots"))
    if isinstance(term, str) and not _DPV.fullmatch(term):
        wrong.append(("dpv", f"{term!r} is not a DPV term"))
    if grade is not None and (isinstance(grade, bool) or grade not in (1, 2, 3, 4)):
        wrong.append(("sensitivity", "sensitivity is 1, 2, 3 or 4"))
    special = item.get("special", [])
    if not isinstance(special, list) or not all(
        isinstance(law, str) and _LAW.fullmatch(law) for law in special
    ):
        wrong.append(("special", 'special lists laws and articles such as "EU-GDPR 9"'))
    return wrong
