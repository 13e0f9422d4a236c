"""What lies under dated prefixes is drafted as one log, and read end to end by the project file that says so."""

from __future__ import annotations

import gzip
import json
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.objects.s3_server import Bucket

from whosaw.app.init.look import as_project, look
from whosaw.app.project.file import load_project
from whosaw.app.scan import scan
from whosaw.app.watch import watch
from whosaw.core.errors import WhosawError

NOW = datetime(2026, 11, 28, tzinfo=UTC)
ALB = (
    "https 2026-11-{day:02}T10:00:{second:02}.186641Z app/web/1234 192.0.2.7:44740 198.51.100.1:80 0.086 0.048 0.037 200 200 34 57 "
    '"GET https://shop.example.org:443/members/{member} HTTP/1.1" "curl/8" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 '
    'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1 "Root=1-1-1" "shop.example.org" "-" 0\n'
)
MEMBERS = "AWSLogs/111122223333/elasticloadbalancing/eu-west-1/2026/11"
TRAIL = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11"


def trail_of(day: int) -> bytes:
    record = {
        "eventVersion": "1.08", "eventTime": f"2026-11-{day:02}T11:00:00Z", "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject", "awsRegion": "eu-west-1", "sourceIPAddress": "192.0.2.9", "userAgent": "aws-cli",
        "userIdentity": {"type": "IAMUser", "userName": "dora", "principalId": "AIDAEXAMPLE"},
        "requestParameters": {"bucketName": "exports", "key": "members.csv"}, "eventID": f"e-{day}", "requestID": "r",
    }  # fmt: skip
    return json.dumps({"Records": [record]}).encode()


@pytest.fixture
def logs(bucket: Bucket) -> Bucket:
    for day in (1, 2, 3):
        text = "".join(ALB.format(day=day, second=n, member=n) for n in range(40))
        name = f"111122223333_elasticloadbalancing_eu-west-1_app.web.1234_202611{day:02}T1005Z_192.0.2.1_abcd{day}efg.log.gz"
        bucket.put(f"{MEMBERS}/{day:02}/{name}", gzip.compress(text.encode(), mtime=0))
        name = f"111122223333_CloudTrail_eu-west-1_202611{day:02}T1100Z_abcdefghijklmno{day}.json.gz"
        bucket.put(f"{TRAIL}/{day:02}/{name}", gzip.compress(trail_of(day), mtime=0))
    return bucket


def test_layouts_of_aws_are_read_from_a_bucket(logs: Bucket, tmp_path: Path) -> None:
    report = scan([logs.address("AWSLogs/")], tmp_path / "w", now=NOW)
    assert {(each.format, each.lines, each.rejects) for each in report.contents} == {
        ("alb", 40, 0), ("cloudtrail", 1, 0),
    }  # fmt: skip
    assert {each.source for each in report.contents} == {
        "111122223333/elasticloadbalancing/eu-west-1/111122223333_elasticloadbalancing_eu-west-1_app.web.1234.log",
        "111122223333/CloudTrail/eu-west-1/111122223333_CloudTrail_eu-west-1.json",
    }
    for name in report.coverage:
        assert name.events in (120, 3)


def test_dated_prefixes_are_drafted_as_one_log_and_read_as_the_project_says(
    logs: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = look([logs.address(MEMBERS + "/")], here=Path(), day=date(2026, 11, 28))
    (group,) = found.groups
    assert (group.proposal.format, len(group.files)) == ("alb", 1)
    assert group.files[0].startswith(logs.address(MEMBERS))
    assert as_project(found, Path(), zone=None).patterns == group.files
    (tmp_path / "whosaw.toml").write_text(
        f'[[logs]]\nfiles = ["{group.files[0]}"]\nsource = "balancer"\n', encoding="utf-8"
    )
    project = load_project(Path("whosaw.toml"))
    report = scan(project.patterns, tmp_path / "w", now=NOW, project=project)
    assert [(each.source, each.lines) for each in report.contents] == [("balancer", 40)] * 3


def test_objects_are_not_followed(logs: Bucket, tmp_path: Path) -> None:
    with pytest.raises(WhosawError) as refused:
        watch(
            [logs.address("AWSLogs/")], tmp_path / "w", sinks=(), clock=lambda: NOW, stop=threading.Event(), once=True
        )  # fmt: skip
    assert refused.value.code == "watch.objects"
    assert not (tmp_path / "w").exists()
