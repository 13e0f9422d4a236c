"""What can be checked without a network of an AuditEvent against FHIR R4 and `IHE.BasicAudit.PatientRead` of BALP 1.1.5.

Facts of the profile (`PatientRead.fsh` of IHE/ITI.BasicAudit and of its parent `Read`) and of R4, as tables: cardinalities, fixed codes,
slices by their discriminator, patterns of primitive types, required bindings with the codes that they list. Not checked: whether a code
that a binding only recommends is of its value set, whether displays are those of the code systems, and references to what is elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

PROFILE = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead"
_INSTANT = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)"
)
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_TERMS = "http://terminology.hl7.org/CodeSystem"
_TYPE = (f"{_TERMS}/audit-event-type", "rest")
_READS = {("http://hl7.org/fhir/restful-interaction", each) for each in ("read", "vread")}
_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_CLIENT, _SERVER = (_DCM, "110152"), (_DCM, "110153")
_USER = (f"{_TERMS}/v3-ParticipationType", "IRCP")
_PERSON, _SYSTEM = (f"{_TERMS}/audit-entity-type", "1"), (f"{_TERMS}/audit-entity-type", "2")
_PATIENT = (f"{_TERMS}/object-role", "1")
_REST_ROLES = {(f"{_TERMS}/object-role", each) for each in ("3", "4", "20")}
# elements that R4 has, by element; whatever else stands there is of no AuditEvent
_KNOWN = {
    "": {
        "resourceType", "id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension", "type", "subtype",
        "action", "period", "recorded", "outcome", "outcomeDesc", "purposeOfEvent", "agent", "source", "entity",
    },
    "agent": {
        "id", "extension", "modifierExtension", "type", "role", "who", "altId", "name", "requestor", "location", "policy", "media", "network",
        "purposeOfUse",
    },
    "source": {"id", "extension", "modifierExtension", "site", "observer", "type"},
    "entity": {
        "id", "extension", "modifierExtension", "what", "type", "role", "lifecycle", "securityLabel", "name", "description", "query", "detail",
    },
    "network": {"id", "extension", "modifierExtension", "address", "type"},
    "detail": {"id", "extension", "modifierExtension", "type", "valueString", "valueBase64Binary"},
    "what": {"id", "extension", "reference", "type", "identifier", "display"},
}  # fmt: skip


def faults(event: Mapping[str, Any]) -> list[str]:
    """What of an AuditEvent is not as R4 and the profile say; empty where all that can be told here is."""
    return [*_base(event), *_agents(event.get("agent", [])), *_entities(event.get("entity", []))]


def _base(event: Mapping[str, Any]) -> Iterator[str]:
    if event.get("resourceType") != "AuditEvent":
        yield "resourceType"
    yield from _unknown("", event)
    if "id" in event and not _ID.fullmatch(event["id"]):
        yield "id"
    if PROFILE not in event.get("meta", {}).get("profile", ()):
        yield "meta.profile"
    if _code(event.get("type")) != _TYPE:
        yield "type"
    if sum(_code(each) in _READS for each in event.get("subtype", ())) != 1:
        yield "subtype:anyRead"
    if event.get("action") != "R":
        yield "action"
    if not _INSTANT.fullmatch(str(event.get("recorded", ""))):
        yield "recorded"
    if event.get("outcome") != "0":
        yield "outcome"
    for end in event.get("period", {}).values():
        if not _INSTANT.fullmatch(end):
            yield "period"
    source = event.get("source", {})
    yield from _unknown("source", source)
    if not _there(source.get("observer")):
        yield "source.observer"
    for each in event.get("purposeOfEvent", ()):
        if not each.get("text") and not each.get("coding"):
            yield "purposeOfEvent"


def _agents(agents: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if len(agents) < 2:
        yield "agent"
    slices = [_concept(each.get("type")) for each in agents]
    for name, code, least in (("client", _CLIENT, 1), ("server", _SERVER, 1), ("user", _USER, 0)):
        those = [agent for agent, codes in zip(agents, slices, strict=True) if code in codes]
        if not least <= len(those) <= 1:
            yield f"agent:{name}"
        for each in those:
            if not _there(each.get("who")):
                yield f"agent:{name}.who"
            if "media" in each:
                yield f"agent:{name}.media"
            if name == "user" and ("network" in each or each.get("requestor") is not True):
                yield "agent:user"
            if name != "user" and not _there(each.get("network")):
                yield f"agent:{name}.network"
    for each in agents:
        yield from _unknown("agent", each)
        yield from _unknown("network", each.get("network", {}))
        if not isinstance(each.get("requestor"), bool):
            yield "agent.requestor"
        if each.get("network", {}).get("type", "1") not in "12345":
            yield "agent.network.type"


def _entities(entities: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if len(entities) < 2:
        yield "entity"
    for name, code in (("patient", _PERSON), ("data", _SYSTEM)):
        those = [each for each in entities if _code(each.get("type")) == code]
        if len(those) != 1:
            yield f"entity:{name}"
        for each in those:
            if not _there(each.get("what")):
                yield f"entity:{name}.what"
            if name == "patient":
                yield from _patient(each)
            elif "role" in each and _code(each["role"]) not in _REST_ROLES:
                yield "entity:data.role"
    for each in entities:
        yield from _unknown("entity", each)
        yield from _unknown("what", each.get("what", {}))
        if "name" in each and "query" in each:
            yield "entity sev-1"
        for detail in each.get("detail", ()):
            yield from _unknown("detail", detail)
            if not detail.get("type") or len({"valueString", "valueBase64Binary"} & set(detail)) != 1:
                yield "entity.detail"
            if detail.get("valueString") == "":
                yield "entity.detail.value"


def _patient(entity: Mapping[str, Any]) -> Iterator[str]:
    if _code(entity.get("role")) != _PATIENT:
        yield "entity:patient.role"
    what = entity.get("what", {})
    if what.get("type", "Patient") != "Patient" or not what.get("reference", "Patient/").startswith(
        "Patient/"
    ):
        yield "entity:patient.what is of a Patient"


def _unknown(name: str, element: Mapping[str, Any]) -> Iterator[str]:
    for each in element.keys() - _KNOWN[name]:
        yield f"{name}.{each} is no element"
    for each, value in element.items():
        if value in ("", [], {}, None):
            yield f"{name}.{each} is empty"


def _there(element: Any) -> bool:
    """Whether an element has a value or children (ele-1)."""
    return bool(element) and any(value not in ("", [], {}, None) for value in element.values())


def _code(coding: Any) -> tuple[str, str] | None:
    return (str(coding.get("system")), str(coding.get("code"))) if coding else None


def _concept(concept: Any) -> set[tuple[str, str] | None]:
    return {_code(each) for each in (concept or {}).get("coding", ())}
