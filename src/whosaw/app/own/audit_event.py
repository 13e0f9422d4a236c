"""Views as FHIR R4 AuditEvents of the IHE profile for a read with a patient.

Source: IHE ITI Basic Audit Log Patterns (BALP) 1.1.4, profile `IHE.BasicAudit.PatientRead`
(https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead) and HL7 FHIR R4 AuditEvent. A view is a read over HTTP, not
necessarily of a FHIR resource: what was read is told in words. Addresses are masked, which FHIR says by `data-absent-reason`; who saw it
is told by role.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from whosaw.core.instants import format_instant

from .settings import OwnSettings
from .views import OwnRow, OwnViews

__all__ = ["PROFILE", "audit_events"]

PROFILE: Final = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead"
_ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_HL7: Final = "http://terminology.hl7.org/CodeSystem"
_KINDS: Final = {
    "self": "the person themself",
    "perhaps": "somebody who used the account of the person; whether it was they cannot be told",
    "claimed": "somebody who used the account of the person, without a sign-in on record",
    "staff": "a member of staff",
    "service": "an automatic job or a partner",
    "unknown": "somebody whom the records do not name",
}


def audit_events(views: OwnViews, settings: OwnSettings, now: datetime) -> Mapping[str, Any]:
    """A Bundle of type collection with one AuditEvent a view, the newest first; folded views of one's own account are one event with
    their number and period."""
    events = [_event(row, views, settings) for row in views.rows if row.kind != "gap"]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": format_instant(now),
        "entry": [{"fullUrl": f"urn:uuid:{_uuid(each['id'])}", "resource": each} for each in events],
    }


def _uuid(key: str) -> str:
    return f"{key[:8]}-{key[8:12]}-8{key[13:16]}-8{key[17:20]}-{key[20:32]}"  # a UUID of one's own making (RFC 9562, version 8)


def _event(row: OwnRow, views: OwnViews, settings: OwnSettings) -> dict[str, Any]:
    found: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": row.key,
        "meta": {"profile": [PROFILE]},
        "type": {"system": f"{_HL7}/audit-event-type", "code": "rest", "display": "RESTful Operation"},
        "subtype": [{"system": "http://hl7.org/fhir/restful-interaction", "code": "read", "display": "read"}],
        "action": "R",
        "recorded": format_instant(row.time),
        "outcome": "0",
    }
    if row.since != row.time:
        found["period"] = {"start": format_instant(row.since), "end": format_instant(row.time)}
    if row.purpose:
        found["purposeOfEvent"] = [{"text": row.purpose}]
    server = {"display": settings.organisation or row.source}
    found["agent"] = list(_agents(row, server))
    found["source"] = {
        "observer": server,
        "type": [{"system": f"{_HL7}/security-source-type", "code": "4", "display": "Application Server"}],
    }
    found["entity"] = [_patient(views), _data(row)]
    return found


def _agents(row: OwnRow, server: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    yield {
        "type": {"coding": [{"system": _DCM, "code": "110153", "display": "Source Role ID"}]},
        "who": server,
        "requestor": False,
        "network": _masked(),
    }
    yield {
        "type": {"coding": [{"system": _DCM, "code": "110152", "display": "Destination Role ID"}]},
        "who": {"display": "the program that asked"},
        "requestor": False,
        "network": _masked(),
    }
    who = row.who
    if who is None:
        return
    told = who.name or " ".join(
        each for each in (_KINDS[who.kind], f"({who.role})" if who.role else "") if each
    )
    yield {
        "type": {"coding": [{"system": f"{_HL7}/v3-ParticipationType", "code": "IRCP", "display": "information recipient"}]},
        "who": {"display": told},
        "requestor": True,
        **({"role": [{"text": who.role}]} if who.role else {}),
    }  # fmt: skip


def _masked() -> dict[str, Any]:
    """There is an address, and it is not told: those of staff and partners are theirs."""
    return {"extension": [{"url": _ABSENT, "valueCode": "masked"}]}


def _patient(views: OwnViews) -> dict[str, Any]:
    return {
        "what": {"type": "Patient", "identifier": {"value": views.id}},
        "type": {"system": f"{_HL7}/audit-entity-type", "code": "1", "display": "Person"},
        "role": {"system": f"{_HL7}/object-role", "code": "1", "display": "Patient"},
    }


def _data(row: OwnRow) -> dict[str, Any]:
    details = [("category", each) for each in row.categories]
    details += [("reason-on-record", row.reason), ("views", str(row.views))]
    if row.possible:
        details.append(("possible-views", str(row.possible)))
    return {
        "what": {"display": row.route or "pages with data of the person"},
        "type": {"system": f"{_HL7}/audit-entity-type", "code": "2", "display": "System Object"},
        "role": {"system": f"{_HL7}/object-role", "code": "4", "display": "Domain Resource"},
        "detail": [{"type": name, "valueString": value} for name, value in details],
    }
