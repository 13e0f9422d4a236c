"""Whether each version of the case is the one that the journal recorded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from .answers import Guard, Told
from .canonical_json import Json, load_json
from .counts import document_faults
from .digests import sha256
from .names import MANIFEST
from .people import check_sets

__all__ = ["check_versions"]


def check_versions(told: Told, manifest: Json, parts: Mapping[str, bytes], entries: Iterable[Json]) -> None:
    """Every version is the one that the journal recorded when it was made."""
    recorded: dict[int, Json] = {}
    for entry in entries:
        body = json.loads(entry["body"]) if entry["kind"] == "scope.version" else {}
        if body.get("case") == manifest["case"]:
            recorded[int(body["version"])] = body
    known = int(manifest["versions"])
    if sorted(recorded) != list(range(1, known + 1)):
        numbers = ", ".join(str(each) for each in sorted(recorded)) or "none"
        told.broken(MANIFEST, f"it holds versions 1 to {known}, and the journal records {numbers}")
    for number in range(1, known + 1):
        name = f"scope/{number:04d}.json"
        if name not in parts:
            continue
        with Guard(told, name):
            document = load_json(parts[name])
            if document["case"] != manifest["case"] or document["version"] != number:
                told.broken(name, "it is of another case or version")
            if number in recorded and sha256(parts[name]) != recorded[number]["document"]:
                told.broken(name, "it is not the version that the journal records: its digest is another")
            if number in recorded and document.get("final") != recorded[number]["final"]:
                told.broken(name, "the journal says another thing of its being final")
            _check_listed(told, number, parts, recorded.get(number))
            sizes = check_sets(told, number, parts, recorded.get(number))
            for fault in document_faults(document, sizes):
                told.broken(name, fault)


def _check_listed(told: Told, number: int, parts: Mapping[str, bytes], recorded: Json | None) -> None:
    """The list of what the ledger held when a version was made is the one that the journal records."""
    name = f"scope/{number:04d}.inputs.json"
    if name in parts and recorded is not None and sha256(parts[name]) != recorded["inputs"]:
        told.broken(name, "it is not the list of inputs that the journal records")
