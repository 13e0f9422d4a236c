"""A bundle in the words of CASE 1.4 and UCO 1.4 (caseontology.org), as JSON-LD: what was examined, with what, and what was found.

Nodes have name-based ids, so that the same bundle gives the same document.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from whosaw.core.custody import Entry

from .sealed import SealedCase, SealedContent
from .statements import answers, counted, means_of

__all__ = ["as_case"]

_OURS = uuid.uuid5(uuid.NAMESPACE_URL, "https://whosaw.readthedocs.io/evidence/case")
_UCO, _CASE = "https://ontology.unifiedcyberontology.org/uco/", "https://ontology.caseontology.org/case/"
_CONTEXT = {
    "kb": "https://whosaw.readthedocs.io/kb/",
    "case-investigation": f"{_CASE}investigation/",
    **{f"uco-{name}": f"{_UCO}{name}/" for name in ("action", "core", "observable", "tool", "types")},
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def as_case(case: SealedCase, *, digest: str, means: bool) -> dict[str, Any]:
    """The JSON-LD document of an evidence bundle with the SHA-256 `digest`."""
    name = _Names(digest)
    inputs = [_file(name, content) for content in case.inputs.contents]
    tool = {
        "@id": name("tool", "whosaw"),
        "@type": "uco-tool:AnalyticTool",
        "uco-core:name": "whosaw",
        "uco-tool:toolType": "log analysis",
        "uco-tool:version": case.tool,
    }
    bundle = {
        "@id": name("file", "bundle"),
        "@type": "uco-observable:File",
        "uco-core:name": "whosaw evidence bundle",
        "uco-core:hasFacet": [_content_facet(name, "bundle", digest, None)],
    }
    provenance = {
        "@id": name("provenance", "inputs"),
        "@type": "case-investigation:ProvenanceRecord",
        "uco-core:description": "The logs from which the case was counted, each with the digest of the bytes that were read.",
        "case-investigation:exhibitNumber": f"{case.case} inputs",
        "uco-core:object": _refs(inputs),
    }
    graph = [tool, *inputs, provenance, bundle]
    actions = _reading(name, case, tool, inputs, provenance)
    for number, version in enumerate(case.versions, 1):
        statements = [*counted(version), *answers(version)]
        if means:
            statements += [f"{kind}: {value}" for kind, value in means_of(version)]
        said = {
            "@id": name("annotation", f"version {number}"),
            "@type": "uco-core:Annotation",
            "uco-core:name": f"version {number} of the scope",
            "uco-core:statement": statements,
            "uco-core:object": _refs([provenance]),
        }
        graph.append(said)
        actions.append(
            _action(
                name,
                f"scope version {number}",
                version.made,
                version.made,
                tool,
                [provenance],
                [said],
            )
        )
    actions.append(_action(name, "evidence sealed", case.sealed, case.sealed, tool, [provenance], [bundle]))
    investigation = {
        "@id": name("investigation", case.case),
        "@type": "case-investigation:Investigation",
        "uco-core:name": case.case,
        "uco-core:object": _refs([*graph, *actions]),
    }
    return {"@context": _CONTEXT, "@graph": [investigation, *graph, *actions]}


class _Names:
    """Ids of nodes that follow from the bundle and from what they are."""

    def __init__(self, digest: str) -> None:
        self._digest = digest

    def __call__(self, kind: str, what: str) -> str:
        return f"kb:{kind}-{uuid.uuid5(_OURS, f'{self._digest} {kind} {what}')}"


def _refs(nodes: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [{"@id": node["@id"]} for node in nodes]


def _instant(text: str) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": text}


def _file(name: _Names, content: SealedContent) -> dict[str, Any]:
    key = f"content {content.content}"
    facet: dict[str, Any] = {
        "@id": name("file-facet", key),
        "@type": "uco-observable:FileFacet",
        "uco-observable:fileName": content.name,
        "uco-observable:isDirectory": False,
        "uco-observable:sizeInBytes": content.size,
    }
    if content.modified is not None:
        facet["uco-observable:modifiedTime"] = _instant(content.modified)
    return {
        "@id": name("file", key),
        "@type": "uco-observable:File",
        "uco-core:name": content.name,
        "uco-core:hasFacet": [facet, _content_facet(name, key, content.digest, content.size)],
    }


def _content_facet(name: _Names, key: str, digest: str, size: int | None) -> dict[str, Any]:
    facet: dict[str, Any] = {
        "@id": name("content-data-facet", key),
        "@type": "uco-observable:ContentDataFacet",
        "uco-observable:hash": [
            {
                "@id": name("hash", key),
                "@type": "uco-types:Hash",
                "uco-types:hashMethod": "SHA256",
                "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": digest.upper()},
            }
        ],
    }
    if size is not None:
        facet["uco-observable:sizeInBytes"] = size
    return facet


def _reading(
    name: _Names,
    case: SealedCase,
    tool: Mapping[str, Any],
    inputs: list[dict[str, Any]],
    provenance: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """The reading of the logs, from the first scan's beginning to the last one's end."""
    times = [
        entry.time
        for entry in case.journal
        if isinstance(entry, Entry) and entry.kind in ("scan.begin", "scan.end")
    ]
    if not times or not inputs:
        return []
    first, last = (_of_micros(each) for each in (min(times), max(times)))
    return [_action(name, "logs read", first, last, tool, inputs, [provenance])]


def _of_micros(micros: int) -> str:
    when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    return when.isoformat().replace("+00:00", "Z")


def _action(
    name: _Names,
    what: str,
    start: str,
    end: str,
    tool: Mapping[str, Any],
    objects: Iterable[Mapping[str, Any]],
    results: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    return {
        "@id": name("investigative-action", what),
        "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": what,
        "uco-action:startTime": _instant(start),
        "uco-action:endTime": _instant(end),
        "uco-action:instrument": _refs([tool]),
        "uco-action:object": _refs(objects),
        "uco-action:result": _refs(results),
    }
