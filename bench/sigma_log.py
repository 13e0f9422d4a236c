"""A log that both whosaw and pySigma's SQLite backend can be asked about: hits of rules, and events that miss by one value.

An event is made as values of Sigma fields. One writer makes the line that whosaw parses of it; SQLite gets the values themselves,
so that a field that whosaw looks up in the wrong place is a difference, too.
"""

from __future__ import annotations

import itertools
import json
import random
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sigma.backends.sqlite.sqlite import sqliteBackend
from sigma.collection import SigmaCollection
from sigma.policy import SigmaPolicy
from sigma.policy.regex_engine import PythonRegexEngine
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaRule
from sigma.types import (
    CompareOperators,
    SigmaBool,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SpecialChars,
)

from whosaw.actors.sigma.matching import match_events
from whosaw.actors.sigma.pack import RulePack
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.format_choice import choose_format
from whosaw.ingest.format_item import load_formats, shipped_formats
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Piece
from whosaw.store.sql import Session

__all__ = ["LAYOUTS", "Layout", "events_for", "matched_by_sqlite", "matched_by_whosaw"]

Event = Mapping[str, str | None]  # Sigma field -> value
_WEB = "json:time=t,address=a,method=m,host=h,path=p,query=q,protocol=v,status=s,bytes=b,referer=r,agent=g,principal=u"


Way = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A Sigma field that a record holds in other words: how its value is `written` at the path, and `read` from what stands there."""

    path: Way
    written: Callable[[str], str]
    read: Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the records of one log source are written. `paths`: where the value of each Sigma field stands in a record; `base`: what each
    record has besides; `words`: the field that gets what a rule looks for anywhere."""

    source: str
    format: str
    paths: Mapping[str, Way]
    base: Mapping[str, Any]
    words: str
    numbers: frozenset[str] = frozenset()  # fields that SQLite has as numbers
    derived: Mapping[str, Derived] = field(default_factory=dict)

    @property
    def fields(self) -> frozenset[str]:
        """The Sigma fields that its records can hold."""
        return frozenset(self.paths) | frozenset(self.derived)


def _same(path: str, *names: str) -> dict[str, Way]:
    return dict.fromkeys(names, tuple(int(part) if part.isdigit() else part for part in path.split("/")))


def _dotted(*names: str) -> dict[str, Way]:
    return {name: tuple(name.split(".")) for name in names}


_AT = "2025-11-24T01:02:03Z"
_ADDRESS = re.compile(r"\d+(?:[.]\d+){3}|[0-9a-f]*:[0-9a-f:]*")
_CAUGHT = re.compile(r"[.]([^./]+)$")


def _extension(path: str) -> str | None:
    found = _CAUGHT.search(path)
    return found[1] if found else None


def _outcome(good: Sequence[str], words: tuple[str, str], *path: str) -> Derived:
    """Whether it succeeded, which the record says in its own words."""
    return Derived(
        path=path,
        written=lambda word: good[0] if word.lower() == words[0].lower() else "odd",
        read=lambda text: words[0] if text in good else words[1],
    )


def _workspace(application: str) -> Layout:
    service = Derived(
        path=("id", "applicationName"),
        written=lambda name: name.lower().removesuffix(".googleapis.com"),
        read=lambda name: f"{name}.googleapis.com",
    )
    parameters = [{"name": "SETTING_NAME"}, {"name": "NEW_VALUE"}]
    return Layout(
        source=f"google-workspace-{application}",
        format="google-workspace",
        words="eventName",
        paths={
            **_same("events/0/name", "eventName", "protoPayload.metadata.event.eventName"),
            **_same("events/0/parameters/0/value", "setting_name"),
            **_same("events/0/parameters/1/value", "new_value"),
        },
        base={
            "id": {"time": _AT, "applicationName": application},
            "actor": {"email": "ann@example.org"},
            "events": [{"name": "x", "parameters": parameters}],
        },
        derived=dict.fromkeys(
            ("eventService", "protoPayload.serviceName", "protoPayload.Servicename"), service
        ),
    )


