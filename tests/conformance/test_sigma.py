"""Sigma rules over logs that nobody here wrote. Each truth is the README's beside those logs, or counted with plain text tools."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from whosaw.app.reading.lines import open_line
from whosaw.app.scan import scan
from whosaw.core.finding import Finding
from whosaw.store.workspace import Workspace

DATA = Path(os.environ.get("WHOSAW_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real logs are not at {DATA} (WHOSAW_TEST_DATA)"
)
SECRETS = """\
title: A secret was read
name: read_secret
logsource: {product: aws, service: cloudtrail}
detection:
  read: {eventSource: secretsmanager.amazonaws.com, eventName: GetSecretValue}
  refused: {errorCode|exists: true}
  condition: read and not refused
---
title: One user read many secrets
id: 3b1d6a52-6a0e-4d5e-9a52-0d6f3d5b7a10
level: high
tags: [attack.t1555.006]
correlation:
  type: value_count
  rules: [read_secret]
  group-by: [userIdentity.arn]
  timespan: 1h
  condition: {gte: 20, field: requestParameters.secretId}
"""
PROBES = """\
title: WordPress was looked for
id: 5d8c0b3e-2f1c-4c74-8a0d-7e3f0a2b9c11
logsource: {category: webserver}
detection:
  s:
    cs-uri-stem|contains: [wp-login, /wp-admin, phpmyadmin]
  condition: s
level: low
"""
LOGINS = """\
title: A login
id: 9f4a1c2d-7b6e-4f0a-b1c3-5e6d7f8a9b12
logsource: {product: linux, service: sshd}
detection:
  keywords: ['Accepted password for', 'Accepted publickey for']
  condition: keywords
---
title: A user that is not there
name: no_user
logsource: {product: linux, service: sshd}
detection:
  s:
    message|startswith: 'Invalid user '
  condition: s
---
title: Many users that are not there
id: 9f4a1c2d-7b6e-4f0a-b1c3-5e6d7f8a9b13
correlation:
  type: event_count
  rules: no_user
  group-by: [hostname]
  timespan: 365d
  condition: {gte: 178}
"""


def findings(tmp_path: Path, path: str, rules: str, zone: str | None = None) -> list[Finding]:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "rules.yml").write_text(rules)
    report = scan(
        [str(DATA / path)], tmp_path / "w", now=datetime(2025, 11, 24, tzinfo=UTC), zone=zone, sigma=folder
    )
    assert report.sigma is not None
    assert {each.state for each in report.sigma.rules} == {"ran"}
    return list(report.findings)


def opened(tmp_path: Path, finding: Finding) -> list[str]:
    workspace = Workspace.open(tmp_path / "w")
    try:
        return [open_line(workspace, each).text.decode() for each in finding.locators]
    finally:
        workspace.close()


def test_twenty_secrets_were_read_by_one_user(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, "invictus_aws/CloudTrail", SECRETS)
    assert (finding.detector, finding.technique) == (
        "sigma:3b1d6a52-6a0e-4d5e-9a52-0d6f3d5b7a10",
        "T1555.006",
    )
    assert finding.actor.by == ("principal",)
    assert any("Up to 20 values of requestParameters.secretId" in fact for fact in finding.facts)
    assert all('"GetSecretValue"' in line for line in opened(tmp_path, finding))


def test_every_client_that_looked_for_wordpress_is_found(tmp_path: Path) -> None:
    wanted: dict[tuple[str, str], int] = {}
    for line in (
        (DATA / "elastic_examples/semicomplete_apache_access.log").read_text("utf-8", "replace").splitlines()
    ):
        parts = line.split('"')
        path = parts[1].split()[1].partition("?")[0]
        if re.search("wp-login|/wp-admin|phpmyadmin", path, re.IGNORECASE):
            client = (line.split()[0], parts[5])
            wanted[client] = wanted.get(client, 0) + 1
    found = findings(tmp_path, "elastic_examples/semicomplete_apache_access.log", PROBES)
    lines = [opened(tmp_path, each) for each in found]
    assert len(found) == len(wanted) == 34
    assert {(each[0].split()[0], each[0].split('"')[5]): len(each) for each in lines} == wanted


def test_logins_of_sshd_come_from_four_addresses(tmp_path: Path) -> None:
    found = findings(tmp_path, "elastic_examples/ec2_sshd_auth.log", LOGINS, zone="UTC")
    logins = [each for each in found if each.detector.endswith("b12")]
    counts = [re.match(r"([\d,]+) lines?", each.facts[0]) for each in logins]
    assert len(logins) == 4
    assert sum(int(each[1].replace(",", "")) for each in counts if each) == 226
    assert len([each for each in found if each.detector.endswith("b13")]) == 1
