"""Structured formats against logs that nobody here wrote. Each truth is the README's beside those logs."""

import json
import os
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from whosaw.core.instants import parse_zone
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.format_item import load_format, shipped_formats
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Parsed, Parser, Piece

DATA = Path(os.environ.get("WHOSAW_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real logs are not at {DATA} (WHOSAW_TEST_DATA)"
)


def parser(name: str, zone: str | None = None) -> Parser:
    item = load_format(shipped_formats() / f"{name}.toml")
    return build_parser(item, parse_zone(zone) if zone else None, None)


def parse(name: str, file: str | Path) -> Parsed:
    data = (DATA / file).read_bytes()
    piece = Piece(data=data, lines=count_lines(data))
    return parser(name).parse(piece).check(piece)


def test_cloudtrail_of_the_lab_attack_has_2900_events_in_55_documents_each_with_its_own_id() -> None:
    files = sorted((DATA / "invictus_aws/CloudTrail").glob("*.json"))
    found = [parse("cloudtrail", file) for file in files]
    ids = [one for parsed in found for one in parsed.events["request_id"].to_pylist()]
    assert len(files) == 55
    assert sum(parsed.rejects.num_rows for parsed in found) == 0
    assert (len(ids), len(set(ids))) == (2900, 2900)


def test_twenty_secrets_were_read_by_one_named_user() -> None:
    readers: dict[str, set[str]] = {}
    for file in (DATA / "invictus_aws/CloudTrail").glob("*.json"):
        for event in parse("cloudtrail", file).events.to_pylist():
            if event["action"] == "secretsmanager:GetSecretValue" and event["ok"]:
                readers.setdefault(event["principal"], set()).add(event["object"])
    assert [len(secrets) for secrets in readers.values()] == [20]
    assert ":user/" in next(iter(readers))


def test_one_object_was_read_twice_by_one_role_session() -> None:
    (file,) = (DATA / "otrf_security_datasets/aws").glob("*.json")
    parsed = parse("cloudtrail", file)
    assert (parsed.events.num_rows, parsed.rejects.num_rows) == (103, 0)
    reads = Counter(
        (event["object"], event["principal"], event["session"], event["ok"])
        for event in parsed.events.to_pylist()
        if event["action"] == "s3:GetObject"
    )
    assert list(reads.values()) == [2]
    ((object_, principal, session, ok),) = reads
    assert object_.endswith("/ring.txt")
    assert ":assumed-role/" in principal
    assert session
    assert ok is True


@pytest.mark.parametrize(
    ("name", "file", "events"),
    [
        ("zeek-http-tsv", "zat_zeek/http.log", 150),
        ("zeek-http-json", "zat_zeek/json/http.log", 28),
        ("cloudtrail", "plaso_test_data/jsonl/aws_cloudtrail.jsonl", 6),
        ("jsonl", "plaso_test_data/jsonl/azure_activity_log.jsonl", 4),
        ("w3c", "plaso_test_data/iis/iis6.log", 12),
        ("w3c", "plaso_test_data/iis/iis7_owa.log", 3),
        ("w3c", "plaso_test_data/iis/iis10.log", 1),
        ("traefik", "crowdsec_hub/traefik_base-http-scenario/traefik_base-http-scenario.log", 80),
        ("k8s-audit", "crowdsec_hub/k8s-audit-pod-exec-file/k8s-audit-pod-exec-file.log", 1),
        ("cloudfront", "crowdsec_hub/aws-cloudfront-logs/aws-cloudfront-logs.log", 2),
        ("cloudtrail", "crowdsec_hub/aws-cloudtrail/aws-cloudtrail.log", 2),
        ("cloudtrail", "crowdsec_hub/aws-bf/aws-bf.log", 6),
        ("cloudtrail", "crowdsec_hub/aws-cloudtrail-postexploit/aws-cloudtrail-postexploit.log", 4),
        ("cloudtrail", "crowdsec_hub/aws-nwo-login/aws-nwo-login.log", 1),
        ("jsonl", "crowdsec_hub/teleport-bf/teleport-bf.log", 6),
    ],
)
def test_every_line_is_an_event(name: str, file: str, events: int) -> None:
    parsed = parse(name, file)
    assert (parsed.events.num_rows, parsed.rejects.num_rows) == (events, 0)


@pytest.mark.parametrize(
    ("name", "file", "lines"),
    [
        *[("zeek-tsv", f"zat_zeek/{log}.log", n) for log, n in (("conn", 360), ("files", 113), ("ftp", 7))],
        *[("zeek-tsv", f"zat_zeek/{log}.log", n) for log, n in (("notice", 2), ("ssl", 37))],
        *[
            ("zeek-json", f"zat_zeek/json/{log}.log", n)
            for log, n in (("conn", 50), ("files", 50), ("ssl", 50))
        ],
        ("zeek-json", "zat_zeek/json/kerberos.log", 14),
    ],
)
def test_other_zeek_logs_are_events_but_never_http(name: str, file: str, lines: int) -> None:
    generic, http = parse(name, file), parse(name.replace("zeek-", "zeek-http-"), file)
    assert (generic.events.num_rows, http.events.num_rows, http.rejects.num_rows) == (lines, 0, lines)
    assert not {"method", "status", "path", "ok"} & set(generic.events.column_names)


@pytest.mark.parametrize(
    ("name", "file"), [("zeek-tsv", "zat_zeek/http.log"), ("zeek-json", "zat_zeek/json/http.log")]
)
def test_http_is_refused_by_the_generic_zeek_formats(name: str, file: str) -> None:
    assert parse(name, file).events.num_rows == 0


def test_iis_events_say_what_plaso_expects() -> None:
    first = parse("w3c", "plaso_test_data/iis/iis7_owa.log").events.slice(0, 1).to_pylist()[0]
    assert (first["method"], first["path"], first["status"]) == ("GET", "/owa/", 200)
    assert first["time"].isoformat() == "2015-12-31T00:19:48+00:00"


def labelled(kind: str) -> pa.Table:
    logs = [
        json.loads(line) for line in (DATA / "_truth/dev_panther_tests.jsonl").read_text("utf-8").splitlines()
    ]
    lines = [json.dumps(one["log"]) for one in logs if one["log_types"] == [kind]]
    data = ("\n".join(lines) + "\n").encode()
    return Piece(data=data, lines=len(lines))


def test_labelled_okta_events_parse_unless_their_time_was_blanked() -> None:
    piece = labelled("Okta.SystemLog")
    parsed = parser("okta").parse(piece).check(piece)
    reasons = Counter(parsed.rejects["reason"].to_pylist())
    assert parsed.events.num_rows + sum(reasons.values()) == 66
    assert set(reasons) <= {"no published", "the time is not understood"}
    assert parsed.events.num_rows >= 58
    assert parsed.events["principal"].null_count == 0


def test_labelled_cloudtrail_events_parse_where_they_have_a_time() -> None:
    piece = labelled("AWS.CloudTrail")
    parsed = parser("cloudtrail").parse(piece).check(piece)
    assert parsed.events.num_rows + parsed.rejects.num_rows == 461
    assert parsed.events.num_rows > 400
