"""Logs of one kind: every shipped JSON format, and applications that nobody knows, with the names that the products document and
that applications commonly have."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from whosaw.ingest.format_item import FormatItem, load_formats, shipped_formats

__all__ = ["ALL", "ITEMS", "LINES", "PLACES", "Make", "address", "alone", "epoch", "expected", "iso", "log"]

ITEMS: Final = load_formats([shipped_formats()])
LINES: Final = 100
PLACES: Final = {"head": 0, "middle": 50, "end": 99}
Make = Callable[[int], dict[str, Any]]


def iso(n: int) -> str:
    return f"2025-11-24T{n // 60 % 24:02}:{n % 60:02}:03.250Z"


def epoch(n: int) -> float:
    return 1763942400.25 + 60 * n


def address(n: int) -> str:
    return f"192.0.2.{n % 250 + 1}"


PRODUCTS: dict[str, Make] = {
    "caddy": lambda n: {
        "level": "info", "ts": epoch(n), "logger": "http.log.access.log0", "msg": "handled request",
        "request": {"remote_ip": address(n), "client_ip": address(n), "proto": "HTTP/2.0", "method": "GET",
                    "host": "shop.example.org", "uri": f"/orders/{n}", "headers": {"User-Agent": ["curl/8.5"]}},
        "user_id": "", "duration": 0.01, "size": 900 + n, "status": 200, "resp_headers": {},
    },
    "cloudtrail": lambda n: {
        "eventVersion": "1.08", "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::111122223333:user/u{n % 7}"},
        "eventTime": iso(n)[:19] + "Z", "eventSource": "s3.amazonaws.com", "eventName": "GetObject",
        "sourceIPAddress": address(n), "userAgent": "aws-cli/2", "requestParameters": {"bucketName": "b", "key": f"k{n}"},
        "responseElements": None, "eventID": f"e-{n}", "recipientAccountId": "111122223333",
    },
    "ecs": lambda n: {
        "@timestamp": iso(n), "ecs": {"version": "8.11.0"}, "event": {"kind": "event", "category": ["web"], "dataset": "nginx.access"},
        "source": {"ip": address(n)}, "http": {"request": {"method": "GET"}, "response": {"status_code": 200, "body": {"bytes": 9}}},
        "url": {"path": f"/member/{n}", "domain": "shop.example.org"}, "user_agent": {"original": "curl/8"}, "user": {"id": f"u{n}"},
    },
    "jsonl": lambda n: {
        "time": iso(n), "remote_addr": address(n), "request": f"GET /member/{n}?tab=1 HTTP/1.1", "status": "200",
        "body_bytes_sent": "51", "http_user_agent": "Mozilla/5.0", "sub": f"u{n}",
    },
    "k8s-audit": lambda n: {
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": f"a-{n}", "stage": "ResponseComplete",
        "requestURI": f"/api/v1/namespaces/shop/secrets/db{n}", "verb": "get", "user": {"username": f"u{n % 5}", "groups": ["dev"]},
        "sourceIPs": [address(n)], "userAgent": "kubectl/v1.31", "responseStatus": {"code": 200},
        "objectRef": {"resource": "secrets", "namespace": "shop", "name": f"db{n}"}, "requestReceivedTimestamp": iso(n), "stageTimestamp": iso(n),
    },
    "keycloak": lambda n: {
        "id": f"k-{n}", "time": int(epoch(n) * 1000), "type": "LOGIN", "realmId": "shop", "clientId": "web", "userId": f"u-{n}",
        "sessionId": f"s-{n}", "ipAddress": address(n), "details": {"username": f"n{n}", "token_id": f"t-{n}"},
    },
    "ocsf-api": lambda n: {
        "class_uid": 6003, "time": int(epoch(n) * 1000), "status_id": 1, "metadata": {"uid": f"m-{n}", "product": {"name": "CloudTrail"}},
        "api": {"operation": "GetObject", "service": {"name": "s3.amazonaws.com"}}, "actor": {"user": {"uid": f"u-{n}"}},
        "src_endpoint": {"ip": address(n)}, "resources": [{"uid": f"members/{n}"}],
    },
    "ocsf-http": lambda n: {
        "class_uid": 4002, "time": int(epoch(n) * 1000), "status_id": 1, "metadata": {"uid": f"m-{n}"}, "src_endpoint": {"ip": address(n)},
        "http_request": {"http_method": "GET", "url": {"hostname": "shop.example.org", "path": f"/member/{n}"}, "user_agent": "curl/8"},
        "http_response": {"code": 200, "length": 99}, "actor": {"user": {"uid": f"u-{n}"}},
    },
    "okta": lambda n: {
        "uuid": f"o-{n}", "published": iso(n), "eventType": "user.session.start", "severity": "INFO",
        "actor": {"id": f"00u{n}", "type": "User", "alternateId": f"u{n}@example.org"}, "client": {"ipAddress": address(n)},
        "outcome": {"result": "SUCCESS"}, "target": [{"id": "0oa1", "alternateId": "shop"}],
    },
    "traefik": lambda n: {
        "ClientAddr": f"{address(n)}:39490", "ClientHost": address(n), "DownstreamContentSize": 356, "DownstreamStatus": 200, "Duration": 215563,
        "RequestHost": "shop.example.org", "RequestMethod": "GET", "RequestPath": f"/member/{n}", "RequestProtocol": "HTTP/1.1",
        "StartUTC": iso(n), "level": "info", "msg": "", "time": iso(n),
    },
    "zeek-http-json": lambda n: {
        "ts": epoch(n), "uid": f"C{n}", "id.orig_h": address(n), "id.orig_p": 49203, "id.resp_h": "198.51.100.9", "id.resp_p": 80, "trans_depth": 1,
        "method": "GET", "host": "shop.example.org", "uri": f"/member/{n}", "version": "1.1", "user_agent": "curl/8", "status_code": 200,
    },
    "zeek-json": lambda n: {
        "_path": "conn", "ts": epoch(n), "uid": f"C{n}", "id.orig_h": address(n), "id.orig_p": 49203, "id.resp_h": "198.51.100.9",
        "id.resp_p": 443, "proto": "tcp", "service": "ssl", "conn_state": "SF",
    },
}  # fmt: skip
APPLICATIONS: dict[str, Make] = {
    "shop": lambda n: {"timestamp": iso(n), "level": "INFO", "service": "shop", "user_id": n % 9, "client_ip": address(n), "method": "GET",
                       "path": f"/account/{n}", "status": 200, "latency_ms": 12},
    "crm": lambda n: {"timestamp": iso(n), "user": {"id": f"agent-{n % 4}", "role": "care"}, "client": {"ip": address(n), "app": "crm"},
                      "request": {"method": "GET", "path": f"/customers/{n}", "id": f"r{n}"}, "response": {"status": 200}},
    "node": lambda n: {"level": 30, "time": int(epoch(n) * 1000), "pid": 7, "hostname": "api-1", "req": {"id": n, "method": "GET", "url": f"/v1/people/{n}?full=1",
                       "remoteAddress": address(n), "remotePort": 4000}, "res": {"statusCode": 200}, "responseTime": 4, "msg": "request completed"},
    "bank": lambda n: {"eventTime": iso(n), "channel": "branch", "operation": "VIEW_ACCOUNT", "employee_id": f"E{n % 6}", "resource": f"ACC-{n}",
                       "outcome": "success", "terminal": f"T{n % 3}"},
    "hospital": lambda n: {"recorded": iso(n), "action": "read", "actor": {"id": f"dr{n % 5}", "type": "practitioner"}, "target": {"type": "patient", "id": f"P{n}"},
                           "site": "ward-3"},
    "graphql": lambda n: {"ts": epoch(n), "operationName": "GetMember", "variables": {"id": n}, "viewer": {"sub": f"u{n % 8}"}, "ip": address(n), "latency": 3},
    "logstash": lambda n: {"@timestamp": iso(n), "@version": "1", "event": {"category": "access"}, "user_id": f"u{n % 9}", "ip": address(n), "uri": f"/tickets/{n}",
                           "status": 200, "message": "done"},
    "desk": lambda n: {"ts": epoch(n), "uid": f"d-{n}", "action": "open_record", "user": f"a{n % 3}", "ip": address(n), "record_id": f"R{n}", "ok": True},
    "dotnet": lambda n: {"Timestamp": iso(n), "Level": "Information", "UserName": f"EXAMPLE\\u{n % 5}", "RequestMethod": "GET", "RequestPath": f"/member/{n}",
                         "StatusCode": 200, "ClientIp": address(n), "SourceContext": "Shop.Web"},
    "mail": lambda n: {"created_at": iso(n), "type": "message.read", "event_type": "message.read", "clientId": "imap", "username": f"m{n % 9}", "remote_ip": address(n),
                       "object": f"mailbox/{n}", "bytes": 812},
}  # fmt: skip


def first_event(item: FormatItem) -> dict[str, Any]:
    """What the first case of an item is a line of."""
    event: dict[str, Any] = json.loads(item.cases[0].text.splitlines()[0])
    return event


def same(event: dict[str, Any], _: int) -> dict[str, Any]:
    return event


CASES: dict[str, Make] = {
    item.id: partial(same, first_event(item))
    for item in ITEMS.values()
    if item.kind == "json" and item.id not in PRODUCTS
}
"""Every other JSON format, by the line of its first case."""
ALL = {**PRODUCTS, **CASES, **APPLICATIONS}


def log(make: Make, odd: bytes | None = None, at: int = 0) -> bytes:
    lines = [json.dumps(make(n)).encode() for n in range(LINES)]
    if odd is not None:
        lines[at] = odd
    return b"\n".join(lines) + b"\n"


def expected(name: str) -> str:
    return name if name in ITEMS else "jsonl"


def alone(name: str) -> Iterator[tuple[str, str, bytes]]:
    """A log of one kind with one line of every other kind, at its head, in its middle and at its end: kind and place of that line,
    and the log."""
    for other, make in ALL.items():
        for place, line in PLACES.items() if other != name else ():
            yield other, place, log(ALL[name], json.dumps(make(500)).encode(), line)