LAYOUTS: Final = (
    Layout(
        source="webserver",
        format=_WEB,
        words="cs-uri-query",
        paths={
            **_same("a", "c-ip", "src_ip"), **_same("m", "cs-method"), **_same("h", "cs-host"),
            **_same("p", "cs-uri-stem", "c-uri-stem", "cs-uri", "c-uri"), **_same("q", "cs-uri-query", "c-uri-query"), **_same("s", "sc-status"),
            **_same("r", "cs-referer", "cs-referrer"), **_same("g", "c-useragent", "cs-user-agent"), **_same("u", "cs-username"),
        },
        numbers=frozenset({"sc-status"}),
        base={"t": _AT, "m": "GET", "p": "/index"},
        derived={"c-uri-extension": Derived(path=("p",), written=lambda text: f"/files/report.{text}", read=_extension)},
    ),
    Layout(
        source="cloudtrail",
        format="cloudtrail",
        words="errorMessage",
        paths=_dotted(
            "eventSource", "eventName", "eventType", "awsRegion", "errorCode", "errorMessage", "userAgent", "userIdentity.arn",
            "userIdentity.type", "userIdentity.sessionContext.sessionIssuer.type", "requestParameters.userName",
            "requestParameters.attribute", "requestParameters.enable", "responseElements.ConsoleLogin",
            "responseElements.accessKey.userName", "responseElements.publiclyAccessible", "additionalEventData.MFAUsed",
            "sourceIPAddress",
        ),
        base={"eventTime": _AT, "eventSource": "ec2.amazonaws.com", "eventName": "DescribeInstances", "eventID": "e"},
    ),
    Layout(
        source="k8s-audit",
        format="k8s-audit",
        words="userAgent",
        paths={
            **_dotted(
                "verb", "userAgent", "requestURI", "responseStatus.code", "stage", "level", "user.username", "objectRef.resource",
                "objectRef.subresource", "objectRef.namespace", "objectRef.name", "objectRef.apiGroup",
            ),
            **_same("objectRef/apiGroup", "apiGroup"),
        },
        base={
            "kind": "Event", "auditID": "a", "verb": "get", "stage": "ResponseComplete", "requestReceivedTimestamp": _AT,
            "objectRef": {"resource": "pods"},
        },
    ),
    Layout(
        source="okta",
        format="okta",
        words="displayMessage",
        paths=_dotted(
            "eventType", "displayMessage", "legacyEventType", "outcome.result", "outcome.reason", "securityContext.isProxy",
            "debugContext.debugData.behaviors", "debugContext.debugData.logOnlySecurityData", "debugContext.debugData.requestUri",
            "actor.alternateId", "actor.type",
        ),
        base={"published": _AT, "uuid": "o", "eventType": "user.session.start", "actor": {"alternateId": "ann@example.org"}},
    ),
    Layout(
        source="azure-activity",
        format="azure-activity",
        words="properties.message",
        paths={
            **_same("operationName", "operationName", "OperationName", "OperationNameValue"),
            **_same("resourceId", "resourceId", "ResourceId"), **_same("category", "CategoryValue"),
            **_same("properties/message", "properties.message"),
        },
        base={"time": _AT, "resourceId": "/subscriptions/s", "operationName": "X/ACTION", "correlationId": "c", "identity": {"claims": {"appid": "a"}}},
        derived={
            "ResourceProviderValue": Derived(
                path=("operationName",), written=lambda text: f"{text}/services/write", read=lambda text: text.partition("/")[0]
            )
        },
    ),
    Layout(
        source="entra-audit",
        format="entra-audit",
        words="failure_status_reason",
        paths={
            **_same("operationName", "operationName", "OperationName", "properties.message", "ActivityDisplayName", "ActivityType", "activityType"),
            **_same("properties/category", "Category"), **_same("properties/loggedByService", "LoggedByService"),
            **_same("properties/result", "Status", "properties.result"), **_same("properties/resultReason", "failure_status_reason"),
            **_same("properties/targetResources/0/type", "targetResources.type"), **_same("properties/targetResources/0/userPrincipalName", "Target"),
            **_same("properties/initiatedBy/user/userPrincipalName", "Initiatedby"),
        },
        base={"time": _AT, "category": "AuditLogs", "operationName": "Add user"},
    ),
    Layout(
        source="entra-signin",
        format="entra-signin",
        words="ResultDescription",
        paths={
            **_same("resultType", "ResultType"), **_same("resultDescription", "ResultDescription", "Resultdescription"),
            **_same("properties/authenticationRequirement", "AuthenticationRequirement"), **_same("properties/riskState", "RiskState"),
            **_same("properties/conditionalAccessStatus", "ConditionalAccessStatus", "conditionalAccessStatus"),
            **_same("properties/clientAppUsed", "ClientApp", "ClientAppUsed"),
            **_same("properties/deviceDetail/deviceId", "DeviceDetail.deviceId"), **_same("properties/deviceDetail/isCompliant", "DeviceDetail.isCompliant"),
            **_same("properties/deviceDetail/trustType", "DeviceDetail.trusttype"), **_same("properties/networkLocationDetails", "NetworkLocationDetails"),
            **_same("properties/resourceDisplayName", "ResourceDisplayName"), **_same("properties/userPrincipalName", "Username"),
            **_same("properties/userAgent", "userAgent"),
        },
        base={"time": _AT, "category": "SignInLogs", "operationName": "Sign-in activity"},
        derived={"Status": _outcome(("0",), ("Success", "Failure"), "resultType")},
    ),
    Layout(
        source="gcp-audit",
        format="gcp-audit",
        words="data.protoPayload.resource.type",
        paths={
            **_same("protoPayload/methodName", "gcp.audit.method_name", "data.protoPayload.methodName"),
            **_same("protoPayload/serviceName", "data.protoPayload.serviceName"), **_same("logName", "data.protoPayload.logName"),
            **_same("resource/type", "data.protoPayload.resource.type"),
        },
        base={"timestamp": _AT, "insertId": "i", "protoPayload": {"serviceName": "storage.googleapis.com", "methodName": "storage.objects.get"}},
    ),
    _workspace("admin"),
    _workspace("login"),
    Layout(
        source="m365-audit",
        format="m365-audit",
        words="ObjectId",
        paths={
            **_same("Workload", "Workload", "eventSource"), **_same("Operation", "Operation", "eventName"), **_same("ResultStatus", "ResultStatus"),
            **_same("ExtendedProperties/0/Value", "RequestType"),
            **_dotted("ObjectId", "ApplicationId", "DeliveryAction", "Directionality"),
        },
        base={
            "CreationTime": "2025-11-24T01:02:03", "Id": "e", "Operation": "FileAccessed", "RecordType": 6, "UserId": "ann@example.org",
            "ExtendedProperties": [{"Name": "RequestType"}],
        },
        derived={"status": _outcome(("Succeeded", "Success", "True", "PartiallySucceeded"), ("success", "failure"), "ResultStatus")},
    ),
    Layout(
        source="github-audit",
        format="github-audit",
        words="org",
        paths=_dotted("action", "actor", "org", "repo"),
        base={"created_at": 1763946123250, "action": "git.clone", "actor": "ann", "org": "example"},
    ),
)  # fmt: skip


