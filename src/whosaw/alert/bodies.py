"""An alert in the words of the place it is sent to: JSON of whosaw's own, OCSF, a short letter for people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from whosaw.core.canonical_json import canonical_json
from whosaw.core.document import document
from whosaw.core.instants import format_instant, to_micros
from whosaw.core.version import __version__

from .message import Alert

__all__ = ["OCSF_VERSION", "Body", "ocsf", "ocsf_line", "own_line", "subject", "text"]

Body = Callable[[Alert], bytes]
OCSF_VERSION = "1.9.0"
# https://schema.ocsf.io/1.9.0/classes/detection_finding
_CLASS, _CATEGORY = 2004, 2
_ACTIVITY = {"new": (1, "Create"), "update": (2, "Update")}
_CONFIDENCE = {"low": (1, "Low"), "medium": (2, "Medium"), "high": (3, "High")}
# From so many persons on (lower bound): a breach of ten thousand is one whatever else is said of it.
_SEVERITY = ((10_000, 5, "Critical"), (100, 4, "High"), (0, 3, "Medium"))


def own_line(alert: Alert) -> bytes:
    """The alert as whosaw's own JSON (docs/reference/json/watch-line.schema.json)."""
    return alert.line()


def ocsf_line(alert: Alert) -> bytes:
    """The alert as an OCSF Detection Finding."""
    return canonical_json(ocsf(alert))


def _millis(instant: datetime) -> int:
    return to_micros(instant) // 1000


def ocsf(alert: Alert) -> dict[str, Any]:
    """OCSF Detection Finding (class 2004). Instants are milliseconds since 1970 UTC, as OCSF has them."""
    finding = alert.finding
    activity, activity_name = _ACTIVITY[alert.news]
    confidence, confidence_name = _CONFIDENCE[finding.confidence.level]
    # of a breach whose requests are spelled oddly nobody is proven to be seen, and yet so many were when it was raised
    count, before = finding.persons, finding.persons_before
    persons = max(count.lower, before if count.upper is None else min(before, count.upper))
    severity, severity_name = next((number, name) for least, number, name in _SEVERITY if persons >= least)
    made = _millis(alert.made_at)
    return {
        "activity_id": activity,
        "activity_name": activity_name,
        "category_name": "Findings",
        "category_uid": _CATEGORY,
        "class_name": "Detection Finding",
        "class_uid": _CLASS,
        "confidence": confidence_name,
        "confidence_id": confidence,
        "end_time": _millis(finding.last_view),
        "evidences": [{"data": {"lines": document(finding.locators), "counts": document(finding.counts)}}],
        "finding_info": _finding_info(alert, made),
        "is_alert": True,
        "message": finding.title,
        "metadata": {
            "product": {"name": "whosaw", "vendor_name": "The whosaw project", "version": __version__},
            "uid": alert.key,
            "version": OCSF_VERSION,
        },
        "severity": severity_name,
        "severity_id": severity,
        "start_time": _millis(finding.first_view),
        "status": "New",
        "status_id": 1,
        "time": made,
        "type_name": f"Detection Finding: {activity_name}",
        "type_uid": _CLASS * 100 + activity,
        "unmapped": {"whosaw": document(finding)},
    }


def _finding_info(alert: Alert, made: int) -> dict[str, Any]:
    finding = alert.finding
    info: dict[str, Any] = {
        "analytic": {
            "name": finding.detector,
            "type": "Behavioral",
            "type_id": 2,
            "uid": finding.detector,
        },
        "created_time": _millis(finding.raised_at),
        "desc": " ".join(finding.facts),
        "first_seen_time": _millis(finding.first_view),
        "last_seen_time": _millis(finding.last_view),
        "modified_time": made,
        "title": subject(alert),
        "types": ["Personal data seen"],
        "uid": alert.thread,
    }
    if alert.page:
        info["src_url"] = alert.page
    if finding.technique:
        technique, dot, _ = finding.technique.partition(".")
        attack: dict[str, Any] = {"technique": {"uid": technique}}
        if dot:
            attack["sub_technique"] = {"uid": finding.technique}
        info["attacks"] = [attack]
    return info


def subject(alert: Alert) -> str:
    """One line for people."""
    update = "update: " if alert.news == "update" else ""
    return f"whosaw: {update}{alert.finding.title}"


def text(alert: Alert) -> str:
    """A short letter for people."""
    finding = alert.finding
    lines = [
        finding.title,
        *(f"- {fact}" for fact in finding.facts),
        "",
        f"Persons: {finding.persons}",
        f"First view: {format_instant(finding.first_view)}",
        f"Last view: {format_instant(finding.last_view)}",
        f"Confidence: {finding.confidence.level}",
        *(f"  because {reason}" for reason in finding.confidence.reasons),
        "",
        f"Open it: {alert.page or f'whosaw findings --explain {finding.id}'}",
    ]
    if alert.joined:
        lines.append(f"Now part of it: {', '.join(alert.joined)}")
    if finding.split_from:
        lines.append(f"Split from: {finding.split_from}")
    if finding.id != alert.thread:
        lines.append(f"Told before as: {alert.thread}")
    return "\n".join(lines) + "\n"
