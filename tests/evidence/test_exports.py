"""Exports speak the vocabularies of CASE/UCO and STIX 2.1, hold no personal data, and follow from the bundle."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.evidence.sealed_case import NOW, raw_identifiers
from tests.without_digests import without_digests

from whosaw.app.evidence.bundle import export_bundle
from whosaw.core.errors import WhosawError

# STIX 2.1, sections 3.2, 4, 5, 6 and 7: what each kind of object must have
COMMON = {"type", "spec_version", "id", "created", "modified"}
STIX_MUST = {
    "attack-pattern": COMMON | {"name"},
    "campaign": COMMON | {"name"},
    "extension-definition": COMMON | {"name", "schema", "version", "extension_types", "created_by_ref"},
    "file": {"type", "id", "hashes", "name"},
    "identity": COMMON | {"name"},
    "incident": COMMON | {"name"},
    "indicator": COMMON | {"pattern", "pattern_type", "valid_from"},
    "note": COMMON | {"content", "object_refs"},
    "observed-data": COMMON | {"first_observed", "last_observed", "number_observed", "object_refs"},
    "relationship": COMMON | {"relationship_type", "source_ref", "target_ref"},
}
# CASE and UCO 1.4: the classes and properties that are used, as the ontologies define them
CASE_MAY = {
    "case-investigation:Investigation": {"uco-core:name", "uco-core:object"},
    "case-investigation:InvestigativeAction": {
        "uco-core:name",
        "uco-action:startTime",
        "uco-action:endTime",
        "uco-action:instrument",
        "uco-action:object",
        "uco-action:result",
    },
    "case-investigation:ProvenanceRecord": {
        "uco-core:description",
        "case-investigation:exhibitNumber",
        "uco-core:object",
    },
    "uco-core:Annotation": {"uco-core:name", "uco-core:statement", "uco-core:object"},
    "uco-observable:File": {"uco-core:name", "uco-core:hasFacet"},
    "uco-tool:AnalyticTool": {"uco-core:name", "uco-tool:toolType", "uco-tool:version"},
}
_ID = re.compile(r"([a-z-]+)--[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")


@pytest.fixture(scope="module")
def bundle(sealed: Any) -> Path:
    path: Path = sealed.folder / "exported.evidence"
    path.write_bytes(sealed.bundle)
    return path


def _export(bundle: Path, kind: str, *, means: bool = False) -> Any:
    output = bundle.with_suffix(f".{kind}.{means}")
    export_bundle(bundle, kind, output, now=NOW, means=means)
    return json.loads(output.read_text(encoding="utf-8"))


def test_stix_is_whole_and_every_reference_leads_somewhere(bundle: Path) -> None:
    document = _export(bundle, "stix", means=True)
    objects = {each["id"]: each for each in document["objects"]}
    assert len(objects) == len(document["objects"])
    assert {each["type"] for each in objects.values()} <= STIX_MUST.keys()
    for name, each in objects.items():
        match = _ID.match(name)
        assert match is not None
        assert match[1] == each["type"]
        assert STIX_MUST[each["type"]] <= each.keys()
        for key, value in each.items():
            if key.endswith("_ref"):
                assert value in objects
            if key.endswith("_refs"):
                assert set(value) <= objects.keys()
            if key in (
                "created",
                "modified",
                "first_seen",
                "last_seen",
                "first_observed",
                "last_observed",
                "valid_from",
            ):
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value)
    incident = next(each for each in objects.values() if each["type"] == "incident")
    (extension,) = incident["extensions"]
    assert objects[extension]["type"] == "extension-definition"
    assert incident["extensions"][extension]["counts"][1]["lower"] == 40
    observed = next(each for each in objects.values() if each["type"] == "observed-data")
    assert observed["number_observed"] == 40
    assert observed["first_observed"] == "2025-03-03T12:00:00.000Z"
    note = next(each for each in objects.values() if each.get("abstract") == "categories")
    assert note["content"] == "identity.name: seen\nfinancial.card: not seen"


def test_case_uses_what_the_ontology_has_and_every_reference_leads_somewhere(bundle: Path) -> None:
    graph = {node["@id"]: node for node in _export(bundle, "case")["@graph"]}
    for node in graph.values():
        assert node.keys() - {"@id", "@type"} <= CASE_MAY[node["@type"]]
        for key in ("uco-core:object", "uco-action:object", "uco-action:result", "uco-action:instrument"):
            assert all(each["@id"] in graph for each in node.get(key, []))
    files = [node for node in graph.values() if node["@type"] == "uco-observable:File"]
    assert len(files) == 3  # two logs and the bundle
    digests = {facet["uco-observable:hash"][0]["uco-types:hashValue"]["@value"]
               for node in files for facet in node["uco-core:hasFacet"] if "uco-observable:hash" in facet}  # fmt: skip
    assert len(digests) == 3
    said = [node for node in graph.values() if node["@type"] == "uco-core:Annotation"]
    assert "accounts: at least 40, at most 45 (coverage-gap)" in said[1]["uco-core:statement"]
    names = [node["uco-core:name"] for node in graph.values() if "Action" in node["@type"]]
    assert names == ["logs read", "scope version 1", "scope version 2", "evidence sealed"]


@pytest.mark.parametrize("kind", ["case", "stix"])
def test_exports_hold_no_personal_data_and_means_only_where_asked(bundle: Path, kind: str) -> None:
    plain, named = (json.dumps(_export(bundle, kind, means=means)) for means in (False, True))
    told = without_digests(plain + named)
    for raw in raw_identifiers():
        assert raw not in told
    assert "agent/1" not in plain
    assert "agent/1" in named
    assert json.dumps(_export(bundle, kind)) == plain


def test_a_broken_bundle_is_not_exported(sealed: Any, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(sealed.forger.with_part("findings.json", b"[ ]"))
    with pytest.raises(WhosawError, match=r"findings.json: it was changed"):
        export_bundle(tmp_path / "x", "stix", tmp_path / "out", now=NOW)
    with pytest.raises(WhosawError, match="no export"):
        export_bundle(tmp_path / "x", "pdf", tmp_path / "out", now=NOW)
    assert not (tmp_path / "out").exists()