def events_for(
    rules: Sequence[SigmaRule], layout: Layout, *, seed: str, each: int, empty: bool = True
) -> list[Event]:
    """`each` events for each rule: some of its selections with values that fit, and now and then one that misses by a letter, or
    that is `empty`."""
    rng = random.Random(f"{seed}/{layout.source}")  # noqa: S311  # the same log each time
    return [_event(rule, layout, rng, empty) for rule in rules for _ in range(each)]


def _event(rule: SigmaRule, layout: Layout, rng: random.Random, empty: bool) -> Event:
    values: dict[str, str | None] = {}
    misses = rng.random() < 0.5
    names = [name for name in rule.detection.detections if rng.random() < 0.75]
    items = [item for name in names for item in _items(rule.detection.detections[name], rng)]
    missed = rng.choice(items) if misses and items else None
    for item in items:
        text = _text(item, rng)
        if item is missed:
            text = _near(text, rng, empty)
        name = item.field or layout.words
        if item.field is None and values.get(name):
            text = f"{values[name]} {text}"
        values[name] = text
        for value in item.value:
            if isinstance(value, SigmaFieldReference) and item is not missed:
                values[value.field] = text
    return values


def _items(detection: SigmaDetection, rng: random.Random) -> Iterator[SigmaDetectionItem]:
    parts = detection.detection_items
    if all(isinstance(part, SigmaDetection) for part in parts):
        yield from _items(rng.choice(parts), rng)  # type: ignore[arg-type]
        return
    for part in parts:
        if isinstance(part, SigmaDetectionItem):
            yield part
        else:
            yield from _items(part, rng)


