"""A bundle in STIX 2.1 (OASIS Standard, 10 June 2021): incident, campaign, the logs as files, counts as notes.

Objects have name-based ids, so that the same bundle gives the same document. The counts stand in the incident under a
property extension of our own (section 7.3), and once more as sentences for tools that do not know it.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from whosaw.core.canonical_json import canonical_json

from .sealed import SealedCase, SealedContent, SealedVersion
from .statements import answers, counted, means_of, techniques

__all__ = ["as_stix"]

_OBSERVABLES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # STIX 2.1, section 2.9
_OURS = uuid.uuid5(uuid.NAMESPACE_URL, "https://whosaw.readthedocs.io/evidence/stix")
_SCHEMA = "https://whosaw.readthedocs.io/en/latest/reference/json/evidence-counts.schema.json"
_MOST_OBSERVED = 999_999_999  # section 4.14: number_observed
_EXTENSION_TIME = "2026-01-01T00:00:00.000Z"


def as_stix(case: SealedCase, *, digest: str, means: bool) -> dict[str, Any]:
    """The STIX bundle of an evidence bundle with the SHA-256 `digest`."""
    version = case.versions[-1]
    sealed = _stamp(case.sealed)
    made = {"spec_version": "2.1", "created": sealed, "modified": sealed}
    system = _id("identity", "whosaw")
    extension = _id("extension-definition", "counts")
    objects: list[dict[str, Any]] = [
        _identity(system),
        _extension(extension, system),
    ]
    made["created_by_ref"] = system
    incident: dict[str, Any] = {
        "type": "incident",
        "id": _id("incident", digest),
        **made,
        "name": f"case {case.case}",
        "description": f"Version {version.number} of the scope of case {case.case}, sealed as evidence.",
        "external_references": [
            {
                "source_name": "whosaw evidence bundle",
                "external_id": digest,
                "description": "SHA-256 of the bundle",
            }
        ],
        "extensions": {
            extension: {
                "extension_type": "property-extension",
                "counts": version.document["counts"],
                "categories": version.document.get("categories_held", []),
            }
        },
    }
    files = [_file(content) for content in case.inputs.contents]
    campaign = _campaign(case, version, digest, made)
    objects += [incident, campaign, *_once(files)]
    objects += [_relation(campaign["id"], "related-to", incident["id"], made)]
    observed = _observed(version, digest, made, [each["id"] for each in _once(files)])
    objects += [observed] if observed else []
    for technique in techniques(case, version):
        pattern: dict[str, Any] = {
            "type": "attack-pattern",
            "id": _id("attack-pattern", technique),
            **made,
            "name": technique,
            "external_references": [{"source_name": "mitre-attack", "external_id": technique}],
        }
        objects += [pattern, _relation(campaign["id"], "uses", pattern["id"], made)]
    notes = [("counts", counted(version)), ("categories", answers(version))]
    if means:
        notes.append(("means", [f"{kind}: {value}" for kind, value in means_of(version)]))
        objects += [
            _indicator(value, digest, made, campaign) for kind, value in means_of(version) if kind == "agent"
        ]
    objects += [
        {
            "type": "note",
            "id": _id("note", f"{digest} {about}"),
            **made,
            "abstract": about,
            "content": "\n".join(lines),
            "object_refs": [incident["id"], campaign["id"]],
        }
        for about, lines in notes
        if lines
    ]
    return {"type": "bundle", "id": _id("bundle", f"{digest} {means}"), "objects": objects}


def _id(kind: str, name: str) -> str:
    return f"{kind}--{uuid.uuid5(_OURS, f'{kind} {name}')}"


def _stamp(instant: str) -> str:
    """An instant with the milliseconds that STIX asks for (section 3.2)."""
    whole, _, fraction = instant.removesuffix("Z").partition(".")
    return f"{whole}.{(fraction or '0')[:3]:<03}Z"


def _identity(name: str) -> dict[str, Any]:
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": name,
        "created": _EXTENSION_TIME,
        "modified": _EXTENSION_TIME,
        "name": "whosaw",
        "identity_class": "system",
    }


def _extension(name: str, system: str) -> dict[str, Any]:
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": name,
        "created_by_ref": system,
        "created": _EXTENSION_TIME,
        "modified": _EXTENSION_TIME,
        "name": "counts with bounds",
        "description": "How many views, accounts and persons, each with bounds and reasons, and which categories were seen.",
        "schema": _SCHEMA,
        "version": "1.0.0",
        "extension_types": ["property-extension"],
    }


def _campaign(
    case: SealedCase, version: SealedVersion, digest: str, made: Mapping[str, Any]
) -> dict[str, Any]:
    first, last = version.first_view, version.last_view
    campaign: dict[str, Any] = {
        "type": "campaign",
        "id": _id("campaign", digest),
        **made,
        "name": f"actor of case {case.case}",
        "description": f"Views held to be of one actor, through {version.clients} clients.",
    }
    if first is not None and last is not None:
        campaign |= {"first_seen": _stamp(first), "last_seen": _stamp(last)}
    return campaign


def _observed(
    version: SealedVersion, digest: str, made: Mapping[str, Any], files: list[str]
) -> dict[str, Any] | None:
    """The log files as what the views were observed in, with the number of views that is proven."""
    first, last = version.first_view, version.last_view
    views = next(count.lower for count in version.counts if count.unit == "views")
    if first is None or last is None or not files or not 1 <= views <= _MOST_OBSERVED:
        return None
    return {
        "type": "observed-data",
        "id": _id("observed-data", digest),
        **made,
        "first_observed": _stamp(first),
        "last_observed": _stamp(last),
        "number_observed": views,
        "object_refs": files,
    }


def _file(content: SealedContent) -> dict[str, Any]:
    """A log as a file object; its id follows from hash and name (section 2.9)."""
    told = {"hashes": {"SHA-256": content.digest}, "name": content.name}
    return {
        "type": "file",
        "spec_version": "2.1",
        "id": f"file--{uuid.uuid5(_OBSERVABLES, canonical_json(told).decode())}",
        **told,
        "size": content.size,
    }


def _once(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({each["id"]: each for each in files}.values())


def _relation(source: str, kind: str, target: str, made: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "relationship",
        "id": _id("relationship", f"{source} {kind} {target}"),
        **made,
        "relationship_type": kind,
        "source_ref": source,
        "target_ref": target,
    }


def _indicator(
    agent: str, digest: str, made: Mapping[str, Any], campaign: Mapping[str, Any]
) -> dict[str, Any]:
    """A user agent as a pattern (section 9)."""
    quoted = re.sub(r"(['\\])", r"\\\1", agent)
    return {
        "type": "indicator",
        "id": _id("indicator", f"{digest} {agent}"),
        **made,
        "name": "user agent of the actor",
        "indicator_types": ["anomalous-activity"],
        "pattern": f"[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = '{quoted}']",
        "pattern_type": "stix",
        "valid_from": campaign.get("first_seen", made["created"]),
    }
