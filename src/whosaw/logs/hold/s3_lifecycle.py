"""When a lifecycle configuration of a bucket would delete an object.

Source: Amazon S3 API Reference, `LifecycleRule`, and the User Guide, "Lifecycle rules: based on an object's age": the number of days
is added to the time at which the object was made, and the result is rounded up to the next day at midnight UTC. The document is what
`aws s3api get-bucket-lifecycle-configuration` prints. It does not name its bucket: a held file is taken for an object by its name below
the folders that are held, and its time of change for that of the object (`aws s3 sync` keeps it).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from .retention import By, Strike, Target

__all__ = ["S3Rule", "read_bucket_lifecycle", "read_s3_lifecycle"]

_KNOWN = frozenset(
    {
        "ID", "Status", "Filter", "Prefix", "Expiration", "NoncurrentVersionExpiration", "Transition", "Transitions",
        "NoncurrentVersionTransition", "NoncurrentVersionTransitions", "AbortIncompleteMultipartUpload",
    }
)  # fmt: skip
_NO_BUCKET = "the document does not name its bucket: keys are taken from names below the held folders"
_FILTERS = frozenset({"Prefix", "Tag", "Tags", "And", "ObjectSizeGreaterThan", "ObjectSizeLessThan"})


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Rule:
    """One enabled or disabled rule. `days`, `until` and `noncurrent_days` are None where the rule does not say them."""

    place: str
    enabled: bool
    prefix: str
    tags: tuple[tuple[str, str], ...]
    larger: int | None
    smaller: int | None
    days: int | None
    until: date | None
    noncurrent_days: int | None
    keep_noncurrent: int | None
    notes: tuple[str, ...] = ()
    kind: str = "s3-lifecycle"

    @property
    def says(self) -> str:
        acts = []
        if self.days is not None:
            acts.append(f"deletes objects {self.days:,} days after they were made")
        if self.until is not None:
            acts.append(f"deletes objects from {self.until.isoformat()} on")
        if self.noncurrent_days is not None:
            kept = f", but keeps the newest {self.keep_noncurrent:,}" if self.keep_noncurrent else ""
            acts.append(f"deletes old versions {self.noncurrent_days:,} days after they were replaced{kept}")
        what = f"keys that begin with {self.prefix!r}" if self.prefix else "all keys"
        if self.tags:
            what += " with tag " + ", ".join(f"{key}={value}" for key, value in self.tags)
        said = f"{what}: {'; '.join(acts) or 'deletes nothing'}"
        return said if self.enabled else f"{said} (disabled)"

    def general(self, *, now: datetime, at: datetime) -> Strike | None:  # noqa: ARG002  # the protocol's
        if not self.enabled or self.noncurrent_days is None:
            return None
        why = "old versions of objects: cannot tell the date: counts from the day on which each is overwritten or deleted"
        return Strike(name=None, day=None, why=why)

    def strike(self, target: Target, *, now: datetime) -> Strike | None:
        by = self._covers(target)
        if not self.enabled or by is None or (self.days is None and self.until is None):
            return None
        due = self.until if self.until is not None else _rounded_up(target.modified, self.days or 0)
        why = (
            "counted from its time of change here" if self.until is None else "on a date that the rule names"
        )
        if self.tags:
            return Strike(
                name=target.name,
                day=None,
                estimate=due,
                by=by,
                why="cannot tell: only if the object has the tag",
            )
        return Strike(name=target.name, day=max(due, now.date()), by=by, why=why)

    def _covers(self, target: Target) -> By | None:
        if (self.larger is not None and target.size <= self.larger) or (
            self.smaller is not None and target.size >= self.smaller
        ):
            return None
        if any(key.startswith(self.prefix) for key in target.keys):
            return "key"
        return "key" if f"/{self.prefix}" in target.path and self.prefix else None


def _rounded_up(made: datetime, days: int) -> date:
    due = made.astimezone(UTC) + timedelta(days=days)
    midnight = due.replace(hour=0, minute=0, second=0, microsecond=0)
    return due.date() if due == midnight else due.date() + timedelta(days=1)


def read_s3_lifecycle(
    file: str, document: dict[str, Any], *, of_bucket: bool = False
) -> tuple[list[S3Rule], list[str]]:
    """The rules of a document, and what in it is not understood. `of_bucket`: it is that of the bucket whose keys are looked at."""
    rules: list[S3Rule] = []
    notes: list[str] = []
    for position, told in enumerate(document.get("Rules", []), start=1):
        place = f"{file} [{told.get('ID') or position}]" if isinstance(told, dict) else f"{file} [{position}]"
        try:
            rules.append(_rule(place, told, of_bucket=of_bucket))
        except (TypeError, ValueError, KeyError, AttributeError) as fault:
            notes.append(f"{place}: the rule is not understood ({fault})")
    return rules, notes


def read_bucket_lifecycle(place: str, text: str) -> tuple[list[S3Rule], list[str]]:
    """The same of the JSON that the bucket itself gave; keys are its own."""
    return read_s3_lifecycle(place, json.loads(text), of_bucket=True)


def _rule(place: str, told: dict[str, Any], *, of_bucket: bool) -> S3Rule:
    where = dict(told.get("Filter") or {})
    strange = sorted((set(told) - _KNOWN) | (set(where) - _FILTERS))
    where.update(where.pop("And", None) or {})
    strange += sorted(set(where) - _FILTERS)
    tags = [*([where["Tag"]] if where.get("Tag") else []), *(where.get("Tags") or [])]
    expiration, noncurrent = told.get("Expiration") or {}, told.get("NoncurrentVersionExpiration") or {}
    unnamed = () if of_bucket else (_NO_BUCKET,)
    notes = [*unnamed, *(f"{name!r} is not known; what it changes cannot be told" for name in strange)]
    if expiration.get("ExpiredObjectDeleteMarker"):
        notes.append("removes delete markers without versions, which hold no content")
    if told.get("Transitions") or told.get("Transition"):
        notes.append("moves objects to other storage classes, which deletes nothing")
    if told["Status"] not in ("Enabled", "Disabled"):
        raise ValueError(f"Status {told['Status']!r}")
    until = expiration.get("Date")
    return S3Rule(
        place=place,
        enabled=told["Status"] == "Enabled",
        prefix=str(where.get("Prefix") or told.get("Prefix") or ""),
        tags=tuple((str(tag["Key"]), str(tag["Value"])) for tag in tags),
        larger=_number(where.get("ObjectSizeGreaterThan")),
        smaller=_number(where.get("ObjectSizeLessThan")),
        days=_number(expiration.get("Days")),
        until=datetime.fromisoformat(until).date() if until else None,
        noncurrent_days=_number(noncurrent.get("NoncurrentDays")),
        keep_noncurrent=_number(noncurrent.get("NewerNoncurrentVersions")),
        notes=tuple(notes),
    )


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))