def _text(item: SigmaDetectionItem, rng: random.Random) -> str | None:
    every = any(kind.__name__ == "SigmaAllModifier" for kind in item.modifiers)
    chosen = item.value if every else [rng.choice(item.value)] if item.value else []
    texts = [_of_value(value, rng) for value in chosen]
    known = [text for text in texts if text is not None]
    return rng.choice(["", "x"]).join(known) if known else None


def _of_value(value: Any, rng: random.Random) -> str | None:
    if isinstance(value, SigmaExpansion):
        return _of_value(rng.choice(value.values), rng)
    if isinstance(value, SigmaString):
        many = SpecialChars.WILDCARD_MULTI
        parts = [
            part if isinstance(part, str) else rng.choice(("", "zz") if part == many else ("q", "7"))
            for part in value.s
        ]
        text = "".join(parts)
        return text.swapcase() if rng.random() < 0.3 else text
    if isinstance(value, SigmaNull):
        return None
    if isinstance(value, SigmaCIDRExpression):
        return str(next(iter(ip_network(str(value.network)).hosts())))
    if isinstance(value, SigmaCompareExpression):
        least = value.op in (CompareOperators.LT, CompareOperators.GT)
        return str(int(value.number.number) + (-1 if value.op is CompareOperators.LT else 1) * least)
    if isinstance(value, SigmaNumber):
        return str(value.number)
    if isinstance(value, SigmaBool):
        return str(value).lower()
    if isinstance(value, SigmaExists):
        return "there" if value else None
    if isinstance(value, SigmaRegularExpression):
        return re.sub(r"\\[bBdDwWsS]|\(\?[a-z]*\)|[\\^$()|?*+]|\{[^}]*\}", "", value.to_plain())
    if isinstance(value, SigmaFieldReference):
        return "alike"
    raise TypeError(f"no value is made of {type(value).__name__}")


def _near(text: str | None, rng: random.Random, empty: bool) -> str | None:
    if not text:
        return "x"
    if _ADDRESS.fullmatch(text):
        return rng.choice(
            ["203.0.113.9", "10.0.0.1", None]
        )  # SQLite has no addresses, only how their texts begin
    middle = len(text) // 2
    near = [text[:-1], f"x{text}", f"{text}x", f"{text[:middle]}_{text[middle:]}", "", None]
    return rng.choice([each for each in near if each != "" or empty])


def _written(layout: Layout, event: Event) -> dict[str, Any]:
    """The record of an event."""
    record: dict[str, Any] = json.loads(json.dumps(layout.base))
    for name, value in event.items():
        derived = layout.derived.get(name)
        way = derived.path if derived else layout.paths[name]
        where: Any = record
        for step, after in itertools.pairwise(way):
            if isinstance(step, int):
                where = where[step]
            else:
                where = where.setdefault(step, [{}] if isinstance(after, int) else {})
        last = way[-1]
        if not value and _at(layout.base, way) is not None:
            continue  # without it the line would be no event
        if value is None:
            where.pop(last, None)
        elif way == ("s",) and not value.isdigit():
            where[last] = "499"  # as above: a status is a number
        else:
            where[last] = derived.written(value) if derived else value
    return record


