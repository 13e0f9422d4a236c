"""Layouts are drafted from real logs as if nobody knew them, and hold the fields that their documents name."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from whosaw.ingest.drafts.propose import propose
from whosaw.ingest.format_cases import case_faults
from whosaw.ingest.format_item import load_format

DATA = Path(os.environ.get("WHOSAW_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real logs are not at {DATA} (WHOSAW_TEST_DATA)"
)


def cloudtrail() -> bytes:
    """Some of the files of the lab attack: documents with Records."""
    files = sorted((DATA / "invictus_aws/CloudTrail").glob("*.json"))[::6]
    return b"".join(
        json.dumps(each).encode() + b"\n"
        for file in files
        for each in json.loads(file.read_bytes())["Records"]
    )


def apache() -> bytes:
    """The public site as a table with semicolons and other names."""
    lines = (
        (DATA / "elastic_examples/semicomplete_apache_access.log").read_text(encoding="utf-8").splitlines()
    )
    rows = []
    for line in lines[::20]:
        address, rest = line.split(" ", 1)
        time, rest = rest.split("[", 1)[1].split("] ", 1)
        request, rest = rest[1:].split('" ', 1)
        rows.append(f'{time};{address};"{request}";{rest.split(" ", 1)[0]}')
    return "\n".join(["zeit;wer;was;code", *rows]).encode() + b"\n"


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (
            (DATA / "zat_zeek/json/http.log").read_bytes,
            {"time": "ts", "address": '"id.orig_h"', "method": "method", "path": "{uri|path}", "status": "status_code", "agent": "user_agent"},
        ),
        (cloudtrail, {"time": "eventTime", "address": "sourceIPAddress", "action": "eventName"}),
        (apache, {"time": "zeit", "address": "wer", "method": "{was|method}", "path": "{was|target|path}", "status": "code"}),
    ],
    ids=["zeek", "cloudtrail", "apache"],
)  # fmt: skip
def test_fields_are_found_in_real_logs(
    sample: Callable[[], bytes], expected: dict[str, str], tmp_path: Path
) -> None:
    draft = propose([sample()], day=date(2025, 11, 25))
    assert draft is not None
    found = {each.column: each.source for each in draft.columns}
    assert {name: found.get(name) for name in expected} == expected
    (tmp_path / "own.toml").write_text(draft.text, encoding="utf-8")
    assert case_faults(load_format(tmp_path / "own.toml")) == []


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("crowdsec_hub/authentik-bf/authentik-bf.log", "context.username"),
        ("crowdsec_hub/miniflux-bf/miniflux-bf.log", "username"),
        ("crowdsec_hub/mongodb-bf/mongodb-bf.log", "attr.principalName"),
        ("crowdsec_hub/proxmox-bf/proxmox-bf.log", "user"),
        (
            "otrf_security_datasets/aws/ec2_proxy_s3_exfiltration_2020-09-14011940.json",
            "userIdentity.userName",
        ),
        ("splunk_attack_data/attack_techniques/T1621/pingid/pingid.log", "actors[0].name"),
        ("crowdsec_hub/proxmox-iptables-logs/proxmox-iptables.log", None),
        ("crowdsec_hub/synology-dsm-bf/synology-dsm-bf.log", None),  # process ids alone
        ("crowdsec_hub/traefik_base-http-scenario/traefik_base-http-scenario.log", None),
        ("zat_zeek/json/http.log", None),
    ],
)
def test_who_did_it_is_found_in_real_logs_and_nobody_where_nobody_is_named(
    name: str, who: str | None
) -> None:
    """By what the documents of these products say of their fields."""
    found = [path for path in (DATA / name).parent.glob(f"{Path(name).stem}*") if path.is_file()]
    if not found:
        pytest.skip(f"{name} is not here")
    draft = propose([found[0].read_bytes()[:400_000]], day=date(2025, 11, 25))
    assert [each.source for each in (draft.columns if draft else ()) if each.column == "principal"] == (
        [who] if who else []
    )
