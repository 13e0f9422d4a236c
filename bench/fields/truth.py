"""Reads a folder of judged fields: every `*.toml` in it, with the excerpts that it names."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Truth", "truths_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One field and its verdict. `operation` is method and path, the name of a GraphQL operation, or nothing."""

    id: str
    document: str
    kind: str
    language: str
    domain: str
    excerpt: Path
    operation: str
    at: str
    personal: bool
    categories: tuple[str, ...]
    subject: bool
    sure: bool


def truths_in(folder: Path) -> tuple[Truth, ...]:
    """All judged fields of a folder, in the order of the files."""
    found: list[Truth] = []
    for path in sorted(folder.glob("*.toml")):
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        documents = {each["name"]: each for each in told.get("document", ())}
        found += [_truth(each, documents, folder) for each in told.get("field", ())]
    return tuple(found)


def _truth(told: Mapping[str, Any], documents: Mapping[str, Mapping[str, Any]], folder: Path) -> Truth:
    name = told["id"].rpartition("-")[0]
    document = documents.get(name, told)
    return Truth(
        id=told["id"], document=name, kind=document["kind"], language=document["language"],
        domain=document["domain"], excerpt=folder / document["excerpt"], operation=_operation(told),
        at=told["at"], personal=told["personal"], categories=tuple(told["category"]),
        subject=told["subject"], sure=told["sure"],
    )  # fmt: skip


def _operation(told: Mapping[str, Any]) -> str:
    if told.get("path"):
        return f"{told.get('method', 'GET')} {told['path']}"
    return str(told.get("operation", "")).partition("(")[0].strip()