def _row(layout: Layout, record: Mapping[str, Any]) -> dict[str, str | None]:
    """The value of each Sigma field in a record."""
    row = {name: _at(record, path) for name, path in layout.paths.items()}
    for name, derived in layout.derived.items():
        found = _at(record, derived.path)
        row[name] = None if found is None else derived.read(found)
    if layout.source == "webserver" and row["cs-uri-query"] is not None:
        row["cs-uri"] = row["c-uri"] = f"{row['cs-uri-stem'] or ''}?{row['cs-uri-query']}"
    return row


def _at(record: Mapping[str, Any], path: Way) -> str | None:
    found: Any = record
    for step in path:
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and isinstance(step, int) and step < len(found):
            found = found[step]
        else:
            return None
    return None if found is None else str(found)


def matched_by_sqlite(rules: Sequence[str], layout: Layout, events: Sequence[Event]) -> list[set[int] | str]:
    """The numbers of the events that each rule (a YAML text) matches, or why SQLite cannot say."""
    rows = [_row(layout, _written(layout, event)) for event in events]
    texts = [json.dumps(_written(layout, event), ensure_ascii=False) for event in events]
    names = {name.lower(): name for row in rows for name in row}
    kinds = {name: "NUMERIC" if name in layout.numbers else "TEXT COLLATE NOCASE" for name in names.values()}
    shown = ", ".join(f"`{name}` {kind}" for name, kind in kinds.items())
    db = sqlite3.connect(":memory:")
    db.create_function("regexp", 2, lambda p, v: v is not None and re.search(p, str(v)) is not None)
    db.execute(f"CREATE TABLE logs (line INTEGER, whole TEXT, {shown})")
    holes = ", ".join("?" * (len(names) + 2))
    db.executemany(
        f"INSERT INTO logs VALUES ({holes})",
        [
            (n, text, *(row.get(name) for name in names.values()))
            for n, (row, text) in enumerate(zip(rows, texts, strict=True), 1)
        ],
    )
    policy = SigmaPolicy(regex_engine=PythonRegexEngine())
    found: list[set[int] | str] = []
    for rule in rules:
        try:
            backend = sqliteBackend(  # type: ignore[no-untyped-call]
                collate_nocase=True, fulltext_field="whole"
            )
            (query,) = backend.convert(SigmaCollection.from_yaml(rule, policy=policy))
            found.append({row[0] for row in db.execute(query.replace("SELECT *", "SELECT line", 1))})
        except Exception as fault:  # noqa: BLE001  # whatever another program cannot do is what is to be told
            found.append(" ".join(str(fault).split()))
    db.close()
    return found


def matched_by_whosaw(pack: RulePack, layout: Layout, events: Sequence[Event]) -> list[set[int]]:
    """The numbers of the events that each rule of the pack matches."""
    lines = [json.dumps(_written(layout, event), ensure_ascii=False) for event in events]
    data = "".join(f"{line}\n" for line in lines).encode()
    parser = build_parser(choose_format(layout.format, load_formats([shipped_formats()])), None, None)
    piece = Piece(data=data, lines=count_lines(data))
    parsed = parser.parse(piece).check(piece)
    if parsed.events.num_rows != len(events):
        raise ValueError(f"{layout.source}: {parsed.rejects['reason'].to_pylist()[:3]}")
    session = Session(threads=1)
    name = layout.format if ":" not in layout.format else "jsonl"
    matches = match_events(pack, parsed.events, name, session, _none).matches
    session.close()
    found: list[set[int]] = [set() for _ in pack.rules]
    for line, rule in zip(matches["line"].to_pylist(), matches["rule"].to_pylist(), strict=True):
        found[rule].add(line)
    return found


def _none(texts: pa.Array) -> npt.NDArray[np.uint8]:
    return np.zeros((len(texts), 16), np.uint8)
