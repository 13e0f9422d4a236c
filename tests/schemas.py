"""The published schemas of --json documents, and a document held against one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

__all__ = ["FOLDER", "SCHEMAS", "validate"]

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs" / "reference" / "json"
SCHEMAS: Final = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.glob("*.schema.json"))
}
_REGISTRY: Final[Registry[Any]] = Registry().with_resources(
    [(schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()]
)


def validate(name: str, document: object) -> None:
    """Raises where the document is not what the schema of this name says."""
    Draft202012Validator(SCHEMAS[name], registry=_REGISTRY).validate(document)
