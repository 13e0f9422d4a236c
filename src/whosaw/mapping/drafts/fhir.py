"""Answers from FHIR resources as JSON: a resource of one kind is what `GET /Kind/{id}` returns (FHIR R4, RESTful API)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .answer import Answer
from .json_fields import AnswerFields, fields_of_json

__all__ = ["answers_of_fhir", "is_fhir"]


def is_fhir(document: Any) -> bool:
    """Whether a JSON document is a FHIR resource."""
    return isinstance(document, dict) and isinstance(document.get("resourceType"), str)


def answers_of_fhir(document: Any) -> Iterator[Answer]:
    """The kind of the resource; of a bundle, each kind in it."""
    kinds: dict[str, AnswerFields] = {}
    resources = [document]
    if document["resourceType"] == "Bundle" and isinstance(document.get("entry"), list):
        resources = [each.get("resource") for each in document["entry"] if isinstance(each, dict)]
    for resource in filter(is_fhir, resources):
        kind = resource["resourceType"]
        if kind.isalnum():
            fields_of_json(resource, kinds.setdefault(kind, AnswerFields()))
    for kind, fields in sorted(kinds.items()):
        yield Answer(method="GET", path=f"/{kind}/{{id}}", fields=fields, source="FHIR")
